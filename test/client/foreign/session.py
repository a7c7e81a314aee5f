"""A native client that knows nothing but the .proto files: runs a whole session; its node is killed meanwhile.

Usage: session.py FIRST_URL SECOND_URL. Prints the steps on standard output, one line each. After "kill" it waits
for a line on standard input, which says that the first node is gone.
"""

import asyncio
import sys
import time

from framegate.v1 import auth_pb2, envelope_pb2
from native_client import DEADLINE_S, Client, connect, step

USERNAME = "ada"
PASSWORD = "correct horse battery"


async def on_first_node(url):
    socket = await connect(url)
    assert socket.subprotocol == "framegate.v1"
    client = Client(socket)

    await client.refused(envelope_pb2.ERROR_CODE_UNAUTHENTICATED, 1005, auth_pb2.HeartbeatRequest())
    await client.refused(envelope_pb2.ERROR_CODE_UNKNOWN_PROTOCOL, 999, auth_pb2.HeartbeatRequest())
    error = await client.refused(
        envelope_pb2.ERROR_CODE_VALIDATION_FAILED, 1002, auth_pb2.RegisterRequest(username="ab", password=PASSWORD)
    )
    assert [violation.field for violation in error.violations] == ["username"], error

    register = auth_pb2.RegisterRequest(username=USERNAME, password=PASSWORD, nickname="Ada")
    registered = await client.call(1002, register, auth_pb2.RegisterResponse)
    assert registered.user.username == USERNAME
    await client.refused(envelope_pb2.ERROR_CODE_ALREADY_EXISTS, 1002, register)
    step("registered")

    wrong = auth_pb2.LoginRequest(username=USERNAME, password="wrong")
    await client.refused(envelope_pb2.ERROR_CODE_UNAUTHENTICATED, 1001, wrong)
    login = auth_pb2.LoginRequest(username=USERNAME, password=PASSWORD, device_id="python")
    session = await client.call(1001, login, auth_pb2.LoginResponse)
    assert session.user.id == registered.user.id
    assert session.tokens.access_token and session.tokens.refresh_token
    step("logged in")

    now_ms = int(time.time() * 1000)
    beat = await client.call(
        1005,
        auth_pb2.HeartbeatRequest(client_time_ms=now_ms),
        auth_pb2.HeartbeatResponse,
        trace_id="0af7651916cd43dd8448eb211c80319c",
    )
    assert beat.client_time_ms == now_ms
    assert abs(beat.server_time_ms - now_ms) < 60_000
    step("heartbeat")

    refreshed = await client.call(
        1004, auth_pb2.RefreshTokenRequest(refresh_token=session.tokens.refresh_token), auth_pb2.RefreshTokenResponse
    )
    assert refreshed.tokens.refresh_token != session.tokens.refresh_token
    own = await client.call(1007, auth_pb2.GetUserInfoRequest(), auth_pb2.GetUserInfoResponse)
    assert (own.user.nickname, own.user.id) == ("Ada", registered.user.id)
    step("refreshed")
    return socket, session, refreshed.tokens


async def on_second_node(url, session, tokens):
    async with connect(url) as socket:
        client = Client(socket)
        positions = [auth_pb2.ChannelPosition(channel="room:of-the-past", offset=3, epoch="e")]
        resumed = await client.call(
            1000,
            auth_pb2.ConnectRequest(access_token=tokens.access_token, positions=positions),
            auth_pb2.ConnectResponse,
        )
        assert resumed.session.session_id == session.session.session_id
        assert resumed.session.node_id != session.session.node_id
        assert resumed.user.id == session.user.id
        own = [("events:" + resumed.user.id, False), ("user:" + resumed.user.id, False)]
        assert [(r.channel, r.recovered) for r in resumed.recoveries] == [("room:of-the-past", False), *own]
        step("resumed")

        await client.call(1005, auth_pb2.HeartbeatRequest(), auth_pb2.HeartbeatResponse)
        ended = await client.call(1006, auth_pb2.LogoutRequest(), auth_pb2.LogoutResponse)
        assert ended.sessions_ended == 1
        await client.refused(envelope_pb2.ERROR_CODE_UNAUTHENTICATED, 1005, auth_pb2.HeartbeatRequest())
        step("logged out")

        again = auth_pb2.ConnectRequest(access_token=tokens.access_token)
        await client.refused(envelope_pb2.ERROR_CODE_UNAUTHENTICATED, 1000, again)
        refresh = auth_pb2.RefreshTokenRequest(refresh_token=tokens.refresh_token)
        await client.refused(envelope_pb2.ERROR_CODE_UNAUTHENTICATED, 1004, refresh)
        step("tokens are dead")


async def main(first_url, second_url):
    socket, session, tokens = await on_first_node(first_url)
    step("kill")
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await asyncio.wait_for(socket.wait_closed(), DEADLINE_S)
    step("cut off")
    await on_second_node(second_url, session, tokens)


asyncio.run(main(*sys.argv[1:]))
