// Points as the audit trail, options and leases name them: `comsrv:1001:C:5`.
import { DataType } from "../../../protocol/gen/schema.ts";

const letters: ReadonlyMap<string, DataType> = new Map([
	["T", DataType.TELEMETRY],
	["S", DataType.SIGNAL],
	["C", DataType.CONTROL],
	["A", DataType.ADJUSTMENT],
	["M", DataType.MEASUREMENT],
	["ACTION", DataType.ACTION],
]);

const names = new Map([...letters].map(([letter, type]) => [type, letter]));

export interface PointName {
	/** As clients name it; may hold colons. */
	readonly source: string;
	readonly channel: number;
	readonly type: DataType;
	readonly pointId: number;
}

export function pointText({ source, channel, type, pointId }: PointName): string {
	return `${source}:${channel}:${names.get(type) ?? type}:${pointId}`;
}

/** @throws Error when it names no point. */
export function parsePoint(text: string): PointName {
	const [, source = "", channel, letter = "", pointId] = /^(.+):(\d{1,10}):([A-Z]+):(\d{1,10})$/.exec(text) ?? [];
	const type = letters.get(letter);
	if (type === undefined) throw new Error(`${JSON.stringify(text)} is no point, which is written like comsrv:1001:C:5`);
	return { source, channel: Number(channel), type, pointId: Number(pointId) };
}
