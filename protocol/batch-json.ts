// DataBatch pushes as proto3 JSON, written by hand: batches are most of what browsers get, and the reflection made several
// objects for every point. A property test holds this against the reflection.
import { type BatchPoint, BatchReader, type BatchUpdate, type BatchVisitor, PointKind } from "./batch-reader.ts";
import { DataBatch_Kind, DataType, pushes, Quality } from "./gen/schema.ts";

const KINDS = enumTexts(DataBatch_Kind, "KIND_");
const TYPES = enumTexts(DataType, "DATA_TYPE_");
const QUALITIES = enumTexts(Quality, "QUALITY_");

export class BatchJsonWriter implements BatchVisitor {
	private readonly reader = new BatchReader();
	private updates = "";
	private points = "";
	/** The time that was written last, and its text: points of a hash mostly have the same. */
	private timeMs = 0;
	private time = "";

	/**
	 * The text frame for the body that lies in `[start, end)` of a frame.
	 *
	 * @returns undefined when the body holds what is not known here.
	 */
	write(frame: Uint8Array, start: number, end: number): string | undefined {
		this.updates = "";
		if (!this.reader.read(frame, start, end, this)) return undefined;
		const { subId, seq, kind, serverTsMs, dropped, more } = this.reader.head;
		let body = "";
		if (subId !== "") body += `,"subId":${JSON.stringify(subId)}`;
		// proto3 JSON writes 64-bit integers as strings.
		if (seq !== 0) body += `,"seq":"${seq}"`;
		if (kind !== 0) body += `,"kind":${KINDS[kind] ?? kind}`;
		if (serverTsMs !== 0) body += `,"serverTsMs":"${serverTsMs}"`;
		if (dropped !== 0) body += `,"dropped":${dropped}`;
		if (this.updates !== "") body += `,"updates":[${this.updates.slice(1)}]`;
		if (more) body += ',"more":true';
		return `{"protocol":${pushes.dataBatch.number},"body":{${body.slice(1)}}}`;
	}

	beginUpdate(): void {
		this.points = "";
	}

	point({ pointId, kind, num, str, bool, quality, flags, sourceTsMs }: BatchPoint): void {
		if (sourceTsMs !== this.timeMs) {
			this.timeMs = sourceTsMs;
			this.time = sourceTsMs === 0 ? "" : `,"sourceTsMs":"${sourceTsMs}"`;
		}
		// Nearly all are good numbers.
		if (kind === PointKind.NUM && (quality | flags) === 0 && pointId !== 0 && Number.isFinite(num)) {
			this.points += `,{"pointId":${pointId},"num":${num}${this.time}}`;
			return;
		}
		let text = "";
		if (pointId !== 0) text += `,"pointId":${pointId}`;
		if (kind === PointKind.NUM) text += Number.isFinite(num) ? `,"num":${num}` : `,"num":"${num}"`;
		else if (kind === PointKind.STR) text += `,"str":${JSON.stringify(str)}`;
		else if (kind === PointKind.BOOL) text += bool ? ',"bool":true' : ',"bool":false';
		if (quality !== 0) text += `,"quality":${QUALITIES[quality] ?? quality}`;
		if (flags !== 0) text += `,"flags":${flags}`;
		text += this.time;
		this.points += `,{${text.slice(1)}}`;
	}

	endUpdate({ source, channelId, dataType, quality, reason }: BatchUpdate): void {
		let text = "";
		if (source !== "") text += `,"source":${JSON.stringify(source)}`;
		if (channelId !== 0) text += `,"channelId":${channelId}`;
		if (dataType !== 0) text += `,"dataType":${TYPES[dataType] ?? dataType}`;
		if (this.points !== "") text += `,"points":[${this.points.slice(1)}]`;
		if (quality !== 0) text += `,"quality":${QUALITIES[quality] ?? quality}`;
		if (reason !== "") text += `,"reason":${JSON.stringify(reason)}`;
		this.updates += `,{${text.slice(1)}}`;
	}
}

/** By number; a number without a name is written as such. */
function enumTexts(values: Readonly<Record<string, number>>, prefix: string): readonly (string | undefined)[] {
	const texts: string[] = [];
	for (const [name, value] of Object.entries(values)) texts[value] = `"${prefix}${name}"`;
	return texts;
}
