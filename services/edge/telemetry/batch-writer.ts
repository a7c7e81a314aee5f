// Batches as bytes. The part of each key is encoded once per reading and copied into every batch that shows it. A test
// compares the hand-written encoding with the generated codec.
import type { Writer } from "protobufjs";
import type { MessageType } from "../../../protocol/contract.ts";
import { EnvelopeWriter } from "../../../protocol/envelope.ts";
import { type DataBatch_Kind, pushes } from "../../../protocol/gen/schema.ts";
import { PointSelection } from "./reading-points.ts";
import { type EncodedUpdate, UpdateEncoder } from "./update-encoder.ts";

/** Tag bytes, as in `UpdateEncoder`. */
const BATCH = { SUB_ID: 10, SEQ: 16, KIND: 24, SERVER_MS: 32, DROPPED: 40, UPDATE: 50, MORE: 56 } as const;

export interface BatchHead {
	readonly subId: string;
	readonly seq: number;
	readonly kind: DataBatch_Kind;
	readonly serverMs: number;
	readonly dropped: number;
	readonly more: boolean;
}

interface Batch {
	readonly head: BatchHead;
	readonly updates: readonly EncodedUpdate[];
}

const batchType = {
	...pushes.dataBatch.message,
	encode({ head, updates }: Batch, writer: Writer): Writer {
		writer.uint32(BATCH.SUB_ID).string(head.subId);
		writer.uint32(BATCH.SEQ).uint64(head.seq).uint32(BATCH.KIND).int32(head.kind);
		writer.uint32(BATCH.SERVER_MS).int64(head.serverMs);
		if (head.dropped > 0) writer.uint32(BATCH.DROPPED).uint32(head.dropped);
		for (const { bytes } of updates) writer.uint32(BATCH.UPDATE).bytes(bytes);
		if (head.more) writer.uint32(BATCH.MORE).bool(true);
		return writer;
	},
} as unknown as MessageType<unknown, Batch>;

export class BatchWriter {
	/** Parts of batches. */
	readonly updates = new UpdateEncoder();
	/**
	 * Scratch buffers, used by one view after the other: the shown points of a key, and those of them that have changed.
	 */
	readonly shown = new PointSelection();
	readonly changed = new PointSelection();
	private readonly envelopes = new EnvelopeWriter();

	/** A complete push frame. The bytes are valid until the next call. */
	frame(head: BatchHead, updates: readonly EncodedUpdate[]): Uint8Array {
		return this.envelopes.push(pushes.dataBatch.number, batchType, { head, updates });
	}
}
