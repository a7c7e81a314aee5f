// Space that is held beside an SQLite file so that it can be given up: when the disk is full, the file is removed, and what has
// to be written in any case finds room.

import { statSync, unlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { SingleFlight } from "../../common/single-flight.ts";

const CHUNK_BYTES = 1_048_576;

export class BallastFile {
	private readonly path: string;
	private readonly bytes: number;
	private readonly fills = new SingleFlight(() => this.fill());

	constructor(path: string, bytes: number) {
		this.path = path;
		this.bytes = bytes;
	}

	/** Held by this process or another one that shares the database. */
	get isHeld(): boolean {
		return this.bytes > 0 && (statSync(this.path, { throwIfNoEntry: false })?.size ?? 0) >= this.bytes;
	}

	/** Takes the space, in the background. A disk without room for it is no error: the next one tries again. */
	hold(): Promise<void> {
		if (this.bytes === 0 || this.isHeld) return Promise.resolve();
		return this.fills.run();
	}

	/** Gives the space up. @returns whether there was any. */
	release(): boolean {
		try {
			unlinkSync(this.path);
			return true;
		} catch {
			return false;
		}
	}

	private async fill(): Promise<void> {
		try {
			await this.write();
		} catch {
			this.release();
		}
	}

	private async write(): Promise<void> {
		const file = await open(this.path, "w", 0o600);
		try {
			// Written, not only truncated to its size: a sparse file takes no space.
			const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, this.bytes), 0x20);
			for (let at = 0; at < this.bytes; at += chunk.length) {
				await file.write(chunk, 0, Math.min(chunk.length, this.bytes - at), at);
			}
			await file.sync();
		} finally {
			await file.close();
		}
	}
}
