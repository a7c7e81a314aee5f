// Many rows in several INSERTs, each of which every database takes.

/** Well below every dialect's limit of parameters. */
const MAX_ROWS = 500;
/** Well below what servers take as one message: MySQL's `max_allowed_packet` was 1 MiB by default up to version 5.5. */
const MAX_BYTES = 524_288;
/** Of a value that is neither text nor bytes, and of what surrounds one. */
const VALUE_BYTES = 16;

/** The rows in their order, in groups. A row that is larger than a group by itself is one. */
export function* insertBatches<Row extends object>(rows: readonly Row[]): Generator<Row[]> {
	let batch: Row[] = [];
	let bytes = 0;
	for (const row of rows) {
		const size = sizeOf(row);
		if (batch.length > 0 && (batch.length >= MAX_ROWS || bytes + size > MAX_BYTES)) {
			yield batch;
			batch = [];
			bytes = 0;
		}
		batch.push(row);
		bytes += size;
	}
	if (batch.length > 0) yield batch;
}

function sizeOf(row: object): number {
	let bytes = 0;
	for (const value of Object.values(row)) {
		bytes += VALUE_BYTES;
		if (typeof value === "string") bytes += Buffer.byteLength(value);
		else if (value instanceof Uint8Array) bytes += value.byteLength;
	}
	return bytes;
}
