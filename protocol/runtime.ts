// Sets protobufjs up for this product, before any generated code runs: messages.js has the library from here.
import protobuf from "protobufjs/minimal.js";

/** 64-bit fields are offsets and milliseconds, all below 2^53: plain numbers everywhere, no Long objects. */
function withoutLong(): typeof protobuf {
	(protobuf.util as { Long: unknown }).Long = undefined;
	protobuf.configure();
	return protobuf;
}

export const library = withoutLong();
