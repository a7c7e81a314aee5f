// Encodes messages one after the other in one buffer that grows with them: a writer of its own for each would allocate a buffer of some
// kilobytes first.
import type { AnyMessageType } from "./contract.ts";
import { FrameWriter } from "./frame-coder.ts";

export class MessageEncoder {
	private readonly writer = new FrameWriter();

	/** The bytes of a message, in memory of their own. */
	encode(type: Pick<AnyMessageType, "encode">, message: object): Uint8Array {
		const { writer } = this;
		// Not `reset`: after an encoding that failed within a message, that goes back to the beginning of this one.
		writer.pos = 0;
		writer.states = null;
		return type.encode(message, writer).finish();
	}
}
