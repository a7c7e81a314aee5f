// Who may write to a point at present: the connection that has selected it, or a command while it is handed over. One
// lease for each point.

import { setTimeout } from "node:timers/promises";
import type { Logger } from "../../../common/logger.ts";
import type { LeaseStore } from "../../../messaging/lease.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError } from "../../../protocol/error.ts";

/** Hand-overs take milliseconds: that of another command is waited for. */
const ATTEMPTS = 20;
const PAUSE_MS = 25;
const RETRY_AFTER_MS = 500;

const SELECTED = "select:";
const WRITING = "write:";

/** The holder for a select. */
export function selected(id: string): string {
	return `${SELECTED}${id}`;
}

/** The holder for a direct write: a repeat of the same one is the same. */
export function writing(userId: string, commandId: string): string {
	return `${WRITING}${userId}:${commandId}`;
}

export class PointLocks {
	private readonly leases: LeaseStore;
	private readonly logger: Logger;

	constructor({ leases, logger }: { readonly leases: LeaseStore; readonly logger: Logger }) {
		this.leases = leases;
		this.logger = logger;
	}

	/** @throws GatewayError CONFLICT when it is another's, UNAVAILABLE. */
	async take(name: string, holder: string, ttlMs: number): Promise<void> {
		for (let attempt = 1; ; attempt++) {
			const present = await this.leases.take(name, holder, ttlMs);
			if (present === holder) return;
			if (!present.startsWith(WRITING)) {
				throw fieldError("target", "is selected already", { code: ErrorCode.CONFLICT });
			}
			if (attempt >= ATTEMPTS) {
				const busy = { code: ErrorCode.CONFLICT, retryAfterMs: RETRY_AFTER_MS };
				throw fieldError("target", "has other commands in flight", busy);
			}
			await setTimeout(PAUSE_MS);
		}
	}

	/** Never throws: what cannot be given back ends by itself. */
	async release(name: string, holder: string): Promise<void> {
		try {
			await this.leases.release(name, holder);
		} catch (error) {
			this.logger.debug({ err: error, lease: name }, "a point was not given back; its lease ends by itself");
		}
	}
}
