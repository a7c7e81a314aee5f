"""A field service's command loop: BLPOP, read, execute, report. Prints one JSON line for each execution."""
import json
import socket
import sys
import time

port, dialect, channel, points = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
exists = {int(point) for point in points.split(",")}
lists = [
    f"comsrv:trigger:{channel}:{letter}" if dialect == "v1" else f"comsrv:{channel}:{letter}:TODO"
    for letter in "CA"
]


class Redis:
    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")

    def call(self, *words):
        out = [b"*%d\r\n" % len(words)]
        for word in words:
            raw = word if isinstance(word, bytes) else str(word).encode()
            out.append(b"$%d\r\n%s\r\n" % (len(raw), raw))
        self.socket.sendall(b"".join(out))
        return self.reply()

    def reply(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self.file.read(size + 2)[:-2]
        if kind == b"*":
            return None if int(rest) < 0 else [self.reply() for _ in range(int(rest))]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"":
            sys.exit(0)
        return rest


def report(redis, command_id, **fields):
    if command_id is None:
        return
    fields["timestamp"] = int(time.time() * 1000)
    words = [str(part) for pair in fields.items() for part in pair]
    redis.call("HSET", f"comsrv:cmd:{command_id}", *words)
    redis.call("PUBLISH", f"comsrv:ack:{channel}", json.dumps({"command_id": command_id, **fields}))


redis = Redis()
last = {}
print("ready", flush=True)
while True:
    popped = redis.call("BLPOP", *lists, 0)
    command = json.loads(popped[1])
    point, value = command["point_id"], command["value"]
    # What is no number is carried out as 0, which is what makes a text so dangerous.
    value = value if type(value) in (int, float) else 0
    command_id = command.get("command_id")
    if dialect == "v2":
        if command["timestamp"] <= last.get(point, 0):
            continue
        last[point] = command["timestamp"]
    report(redis, command_id, status="executing")
    if point not in exists:
        report(redis, command_id, status="failed", error="no such point")
        continue
    print(json.dumps({"list": popped[0].decode(), "point_id": point, "value": value}), flush=True)
    report(redis, command_id, status="executed", actual_value=value)
