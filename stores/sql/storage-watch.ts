// Whether the database can still write, and for whom. What members write is refused while free space is below the reserve, or
// once a write has failed for want of space; the audit trail, control and operators go on, and have space of their own.
import { statfsSync } from "node:fs";
import type { Logger } from "../../common/logger.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { BallastFile } from "./ballast-file.ts";
import { type StorageFailure, type StorageProblem, storageFailure } from "./storage-failure.ts";

/** Who writes. `reserved`: what has to be written even on a full disk. Other writers are neither refused nor helped. */
export type Writer = "member" | "reserved";

export interface StorageWatchOptions {
	/** Directory of the database; undefined where it is another machine's. */
	readonly directory: string | undefined;
	/** Free bytes below which members' writes are refused; at most a tenth of the file system. */
	readonly reserveBytes: number;
	readonly ballast: BallastFile | undefined;
}

/** The state of a disk changes slowly; asking is a system call. */
const SPACE_KEPT_MS = 250;
const LOG_INTERVAL_MS = 60_000;
const RETRY_AFTER_MS = 30_000;
/** Share of the file system that the reserve is at most. */
const MAX_SHARE = 10;
/** Writes are taken again when there is a quarter more than the reserve, so that they do not come and go with a page. */
const RETURN_FACTOR = 1.25;

export class StorageWatch {
	/** Writes that failed since the start, by what was wrong with the storage. */
	readonly failures: Record<StorageProblem, number> = { full: 0, "read-only": 0, failing: 0 };
	/** Members' writes refused since the start. */
	rejections = 0;
	private readonly options: StorageWatchOptions;
	private readonly logger: Logger;
	private failure: StorageFailure | undefined;
	private space: { readonly atMs: number; readonly freeBytes: number; readonly reserveBytes: number } | undefined;
	private isLow = false;
	/** By code, of which there are a few. */
	private readonly nextLogAtMs = new Map<string, number>();

	constructor(options: StorageWatchOptions, logger: Logger) {
		this.options = options;
		this.logger = logger;
	}

	/** Free bytes of the database's file system; undefined where that is another machine's. */
	get freeBytes(): number | undefined {
		return this.look()?.freeBytes;
	}

	/** A write has failed for want of storage, and none has shown since that it works again. */
	get isFailing(): boolean {
		return this.failure !== undefined;
	}

	/** Why members' writes are refused; undefined when they are not. */
	get problem(): string | undefined {
		const space = this.look();
		if (space !== undefined) {
			const enough = space.reserveBytes * (this.isLow ? RETURN_FACTOR : 1);
			this.isLow = space.freeBytes < enough;
			if (this.isLow) {
				this.log({ code: "LOW_SPACE" }, { freeBytes: space.freeBytes, reserveBytes: space.reserveBytes });
				return `${space.freeBytes} bytes are free, ${space.reserveBytes} are in reserve`;
			}
		}
		return this.failure === undefined ? undefined : `storage is ${this.failure.problem} (${this.failure.code})`;
	}

	/** @throws GatewayError UNAVAILABLE with a time to wait, when members may not write. */
	admitMember(): void {
		if (this.problem === undefined) return;
		this.rejections++;
		throw new GatewayError(ErrorCode.UNAVAILABLE, "storage has no room; nothing more is kept for now", {
			retryAfterMs: RETRY_AFTER_MS,
		});
	}

	/** @returns what was wrong with the storage, if the error is about that. Counts it, and logs it once in a while. */
	record(error: unknown): StorageFailure | undefined {
		const failure = storageFailure(error);
		if (failure === undefined) return undefined;
		this.failures[failure.problem]++;
		this.failure = failure;
		this.space = undefined;
		this.log(failure, { err: error });
		return failure;
	}

	/** A write that needed new space went through. */
	recovered(): void {
		if (this.failure === undefined) return;
		this.logger.info({ code: this.failure.code }, "SQL storage takes writes again");
		this.failure = undefined;
		this.nextLogAtMs.clear();
	}

	/** Gives up the space that is held for the audit trail and control. @returns whether there was any. */
	release(): boolean {
		const isReleased = this.options.ballast?.release() ?? false;
		if (isReleased)
			this.logger.warn({}, "SQL storage is full; the space held for the audit trail and control is in use");
		return isReleased;
	}

	/** Takes that space again, when there is plenty. */
	async hold(): Promise<void> {
		if (this.problem === undefined) await this.options.ballast?.hold();
	}

	private look(): StorageWatch["space"] {
		const { directory, reserveBytes } = this.options;
		if (directory === undefined) return undefined;
		const atMs = performance.now();
		if (this.space !== undefined && atMs - this.space.atMs < SPACE_KEPT_MS) return this.space;
		try {
			const { bavail, blocks, bsize } = statfsSync(directory);
			const reserve = Math.min(reserveBytes, Math.floor((blocks * bsize) / MAX_SHARE));
			this.space = { atMs, freeBytes: bavail * bsize, reserveBytes: reserve };
		} catch {
			// The directory is made with the first query.
			this.space = undefined;
		}
		return this.space;
	}

	private log(failure: { readonly code: string; readonly problem?: StorageProblem }, fields: object): void {
		const nowMs = performance.now();
		if (nowMs < (this.nextLogAtMs.get(failure.code) ?? 0)) return;
		this.nextLogAtMs.set(failure.code, nowMs + LOG_INTERVAL_MS);
		this.logger.error({ ...failure, ...fields }, "SQL storage takes no writes of members");
	}
}
