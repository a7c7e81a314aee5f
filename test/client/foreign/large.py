"""A native client with the defaults of its library gets a page as large as pages are.

Usage: large.py URL. Prints how many messages came, and whether the reply was larger than 200 KiB.
"""

import asyncio
import sys

from framegate.v1 import auth_pb2, chat_pb2
from native_client import Client, connect, step

PASSWORD = "correct horse battery"
CUSTOM_BYTES = 32_000
MESSAGES = 10


class Measured(Client):
    largest = 0

    async def receive(self):
        envelope = await super().receive()
        self.largest = max(self.largest, envelope.ByteSize())
        return envelope


async def main(url):
    client = Measured(await connect(url))
    register = auth_pb2.RegisterRequest(username="collector", password=PASSWORD)
    await client.call(1002, register, auth_pb2.RegisterResponse)
    login = auth_pb2.LoginRequest(username="collector", password=PASSWORD)
    await client.call(1001, login, auth_pb2.LoginResponse)
    opened = await client.call(3003, chat_pb2.CreateChatRoomRequest(name="archive"), chat_pb2.CreateChatRoomResponse)
    for number in range(MESSAGES):
        content = chat_pb2.MessageContent(
            kind=chat_pb2.MESSAGE_KIND_CUSTOM, custom_type="blob", custom=bytes(CUSTOM_BYTES)
        )
        message = chat_pb2.SendMessageRequest(room_id=opened.room.id, client_msg_id=f"m{number}", content=content)
        await client.call(3001, message, chat_pb2.SendMessageResponse)
    request = chat_pb2.GetHistoryRequest(room_id=opened.room.id, limit=MESSAGES)
    page = await client.call(3002, request, chat_pb2.GetHistoryResponse)
    step(f"{len(page.messages)} messages, {'more' if client.largest > 200 * 1024 else 'less'} than 200 KiB")
    await client.socket.close()


asyncio.run(main(*sys.argv[1:]))
