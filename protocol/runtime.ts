// Sets protobufjs up for this product, before any generated code runs: schema.ts imports this file first.
import protobuf from "protobufjs/minimal.js";

// 64-bit fields are offsets and milliseconds, all below 2^53: plain numbers everywhere, no Long objects.
(protobuf.util as { Long: unknown }).Long = undefined;
protobuf.configure();
