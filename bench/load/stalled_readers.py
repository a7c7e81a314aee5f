"""Clients that stop reading their sockets, as peers behind a real network would look to the server.

Python, because Node cannot set socket options: over loopback, with its segments of 64 KiB, the kernel takes some
megabytes for each reader before the server notices that one does not read. A small segment and a small receive buffer
leave some 50 KB to the kernel, as in the field. Only the standard library is used.

The control reads. While others are measured it leaves that to the kernel, whose megabytes take what comes, and so costs
nothing here.

Commands come as lines of JSON on standard input, answers go to standard output, one line for each.
"""

import base64
import json
import resource
import selectors
import socket
import sys
import time

SEGMENT_BYTES = 1000
RECEIVE_BUFFER_BYTES = 4096
OPEN_TIMEOUT_S = 30
READ_BYTES = 1 << 20
# Receive buffer of a reader that reads again: with the small one, the replies kept for a thousand readers take minutes.
READING_BUFFER_BYTES = 1 << 18
QUIET_S = 0.5
OPCODE_CLOSE = 8


class Reader:
    """One connection, and how far its stream of frames has been looked at."""

    def __init__(self, port, upgrade, first, ask, is_stalled):
        self.ask = ask
        self.rest = b""
        self.skip = 0
        self.close_code = None
        self.lengths = []
        self.socket = socket.socket()
        if is_stalled:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(OPEN_TIMEOUT_S)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(upgrade)
        while b"\r\n\r\n" not in self.rest:
            self.receive()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 101 "):
            raise RuntimeError(f"not upgraded: {head[:60]!r}")
        self.socket.sendall(first)
        # The first frame is the answer; after it, nothing more is read.
        while len(self.rest) < 2:
            self.receive()

    def receive(self):
        chunk = self.socket.recv(READ_BYTES)
        if not chunk:
            raise RuntimeError("closed while opening")
        self.rest += chunk

    def send(self, times):
        self.socket.sendall(self.ask * times)

    def read_on(self):
        """Reads what there is. Returns whether that was the end."""
        try:
            chunk = self.socket.recv(READ_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            return True
        self.look(chunk)
        return not chunk or self.close_code is not None

    def look(self, chunk):
        """Finds the close frame (RFC 6455 section 5.5.1); the others are passed over."""
        skipped = min(self.skip, len(chunk))
        self.skip -= skipped
        data = self.rest + chunk[skipped:]
        while self.skip == 0 and len(data) >= 2:
            length = data[1] & 0x7F
            header = 2 if length < 126 else 4 if length == 126 else 10
            if len(data) < header:
                break
            if header > 2:
                length = int.from_bytes(data[2:header], "big")
            if data[0] & 0x0F == OPCODE_CLOSE:
                if len(data) < header + length:
                    break
                self.close_code = int.from_bytes(data[header : header + 2], "big") if length >= 2 else 1005
                return
            self.lengths.append(length)
            skipped = min(header + length, len(data))
            self.skip = header + length - skipped
            data = data[skipped:]
        self.rest = data


def open_readers(command):
    upgrade = base64.b64decode(command["upgrade"])
    return [
        Reader(
            command["port"],
            upgrade,
            base64.b64decode(member["first"]),
            base64.b64decode(member["ask"]),
            command["stalled"],
        )
        for member in command["members"]
    ]


def ask(readers, times):
    """Every reader asks so many times at once, one reader after the other."""
    for reader in readers:
        reader.send(times)


def read_all(readers):
    """Reads until nothing more comes for a while."""
    selector = selectors.DefaultSelector()
    for reader in readers:
        reader.socket.setblocking(False)
        selector.register(reader.socket, selectors.EVENT_READ, reader)
    while ready := selector.select(QUIET_S):
        for key, _ in ready:
            if key.data.read_on():
                raise RuntimeError("closed while reading")
    for reader in readers:
        reader.socket.settimeout(OPEN_TIMEOUT_S)


def finish(readers, replies, reply_bytes, within):
    """Reads again, until each reader has its replies, the server has ended it, or the time is over. Returns how they ended."""
    selector = selectors.DefaultSelector()
    cut = 0
    complete = 0
    remaining = len(readers)

    def has_all(reader):
        return sum(length >= reply_bytes for length in reader.lengths) >= replies

    for reader in readers:
        reader.socket.setblocking(False)
        reader.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READING_BUFFER_BYTES)
        reader.look(b"")
        selector.register(reader.socket, selectors.EVENT_READ, reader)
    deadline = time.monotonic() + within
    while remaining > 0 and time.monotonic() < deadline:
        for key, _ in selector.select(0.1):
            reader = key.data
            is_ended = reader.read_on()
            if not is_ended and not has_all(reader):
                continue
            selector.unregister(reader.socket)
            remaining -= 1
            if not is_ended:
                complete += 1
            elif reader.close_code is None:
                cut += 1
    codes = {}
    for reader in readers:
        if reader.close_code is not None:
            codes[str(reader.close_code)] = codes.get(str(reader.close_code), 0) + 1
        reader.socket.close()
    return {"codes": codes, "cutOff": cut, "complete": complete, "open": remaining}


def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    readers = []
    for line in sys.stdin:
        command = json.loads(line)
        result = {}
        try:
            if command["kind"] == "open":
                readers = open_readers(command)
            elif command["kind"] == "ask":
                ask(readers, command["times"])
            elif command["kind"] == "read":
                read_all(readers)
            elif command["kind"] == "finish":
                result = finish(readers, command["replies"], command["bytes"], command["within"])
                readers = []
        except Exception as error:
            result = {"failure": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


main()
