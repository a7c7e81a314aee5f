// What travels between the event loop and the threads that own connections to SQLite: statements in batches, and what came of them.
// It is JSON: a structured clone of the same objects takes three times as long. Values of all statements of a message are in one
// list, and their BLOBs in one buffer, which is moved: a buffer of its own for each BLOB costs more than the rest of the row.

/** What a thread is started with. */
export interface ThreadData {
	/** File name, or ":memory:". */
	readonly location: string;
	/** Only reads: every attempt to write is an error. */
	readonly isReader: boolean;
	/** Longest wait for other processes when the file is opened, in milliseconds. */
	readonly openTimeoutMs: number;
}

export interface StatementHead {
	readonly sql: string;
	/** How many of the values are its parameters. */
	readonly parameters: number;
}

/** A statement by itself, several that only read, or a step of a transaction. */
export interface Job {
	readonly id: number;
	/** Not begun after this, by `monotonicMs`. */
	readonly deadlineMs: number;
	/** Begins a transaction first. */
	readonly begins: boolean;
	/** Belongs to a transaction that has begun: an error when there is none any more. */
	readonly continues: boolean;
	readonly statements: readonly StatementHead[];
	/** Run behind the statements, with a BLOB that stands behind their parameters; its result is the outcome's value. */
	readonly script?: { readonly module: string; readonly args: unknown } | undefined;
	/** Ends the transaction afterwards; one that fails to commit is rolled back. */
	readonly ends?: "commit" | "rollback" | undefined;
}

export type StatementOutcome =
	| { readonly columns: readonly string[]; readonly rows: number }
	| { readonly changes: number; readonly insertId: number };

/** An error as it can be sent: what is said of one by the driver would be lost otherwise. */
export interface Failure {
	readonly name: string;
	readonly message: string;
	/** As SQLite names it, or undefined when it is another's. */
	readonly code?: string | undefined;
	readonly stack?: string | undefined;
}

export interface JobOutcome {
	readonly id: number;
	/** Of the statements that were run. */
	readonly statements: readonly StatementOutcome[];
	/** What the script returned. */
	readonly value?: unknown;
	readonly failure?: Failure | undefined;
}

export type ThreadRequest = ({ readonly kind: "run" } & Packed) | { readonly kind: "close" };

/** What JSON holds of a value: a BLOB as `[length]`; what JSON has no number for as `["text"]`. */
type PackedValue = string | number | null | readonly [length: number] | readonly [text: string];

/** Jobs or outcomes, and their values. */
export interface Packed {
	readonly text: string;
	/** To be moved. */
	readonly blobs: ArrayBuffer | undefined;
}

/** In place of infinity, which JSON does not have. */
export const NEVER_MS = Number.MAX_VALUE;

/** Milliseconds of a clock that all threads of the machine share. */
export function monotonicMs(): number {
	return Number(process.hrtime.bigint() / 1000n) / 1000;
}

export class ValueWriter {
	private readonly values: PackedValue[] = [];
	private readonly blobs: Uint8Array[] = [];

	/** @throws TypeError when SQLite has no such value. */
	add(value: unknown): void {
		if (typeof value === "string" || value === null) this.values.push(value);
		else if (typeof value === "number") this.values.push(Number.isFinite(value) ? value : [String(value)]);
		else if (typeof value === "bigint") this.values.push([String(value)]);
		else this.addBlob(value);
	}

	/** @param about - jobs or outcomes, in the order of the values. */
	pack(about: readonly Job[] | readonly JobOutcome[]): Packed {
		const { values, blobs } = this;
		const text = JSON.stringify([about, values]);
		if (blobs.length === 0) return { text, blobs: undefined };
		const all = new Uint8Array(blobs.reduce((sum, blob) => sum + blob.byteLength, 0));
		let at = 0;
		for (const blob of blobs) {
			all.set(blob, at);
			at += blob.byteLength;
		}
		return { text, blobs: all.buffer };
	}

	private addBlob(value: unknown): void {
		if (!(value instanceof Uint8Array)) throw new TypeError(`SQLite takes no value of type ${typeof value}`);
		this.values.push([value.byteLength]);
		this.blobs.push(value);
	}
}

/** What `ValueWriter.pack` has packed. */
export class ValueReader<About> {
	readonly about: readonly About[];
	private readonly values: readonly PackedValue[];
	private readonly blobs: ArrayBuffer | undefined;
	private at = 0;
	private blobOffset = 0;

	constructor({ text, blobs }: Packed) {
		const [about, values] = JSON.parse(text) as [readonly About[], readonly PackedValue[]];
		this.about = about;
		this.values = values;
		this.blobs = blobs;
	}

	/** The next one; a BLOB as a view of the buffer of all. */
	next(): unknown {
		const value = this.values[this.at++];
		if (value === undefined) throw new RangeError("there are no more values in the message");
		if (value === null || typeof value !== "object") return value;
		const [special] = value;
		if (typeof special === "number") return this.blob(special);
		return /^-?\d+$/.test(special) ? BigInt(special) : Number(special);
	}

	take(count: number): unknown[] {
		const values = new Array<unknown>(count);
		for (let index = 0; index < count; index++) values[index] = this.next();
		return values;
	}

	private blob(length: number): Buffer {
		const offset = this.blobOffset;
		this.blobOffset += length;
		return this.blobs === undefined ? Buffer.alloc(0) : Buffer.from(this.blobs, offset, length);
	}
}
