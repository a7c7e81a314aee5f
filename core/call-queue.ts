// Keeps the calls of one connection in order. Made when a connection first has a call that is not answered at once;
// a connection that only ever uses synchronous routes never has one.
import type { Ordering } from "../protocol/contract.ts";

/** The part of a call that the queue uses. */
export interface OrderedCall {
	readonly contract: { readonly ordering: Ordering };
	/** What it holds while it waits; not changed meanwhile. */
	readonly heldBytes: number;
}

export class CallQueue<Call extends OrderedCall = OrderedCall> {
	/** Of all calls that run or wait, those included that were given up on and have not ended. Kept by the CallBudget. */
	heldBytes = 0;
	/** The part of it that waits. */
	waitingBytes = 0;
	private running = 0;
	/** An ordered or barrier call is running. */
	private orderedRunning = false;
	private barrierRunning = false;
	private barriersWaiting = 0;
	/** Undefined while nothing waits, as in most connections at most times: an idle one is to be small. */
	private waiting: Call[] | undefined = undefined;

	/** Calls running and waiting. */
	get length(): number {
		return this.running + (this.waiting?.length ?? 0);
	}

	/** Whether a call with this ordering may start now: no call that must run before it is running or waiting. */
	mayStart(ordering: Ordering): boolean {
		if (this.barrierRunning || this.barriersWaiting > 0) return false;
		if (ordering === "none") return true;
		return !this.orderedRunning && this.waiting === undefined;
	}

	/** A call was started and is not finished yet. */
	started(call: Call): void {
		this.running++;
		if (call.contract.ordering !== "none") this.orderedRunning = true;
		if (call.contract.ordering === "barrier") this.barrierRunning = true;
	}

	/** A call that had `started` is finished. */
	finished(call: Call): void {
		this.running--;
		if (call.contract.ordering !== "none") this.orderedRunning = false;
		if (call.contract.ordering === "barrier") this.barrierRunning = false;
	}

	enqueue(call: Call): void {
		this.waiting ??= [];
		this.waiting.push(call);
		this.waitingBytes += call.heldBytes;
		if (call.contract.ordering === "barrier") this.barriersWaiting++;
	}

	/** Takes the next waiting call out if it may start now. */
	next(): Call | undefined {
		const { waiting } = this;
		const head = waiting?.[0];
		if (waiting === undefined || head === undefined || this.barrierRunning) return undefined;
		if (head.contract.ordering !== "none" && this.orderedRunning) return undefined;
		if (waiting.length === 1) this.waiting = undefined;
		else waiting.shift();
		this.waitingBytes -= head.heldBytes;
		if (head.contract.ordering === "barrier") this.barriersWaiting--;
		return head;
	}

	/** Removes the waiting calls: their connection is gone. @returns them. */
	clear(): readonly Call[] {
		const waiting = this.waiting ?? [];
		this.waiting = undefined;
		this.waitingBytes = 0;
		this.barriersWaiting = 0;
		return waiting;
	}
}
