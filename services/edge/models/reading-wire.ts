// A reading of a point as clients get it.

import type { PointValueProperties } from "../../../protocol/gen/schema.ts";
import type { PointReading } from "../boxes/box-points.ts";

export function wireReading({ pointId, value, quality, flags, sourceMs }: PointReading): PointValueProperties {
	const same = { pointId, quality, flags, sourceTsMs: sourceMs };
	switch (typeof value) {
		case "number":
			return { ...same, num: value };
		case "string":
			return { ...same, str: value };
		case "boolean":
			return { ...same, bool: value };
		default:
			return same;
	}
}
