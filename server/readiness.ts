// Whether requests can be served right now: every probe makes a round trip through its dependency. Results are shared
// for a moment, so that many health checks cost one request to Redis.
import type { Probe } from "../common/probe.ts";

/** How one dependency answered. */
export interface ProbeResult {
	readonly name: string;
	readonly ok: boolean;
	/** The process is ready without it. */
	readonly optional?: true;
	readonly durationMs: number;
	/** What went wrong, for people; absent when ok. */
	readonly error?: string;
}

export interface ReadinessReport {
	readonly ready: boolean;
	readonly checks: readonly ProbeResult[];
}

const PROBE_TIMEOUT_MS = 2_000;
const SHARED_FOR_MS = 500;

export class Readiness {
	/** Set while the process starts or stops: not ready, whatever the probes say. Undefined: the probes decide. */
	notReadyBecause: string | undefined = "starting";
	private readonly probes: readonly Probe[];
	private readonly now: () => number;
	private last: { readonly atMs: number; readonly report: Promise<readonly ProbeResult[]> } | undefined = undefined;

	/** @param now - monotonic milliseconds. */
	constructor(probes: readonly Probe[], now: () => number) {
		this.probes = probes;
		this.now = now;
	}

	async report(): Promise<ReadinessReport> {
		const nowMs = this.now();
		if (this.last === undefined || nowMs - this.last.atMs > SHARED_FOR_MS) {
			this.last = { atMs: nowMs, report: Promise.all(this.probes.map((probe) => this.check(probe))) };
		}
		const checks = await this.last.report;
		const state = this.notReadyBecause;
		if (state !== undefined) {
			const process: ProbeResult = { name: "process", ok: false, durationMs: 0, error: state };
			return { ready: false, checks: [process, ...checks] };
		}
		return { ready: checks.every((check) => check.ok || check.optional), checks };
	}

	private async check(probe: Probe): Promise<ProbeResult> {
		const startMs = this.now();
		const named = { name: probe.name, ...(probe.isOptional && { optional: true as const }) };
		let timer: NodeJS.Timeout | undefined;
		const timeout = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new Error(`no answer within ${PROBE_TIMEOUT_MS} ms`)), PROBE_TIMEOUT_MS);
		});
		try {
			await Promise.race([probe.check(), timeout]);
			return { ...named, ok: true, durationMs: this.now() - startMs };
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			return { ...named, ok: false, durationMs: this.now() - startMs, error: message };
		} finally {
			clearTimeout(timer);
		}
	}
}
