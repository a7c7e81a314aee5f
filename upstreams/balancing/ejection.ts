// Takes an endpoint out that fails again and again while others do not: an outlier. Bounded, so that a fault that all have, such as a broken
// database behind them, does not leave a few endpoints with all of the calls.

export interface EjectionOptions {
	/** Failures in a row; 0 switches ejection off. */
	readonly consecutiveFailures: number;
	/** How long an endpoint is out at first; twice as long each time up to `maxMs`. */
	readonly baseMs: number;
	readonly maxMs: number;
	/** Of the endpoints, from 0 to 1; one may always be out, unless it is the only one. */
	readonly maxShare: number;
}

/** What is kept for each endpoint. */
export class EjectionState {
	failures = 0;
	/** Times that it was ejected lately. */
	count = 0;
	untilMs = Number.NEGATIVE_INFINITY;

	isEjected(nowMs: number): boolean {
		return nowMs < this.untilMs;
	}
}

/** @param all - of every endpoint of the service. @returns whether the endpoint is ejected by this failure. */
export function onFailure(
	state: EjectionState,
	all: Iterable<EjectionState>,
	options: EjectionOptions,
	nowMs: number,
): boolean {
	state.failures++;
	const { consecutiveFailures, baseMs, maxMs, maxShare } = options;
	if (consecutiveFailures === 0 || state.failures < consecutiveFailures || state.isEjected(nowMs)) return false;
	let endpoints = 0;
	let ejected = 0;
	for (const other of all) {
		endpoints++;
		if (other.isEjected(nowMs)) ejected++;
	}
	const allowed = Math.min(endpoints - 1, Math.max(1, Math.floor(endpoints * maxShare)));
	if (ejected >= allowed) return false;
	// Good for as long as it was out at last: the count goes down again.
	const quietMs = nowMs - state.untilMs;
	if (quietMs > durationMs(state.count, baseMs, maxMs)) state.count = Math.max(0, state.count - 1);
	state.count++;
	state.failures = 0;
	state.untilMs = nowMs + durationMs(state.count, baseMs, maxMs);
	return true;
}

export function onSuccess(state: EjectionState): void {
	state.failures = 0;
}

function durationMs(count: number, baseMs: number, maxMs: number): number {
	return Math.min(baseMs * 2 ** Math.max(0, count - 1), maxMs);
}
