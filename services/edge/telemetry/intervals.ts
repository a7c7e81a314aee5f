// The intervals of subscriptions. Requested intervals are rounded to a grid, so that similar subscriptions tick
// together, and their keys are read once.

const MIN_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 60_000;
const DEFAULT_INTERVAL_MS = 1000;
const DEFAULT_KEEPALIVE_MS = 30_000;
const MAX_KEEPALIVE_MS = 3_600_000;
/** Up to this interval, a grid this wide. */
const GRIDS: readonly (readonly [upToMs: number, stepMs: number])[] = [
	[1000, 50],
	[10_000, 250],
	[MAX_INTERVAL_MS, 1000],
];

/** The interval that is granted. @param wantedMs - 0: 1000. */
export function revisedIntervalMs(wantedMs: number): number {
	const withinMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, wantedMs || DEFAULT_INTERVAL_MS));
	const step = GRIDS.find(([upToMs]) => withinMs <= upToMs)?.[1] ?? 1000;
	return Math.round(withinMs / step) * step;
}

/** The next longer interval of the grid; undefined after the longest. */
export function nextIntervalMs(intervalMs: number): number | undefined {
	const step = GRIDS.find(([upToMs]) => intervalMs < upToMs)?.[1];
	return step === undefined ? undefined : intervalMs + step;
}

/** @param wantedMs - 0: 30,000. */
export function revisedKeepaliveMs(wantedMs: number, intervalMs: number): number {
	return Math.min(MAX_KEEPALIVE_MS, Math.max(intervalMs, wantedMs || DEFAULT_KEEPALIVE_MS));
}

/** Knuth's multiplicative hash: neighbours end up far apart. */
const SPREAD = 2_654_435_761;
const UINT32_VALUES = 2 ** 32;
/**
 * Periodic work of the process runs every second, or in a fraction or multiple of it: see `common/aligned-interval.ts`.
 */
const ROUND_MS = 1000;

/**
 * The phase of a tick within its interval: together with other periodic work, since waking the process is a large part
 * of the cost of a tick, and ticks at the same time share their reads. Longer intervals are spread over the seconds.
 */
export function phaseMs(intervalMs: number): number {
	const rounds = Math.floor(intervalMs / ROUND_MS);
	const hash = ((intervalMs * SPREAD) >>> 0) / UINT32_VALUES;
	return Math.floor(hash * rounds) * ROUND_MS;
}
