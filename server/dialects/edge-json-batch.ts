// Batches of values as messages of the older JSON dialect, written by hand like their proto3 JSON (`protocol/batch-json.ts`):
// they are most of what these front ends get.
import {
	type BatchPoint,
	BatchReader,
	type BatchUpdate,
	type BatchVisitor,
	PointKind,
} from "../../protocol/batch-reader.ts";
import { DataBatch_Kind, type DataType, Quality } from "../../protocol/gen/schema.ts";
import { DATA_TYPE_LETTERS, isoTime } from "./edge-json-names.ts";

const QUALITIES: Readonly<Record<Quality, string>> = {
	[Quality.GOOD]: "good",
	[Quality.UNCERTAIN]: "uncertain",
	[Quality.BAD]: "bad",
	[Quality.UNAVAILABLE]: "unavailable",
};

export class EdgeJsonBatchWriter implements BatchVisitor {
	private readonly reader = new BatchReader();
	private updates = "";
	private updateCount = 0;
	private points = 0;
	private values = "";
	private times = "";
	private qualities = "";

	/**
	 * All points of a subscription are a `data_batch`, what changed in one channel is a `data_update`. Channels without data are
	 * included as well: without them, the front end would show their old values as good ones.
	 *
	 * @param frame - the body lies in `[start, end)` of it.
	 * @param nowMs - Unix milliseconds.
	 * @returns undefined when there is nothing to send.
	 * @throws Error when the body is not one that this process has written.
	 */
	write(frame: Uint8Array, start: number, end: number, nowMs: number): string | undefined {
		this.updates = "";
		this.updateCount = 0;
		this.points = 0;
		if (!this.reader.read(frame, start, end, this)) throw new Error("not a batch of this process");
		if (this.updateCount === 0) return undefined;
		const { subId, seq, kind } = this.reader.head;
		const isUpdate = kind === DataBatch_Kind.DELTA && this.updateCount === 1;
		const head = `{"type":"${isUpdate ? "data_update" : "data_batch"}","id":${JSON.stringify(`${subId}_${seq}`)}`;
		const updates = this.updates.slice(1);
		const data = isUpdate ? updates : `{"updates":[${updates}],"total_points":${this.points}}`;
		return `${head},"timestamp":"${isoTime(nowMs)}","data":${data}}`;
	}

	beginUpdate(): void {
		this.updateCount++;
		this.values = "";
		this.times = "";
		this.qualities = "";
	}

	point({ pointId, kind, num, str, bool, quality, sourceTsMs }: BatchPoint): void {
		this.points++;
		if (kind === PointKind.NUM) this.values += `,"${pointId}":${Number.isFinite(num) ? num : "null"}`;
		else if (kind === PointKind.STR) this.values += `,"${pointId}":${JSON.stringify(str)}`;
		else this.values += `,"${pointId}":${kind === PointKind.BOOL ? bool : "null"}`;
		if (sourceTsMs !== 0) this.times += `,"${pointId}":${sourceTsMs}`;
		if (quality !== 0) this.qualities += `,"${pointId}":"${QUALITIES[quality as Quality]}"`;
	}

	endUpdate({ source, channelId, dataType, quality, reason }: BatchUpdate): void {
		const letter = DATA_TYPE_LETTERS[dataType as DataType];
		let text = `,{"source":${JSON.stringify(source)},"channel_id":${channelId},"data_type":"${letter}"`;
		text += `,"values":{${this.values.slice(1)}}`;
		if (this.times !== "") text += `,"ts":{${this.times.slice(1)}}`;
		// Whatever is not named here is good.
		if (this.qualities !== "") text += `,"quality":{${this.qualities.slice(1)}}`;
		// No point of the channel is good, those that are named by none of the above included.
		if (quality !== 0) {
			text += `,"channel_quality":"${QUALITIES[quality as Quality]}","reason":${JSON.stringify(reason)}`;
		}
		this.updates += `${text}}`;
	}
}
