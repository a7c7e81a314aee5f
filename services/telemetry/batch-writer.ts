// Batches as bytes. The part of each key is encoded once per reading and copied into every batch that shows it; a test
// holds the hand-written encoding against the generated codec.
import type { Writer } from "protobufjs";
import { type KeyReading, KeyState, type PointReading } from "../../ports/box-points.ts";
import type { MessageType } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { FrameWriter } from "../../protocol/frame-coder.ts";
import { type DataBatch_Kind, pushes, Quality } from "../../protocol/gen/schema.ts";

/** Tag bytes: field number << 3 | wire type (0 varint, 1 64-bit, 2 length-delimited). */
const UPDATE = { SOURCE: 10, CHANNEL: 16, TYPE: 24, POINT: 34, QUALITY: 40, REASON: 50 } as const;
const POINT = { ID: 8, NUM: 17, STR: 26, BOOL: 32, QUALITY: 40, FLAGS: 48, SOURCE_MS: 56 } as const;
const BATCH = { SUB_ID: 10, SEQ: 16, KIND: 24, SERVER_MS: 32, DROPPED: 40, UPDATE: 50, MORE: 56 } as const;

/** An encoded ChannelUpdate, and how many points are in it. */
export interface EncodedUpdate {
	readonly bytes: Uint8Array;
	readonly points: number;
}

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
	private readonly envelopes = new EnvelopeWriter();
	private readonly writer = new FrameWriter();

	/** A complete push frame. The bytes are good until the next call. */
	frame(head: BatchHead, updates: readonly EncodedUpdate[]): Uint8Array {
		return this.envelopes.push(pushes.dataBatch.number, batchType, { head, updates });
	}

	/**
	 * A ChannelUpdate.
	 *
	 * @param points - those to tell, of the reading.
	 * @param worst - quality that good points are told with: GOOD, or UNCERTAIN when the reading is out of date.
	 */
	update(source: string, reading: KeyReading, points: readonly PointReading[], worst: Quality): EncodedUpdate {
		const { writer } = this;
		writer.pos = 0;
		if (writer.states?.length) writer.states = null;
		const { channel, type } = reading.key;
		writer.uint32(UPDATE.SOURCE).string(source);
		if (channel !== 0) writer.uint32(UPDATE.CHANNEL).uint32(channel);
		writer.uint32(UPDATE.TYPE).int32(type);
		for (const point of points) this.point(point, reading.writtenMs, worst);
		if (reading.state !== KeyState.PRESENT) {
			const quality = reading.state === KeyState.MISSING ? Quality.UNAVAILABLE : Quality.BAD;
			writer.uint32(UPDATE.QUALITY).int32(quality).uint32(UPDATE.REASON).string(reading.reason);
		}
		return { bytes: new Uint8Array(writer.buf.subarray(0, writer.pos)), points: points.length };
	}

	private point(point: PointReading, writtenMs: number, worst: Quality): void {
		const { writer } = this;
		const { pointId, value, flags } = point;
		writer.uint32(UPDATE.POINT).fork();
		if (pointId !== 0) writer.uint32(POINT.ID).uint32(pointId);
		if (typeof value === "number") writer.uint32(POINT.NUM).double(value);
		else if (typeof value === "string") writer.uint32(POINT.STR).string(value);
		else if (typeof value === "boolean") writer.uint32(POINT.BOOL).bool(value);
		const quality = qualityOf(point, worst);
		if (quality !== Quality.GOOD) writer.uint32(POINT.QUALITY).int32(quality);
		if (flags !== 0) writer.uint32(POINT.FLAGS).uint32(flags);
		const sourceMs = point.sourceMs || writtenMs;
		if (sourceMs !== 0) writer.uint32(POINT.SOURCE_MS).int64(sourceMs);
		writer.ldelim();
	}
}

/** A reading that is out of date makes good points uncertain, and no bad one better. */
export function qualityOf(point: PointReading, worst: Quality): Quality {
	return point.quality === Quality.GOOD ? worst : point.quality;
}
