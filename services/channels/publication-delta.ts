// The frame with the difference to the publication before, for the frame with a publication: the same position, the same fields,
// and a delta for the data.
import type { DeltaCodec } from "../../messaging/publisher.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { DeltaEncoder } from "../../protocol/fossil-delta.ts";
import { Envelope, Publication, pushes } from "../../protocol/gen/schema.ts";

const NONE = new Uint8Array(0);

export class PublicationDeltas implements DeltaCodec {
	/** Since the start: publications for which a delta was sent, and those that were sent whole for want of a smaller one. */
	readonly figures = { deltas: 0, whole: 0, deltaBytes: 0, wholeBytes: 0 };
	private readonly encoder = new DeltaEncoder();
	private readonly writer = new EnvelopeWriter();

	encode(previous: Uint8Array, next: Uint8Array): Uint8Array {
		const { figures } = this;
		const envelope = Envelope.decode(next);
		const publication = publicationIn(envelope);
		const before = publicationIn(Envelope.decode(previous));
		const delta = publication && before && this.encoder.encode(before.data ?? NONE, publication.data ?? NONE);
		if (delta === undefined) {
			figures.whole++;
			return next;
		}
		const { number, message } = pushes.publication;
		const { channel = "", offset = 0, epoch = "" } = envelope;
		const frame = this.writer.push(
			number,
			message,
			{ ...publication, data: delta, delta: true },
			{ channel, offset, epoch },
		);
		figures.deltas++;
		figures.deltaBytes += frame.length;
		figures.wholeBytes += next.length;
		return frame;
	}
}

/** Undefined for another push: what the operator's own code publishes may be anything. */
function publicationIn({ protocol, body }: Envelope): Publication | undefined {
	return protocol === pushes.publication.number ? Publication.decode(body ?? NONE) : undefined;
}
