// Calls that wait for an endpoint, oldest first, so many and so long at most.

import type { GatewayError } from "../protocol/error.ts";
import type { EndpointState } from "./endpoint-state.ts";

/** A call or a stream that can begin. */
export interface Waiting {
	/** Endpoints are sticky by it; undefined: any. */
	readonly stickyKey: string | undefined;
	/** Endpoints on which it has failed. */
	readonly tried: readonly EndpointState[];
	/** On the monotonic clock, in milliseconds. */
	readonly deadlineMs: number;
	begin(endpoint: EndpointState): void;
	fail(error: GatewayError): void;
}

/** Runs something later. @returns what cancels it. */
export type Schedule = (delayMs: number, run: () => void) => () => void;

export const systemSchedule: Schedule = (delayMs, run) => {
	const timer = setTimeout(run, delayMs);
	return () => clearTimeout(timer);
};

export class WaitingCalls {
	private readonly schedule: Schedule;
	private readonly waiting = new Map<Waiting, () => void>();

	constructor(schedule: Schedule) {
		this.schedule = schedule;
	}

	get size(): number {
		return this.waiting.size;
	}

	/** @param onExpired - it has waited for `timeoutMs`. */
	add(call: Waiting, timeoutMs: number, onExpired: () => void): void {
		const cancel = this.schedule(timeoutMs, () => {
			this.waiting.delete(call);
			onExpired();
		});
		this.waiting.set(call, cancel);
	}

	/** Takes a call out that is given up. */
	remove(call: Waiting): void {
		this.waiting.get(call)?.();
		this.waiting.delete(call);
	}

	/** Begins those for which there is an endpoint, until there is none for the oldest. */
	beginAll(pick: (call: Waiting) => EndpointState | undefined): void {
		for (const call of this.waiting.keys()) {
			const endpoint = pick(call);
			if (endpoint === undefined) return;
			this.remove(call);
			call.begin(endpoint);
		}
	}

	failAll(error: GatewayError): void {
		for (const call of [...this.waiting.keys()]) {
			this.remove(call);
			call.fail(error);
		}
	}
}
