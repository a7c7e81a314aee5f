// Which values a point may be given.

import { fieldError } from "../../../protocol/error.ts";
import { DataType } from "../../../protocol/gen/schema.ts";
import type { ValueRange } from "../boxes/box-models.ts";

/** How far from a multiple of a step a double may be, in steps: 0.3 is three times 0.1. */
const STEP_TOLERANCE = 1e-9;

/** @throws GatewayError VALIDATION_FAILED when there is none, or no finite one. 0 is one. */
export function requiredValue(value: number | null | undefined): number {
	if (value === undefined || value === null) throw fieldError("value", "is required");
	if (!Number.isFinite(value)) throw fieldError("value", "must be a finite number");
	// The two zeros are one value.
	return value + 0;
}

/** @param ranges - of all models that map the point. @throws GatewayError VALIDATION_FAILED naming `value`. */
export function checkValue(type: DataType, value: number, ranges: readonly ValueRange[]): void {
	if (type === DataType.CONTROL && ranges.length === 0 && value !== 0 && value !== 1) {
		throw fieldError("value", "must be 0 or 1");
	}
	for (const { min, max, step } of ranges) {
		if (min !== undefined && value < min) throw fieldError("value", `must be at least ${min}`);
		if (max !== undefined && value > max) throw fieldError("value", `must be at most ${max}`);
		if (step !== undefined && step > 0 && !isMultiple(value - (min ?? 0), step)) {
			throw fieldError("value", `must be a multiple of ${step}${min ? `, counted from ${min}` : ""}`);
		}
	}
}

function isMultiple(distance: number, step: number): boolean {
	const steps = distance / step;
	return Math.abs(steps - Math.round(steps)) <= STEP_TOLERANCE * Math.max(1, Math.abs(steps));
}
