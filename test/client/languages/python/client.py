"""Prints the heartbeat that protocol/README.md shows, in hex, as the generated code encodes it."""

import importlib
import pathlib
import sys

from framegate.v1 import auth_pb2, envelope_pb2

body = auth_pb2.HeartbeatRequest(client_time_ms=1754530782000)
envelope = envelope_pb2.Envelope(
    protocol=1005, seq=7, body=body.SerializeToString(), trace_id="0af7651916cd43dd8448eb211c80319c"
)
print(envelope.SerializeToString().hex())

# All of them load.
for file in pathlib.Path(sys.argv[1], "framegate/v1").glob("*_pb2.py"):
    importlib.import_module(f"framegate.v1.{file.stem}")
