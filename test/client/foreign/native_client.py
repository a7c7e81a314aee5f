"""A native client that knows nothing but the .proto files: what the programs of this directory have in common."""

import asyncio

import websockets
from framegate.v1 import auth_pb2, envelope_pb2

DEADLINE_S = 20


class Refused(Exception):
    def __init__(self, envelope):
        super().__init__(f"{envelope_pb2.ErrorCode.Name(envelope.code)}: {envelope.error.message}")
        self.code = envelope.code
        self.error = envelope.error


class Client:
    def __init__(self, socket):
        self.socket = socket
        self.seq = 0
        self.pushes = []

    async def receive(self):
        frame = await asyncio.wait_for(self.socket.recv(), DEADLINE_S)
        assert isinstance(frame, bytes), "a binary request is answered in binary"
        return envelope_pb2.Envelope.FromString(frame)

    async def call(self, protocol, request, reply_type, trace_id=""):
        self.seq += 1
        envelope = envelope_pb2.Envelope(
            protocol=protocol, seq=self.seq, body=request.SerializeToString(), trace_id=trace_id
        )
        await self.socket.send(envelope.SerializeToString())
        while True:
            answer = await self.receive()
            if answer.seq == 0:
                self.pushes.append(answer)
                continue
            assert (answer.seq, answer.protocol) == (self.seq, protocol), answer
            if trace_id:
                assert answer.trace_id == trace_id, answer
            if answer.code != envelope_pb2.ERROR_CODE_OK:
                raise Refused(answer)
            return reply_type.FromString(answer.body)

    async def push(self):
        """The oldest push that was not taken yet."""
        while not self.pushes:
            self.pushes.append(await self.receive())
        return self.pushes.pop(0)

    async def refused(self, code, protocol, request):
        try:
            await self.call(protocol, request, auth_pb2.User)
        except Refused as error:
            assert error.code == code, error
            return error.error
        raise AssertionError(f"{protocol} should have been refused with {envelope_pb2.ErrorCode.Name(code)}")


def step(name):
    print(name, flush=True)


def connect(url):
    return websockets.connect(url, subprotocols=["framegate.v1"], open_timeout=DEADLINE_S)
