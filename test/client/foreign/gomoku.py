"""One player of a game of gomoku, a native client that knows nothing but the .proto files. It moves when the pushes say so.

Usage: gomoku.py USERNAME FIRST_URL OPPONENT [SECOND_URL]. OPPONENT is `host` to open a room and wait for a guest, or the id
of the room to enter. Prints what it does on standard output, one line each. With a second URL it loses its connection
after its third move, prints "dropped", waits for a line on standard input, and goes on there.
"""

import asyncio
import json
import sys

from framegate.v1 import auth_pb2, channel_pb2, envelope_pb2, game_pb2
from native_client import Client, Refused, connect, step

PASSWORD = "correct horse battery"
SIZE = 15
BLACK, WHITE = 1, 2
DROPS_AFTER = 3


class Player:
    def __init__(self, client, user_id):
        self.client = client
        self.user_id = user_id
        self.room_id = ""
        self.position = None
        self.ledger = []
        self.first_event = self.last_event = 0
        self.status = game_pb2.ROOM_STATUS_WAITING
        self.results = {}
        self.ready = set()
        # Made of the events alone.
        self.board = bytearray(SIZE * SIZE)
        self.moves = 0

    def enter(self, reply):
        """What the reply to CreateRoom or JoinRoom says: the room includes events up to a number, others come later."""
        self.room_id = reply.room.id
        self.position = auth_pb2.ChannelPosition(channel=reply.channel, offset=reply.offset, epoch=reply.epoch)
        self.last_event = reply.event_number
        self.first_event = reply.event_number + 1

    def take(self, push):
        """A push, in order, as the page on the protocol requires: remember the position, drop what was seen already."""
        if push.protocol == 1504:
            reset = channel_pb2.ChannelReset.FromString(push.body)
            assert reset.channel != self.position.channel, f"a gap: {reset}"
            return
        if push.channel != self.position.channel:
            return
        assert (push.epoch, push.offset) == (self.position.epoch or push.epoch, self.position.offset + 1), push
        self.position.offset, self.position.epoch = push.offset, push.epoch
        event = {2501: game_pb2.RoomEvent, 2502: game_pb2.GameEvent}[push.protocol].FromString(push.body)
        assert event.room_id == self.room_id
        if event.event_number <= self.last_event:
            return
        self.last_event = event.event_number
        if push.protocol == 2502:
            self.moved(event)
        else:
            self.changed(event)

    def moved(self, event):
        move = game_pb2.GomokuMove.FromString(event.payload)
        self.moves += 1
        assert event.action_number == self.moves, event
        self.board[move.row * SIZE + move.column] = BLACK if self.moves % 2 == 1 else WHITE
        self.ledger.append([event.event_number, event.user_id, move.row, move.column])

    def changed(self, event):
        self.status = event.status
        kind = game_pb2.RoomEvent.Kind.Name(event.kind)
        self.ledger.append([event.event_number, event.member.user_id, kind])
        if event.kind == game_pb2.RoomEvent.KIND_READY:
            self.ready.add(event.member.user_id)
        for player in event.results:
            self.results[player.user_id] = game_pb2.GameResult.Name(player.result)

    def has_five(self):
        """Whether a player has five in a row, by the events."""
        steps = [(0, 1), (1, 0), (1, 1), (1, -1)]
        cells = {(i // SIZE, i % SIZE): stone for i, stone in enumerate(self.board) if stone}
        return any(
            all(cells.get((row + down * i, column + right * i)) == stone for i in range(5))
            for (row, column), stone in cells.items()
            for down, right in steps
        )

    async def until(self, met):
        while not met():
            self.take(await self.client.push())

    async def act(self, action, payload=b""):
        request = game_pb2.GameActionRequest(room_id=self.room_id, action=action, payload=payload)
        return await self.client.call(2006, request, game_pb2.GameActionResponse)

    async def state(self):
        request = game_pb2.GetGameStateRequest(room_id=self.room_id)
        reply = await self.client.call(2001, request, game_pb2.GetGameStateResponse)
        return game_pb2.GomokuState.FromString(reply.state)

    async def place(self, row, column):
        move = game_pb2.GomokuMove(row=row, column=column)
        return await self.act(game_pb2.ROOM_ACTION_MOVE, move.SerializeToString())

    async def place_refused(self, row, column):
        try:
            await self.place(row, column)
        except Refused as error:
            assert error.code == envelope_pb2.ERROR_CODE_PRECONDITION_FAILED, error
            return
        raise AssertionError("an illegal move was taken")


async def login(url, username):
    client = Client(await connect(url))
    await client.call(1002, auth_pb2.RegisterRequest(username=username, password=PASSWORD), auth_pb2.RegisterResponse)
    request = auth_pb2.LoginRequest(username=username, password=PASSWORD)
    return client, await client.call(1001, request, auth_pb2.LoginResponse)


async def gather(player, opponent):
    """Both meet in a room, and the host starts the game."""
    if opponent == "host":
        request = game_pb2.CreateRoomRequest(name="duel", game="gomoku")
        player.enter(await player.client.call(2002, request, game_pb2.CreateRoomResponse))
        step(f"room {player.room_id}")
        await player.until(lambda: player.ready)
        await player.act(game_pb2.ROOM_ACTION_START)
    else:
        request = game_pb2.JoinRoomRequest(room_id=opponent)
        player.enter(await player.client.call(2003, request, game_pb2.JoinRoomResponse))
        await player.act(game_pb2.ROOM_ACTION_READY)
    await player.until(lambda: player.status == game_pb2.ROOM_STATUS_PLAYING)
    step("playing")


async def move_elsewhere(player, url, tokens):
    """The connection is lost, with all that came on it and was not looked at yet; the opponent moves meanwhile."""
    player.client.socket.transport.abort()
    step("dropped")
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    player.client = Client(await connect(url))
    request = auth_pb2.ConnectRequest(access_token=tokens.access_token, positions=[player.position])
    reply = await player.client.call(1000, request, auth_pb2.ConnectResponse)
    recovered = {recovery.channel: recovery.recovered for recovery in reply.recoveries}
    assert recovered[player.position.channel], recovered
    # What was missed came before the reply.
    moves = player.moves
    while player.client.pushes:
        player.take(player.client.pushes.pop(0))
    step(f"back on {reply.session.node_id}, {player.moves - moves} moves missed")


async def play(player, second_url, tokens):
    start = await player.state()
    assert player.user_id in (start.black_user_id, start.white_user_id)
    colour = BLACK if start.black_user_id == player.user_id else WHITE
    # Black builds a row, and white one below it, which is always a stone behind.
    row = 7 if colour == BLACK else 8
    own = 0
    while True:
        await player.until(lambda: player.moves % 2 == colour - 1 or player.has_five())
        if player.has_five():
            break
        if colour == WHITE:
            await player.place_refused(7, 0)
        await player.place(row, own)
        own += 1
        await player.until(lambda: player.moves >= 2 * own - (colour == BLACK))
        step(f"moved {own}")
        if second_url and own == DROPS_AFTER:
            await move_elsewhere(player, second_url, tokens)
    await player.until(lambda: player.status == game_pb2.ROOM_STATUS_FINISHED)


async def main(username, first_url, opponent, second_url=""):
    client, session = await login(first_url, username)
    player = Player(client, session.user.id)
    step(f"on {session.session.node_id}")
    await gather(player, opponent)
    await play(player, second_url, session.tokens)

    final = await player.state()
    assert final.is_over and final.winner_user_id == final.black_user_id
    assert bytes(player.board) == final.board, "the events make the board that the server has"
    numbers = [entry[0] for entry in player.ledger]
    assert numbers == list(range(player.first_event, player.last_event + 1)), numbers
    result = player.results[player.user_id]
    assert result == ("GAME_RESULT_WON" if final.winner_user_id == player.user_id else "GAME_RESULT_LOST"), result
    step(json.dumps({"result": result, "ledger": player.ledger}))
    await player.client.socket.close()


asyncio.run(main(*sys.argv[1:]))
