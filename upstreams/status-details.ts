// What an error of gRPC may carry beside code and text (`grpc-status-details-bin`, google.rpc.Status): when to repeat the call, and which fields
// were wrong. Read by hand: it is two messages of google/rpc/error_details.proto, and everything in it is a stranger's.

import type { Violation } from "../protocol/error.ts";
import { FrameReader } from "../protocol/frame-coder.ts";

export interface StatusDetails {
	/** Milliseconds; 0 when the upstream gave none. */
	readonly retryAfterMs: number;
	readonly violations: readonly Violation[];
}

const NONE: StatusDetails = { retryAfterMs: 0, violations: [] };
const MAX_VIOLATIONS = 20;
const MAX_TEXT = 200;
const MAX_RETRY_MS = 3_600_000;
const MAX_BYTES = 16_384;

/** @returns what could be read; bytes that are no status have nothing. */
export function readStatusDetails(bytes: Uint8Array | undefined): StatusDetails {
	if (bytes === undefined || bytes.length > MAX_BYTES) return NONE;
	let retryAfterMs = 0;
	const violations: Violation[] = [];
	try {
		for (const any of fieldsOf(bytes).filter(({ number }) => number === 3)) {
			const parts = fieldsOf(any.bytes);
			const type = textOf(parts, 1);
			const value = parts.find(({ number }) => number === 2)?.bytes ?? new Uint8Array(0);
			if (type.endsWith("/google.rpc.RetryInfo")) retryAfterMs = retryOf(value);
			if (type.endsWith("/google.rpc.BadRequest")) {
				for (const { number, bytes: violation } of fieldsOf(value)) {
					if (number !== 1 || violations.length >= MAX_VIOLATIONS) continue;
					const inner = fieldsOf(violation);
					violations.push({ field: textOf(inner, 1), description: textOf(inner, 2) });
				}
			}
		}
	} catch {
		return NONE;
	}
	return { retryAfterMs, violations };
}

interface Field {
	readonly number: number;
	readonly bytes: Uint8Array;
	readonly value: number;
}

const NO_BYTES = new Uint8Array(0);

/** @throws Error when the bytes are no message. */
function fieldsOf(bytes: Uint8Array): Field[] {
	const reader = new FrameReader(bytes);
	const fields: Field[] = [];
	while (reader.pos < reader.len) {
		const tag = reader.uint32();
		const number = tag >>> 3;
		if ((tag & 7) === 2) fields.push({ number, bytes: reader.bytes(), value: 0 });
		else if ((tag & 7) === 0) fields.push({ number, bytes: NO_BYTES, value: Number(reader.int64()) });
		else reader.skipType(tag & 7, 0, number);
	}
	return fields;
}

function textOf(fields: readonly Field[], number: number): string {
	const bytes = fields.find((field) => field.number === number)?.bytes ?? NO_BYTES;
	return Buffer.from(bytes).toString().slice(0, MAX_TEXT);
}

/** google.rpc.RetryInfo: a google.protobuf.Duration. */
function retryOf(bytes: Uint8Array): number {
	const delay = fieldsOf(bytes).find(({ number }) => number === 1)?.bytes ?? NO_BYTES;
	const parts = fieldsOf(delay);
	const of = (number: number) => parts.find((field) => field.number === number)?.value ?? 0;
	const ms = of(1) * 1000 + of(2) / 1_000_000;
	return Math.min(Math.max(0, Math.ceil(ms)), MAX_RETRY_MS);
}
