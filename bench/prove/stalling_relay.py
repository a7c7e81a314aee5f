"""Between clients and the nodes of a gateway: a relay that can stop reading what the nodes send, as a client behind a real
network would that stops reading.

Python, because Node cannot set socket options: over loopback, with its segments of 64 KiB, the kernel takes some
megabytes for each reader before a node notices that one does not read. A small segment and a small receive buffer leave
some 50 KB to the kernel, as in the field. Only the standard library is used.

Commands come as lines of JSON on standard input, answers go to standard output, one line for each. A connection is made
to its node from the address that the client came from.
"""

import json
import os
import selectors
import socket
import sys

SEGMENT_BYTES = 1000
RECEIVE_BUFFER_BYTES = 4096
READ_BYTES = 1 << 16
CONNECT_WITHIN_S = 5
COMMAND_BYTES = 1 << 16


class Relay:
    """All pairs of connections, by either of the two sockets."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        # Other side's socket; both are there, or none.
        self.others = {}
        self.nodes = set()
        self.stalled = set()

    def listen(self, target):
        listener = socket.create_server(("127.0.0.1", 0))
        self.selector.register(listener, selectors.EVENT_READ, lambda: self.accept(listener, target))
        return listener.getsockname()[1]

    def accept(self, listener, target):
        client, (address, _) = listener.accept()
        node = socket.socket()
        node.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        node.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES)
        node.settimeout(CONNECT_WITHIN_S)
        try:
            node.bind((address, 0))
            node.connect(("127.0.0.1", target))
        except OSError:
            client.close()
            node.close()
            return
        self.nodes.add(node)
        for here, there in ((client, node), (node, client)):
            here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Writes wait: what a client or a node does not take fills nothing here.
            here.settimeout(CONNECT_WITHIN_S)
            self.others[here] = there
            self.read_from(here)

    def read_from(self, here):
        self.selector.register(here, selectors.EVENT_READ, lambda: self.pass_on(here))

    def pass_on(self, here):
        there = self.others.get(here)
        if there is None:
            return
        try:
            chunk = here.recv(READ_BYTES)
            if chunk:
                there.sendall(chunk)
                return
        except OSError:
            pass
        self.part(here, there)

    def part(self, *pair):
        for each in pair:
            del self.others[each]
            if each in self.stalled:
                self.stalled.remove(each)
            else:
                self.selector.unregister(each)
            self.nodes.discard(each)
            each.close()

    def stall(self):
        """Stops reading what nodes send to the clients connected now."""
        for node in self.nodes - self.stalled:
            self.selector.unregister(node)
            self.stalled.add(node)
        return len(self.stalled)

    def go_on(self):
        """Reads again. Returns how many stalled connections are still open."""
        count = len(self.stalled)
        for node in self.stalled:
            self.read_from(node)
        self.stalled = set()
        return count


def answer(relay, command):
    kind = command["kind"]
    try:
        if kind == "listen":
            return {"ports": [relay.listen(target) for target in command["targets"]]}
        if kind == "stall":
            return {"count": relay.stall()}
        return {"count": relay.go_on()}
    except Exception as error:
        return {"failure": f"{type(error).__name__}: {error}"}


def main():
    relay = Relay()
    rest = b""
    relay.selector.register(sys.stdin, selectors.EVENT_READ, None)
    while True:
        for key, _ in relay.selector.select():
            if key.data is not None:
                key.data()
                continue
            chunk = os.read(sys.stdin.fileno(), COMMAND_BYTES)
            if not chunk:
                return
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                print(json.dumps(answer(relay, json.loads(line))), flush=True)


main()
