// The steps of a probe: each is timed, and the first one that fails ends its part. All of them share one deadline.

import { replyCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";

export interface ProbeStep {
	/** `http.health`, `ws.login`. */
	readonly name: string;
	readonly ok: boolean;
	readonly durationMs: number;
	/** What was received, where it says something. */
	readonly detail?: Readonly<Record<string, unknown>>;
	/** Why it failed. */
	readonly error?: string;
}

/** Ends a part whose failed step is on the list already. */
export class StepFailed extends Error {}

const MAX_CAUSES = 4;

export class ProbeRun {
	readonly steps: ProbeStep[] = [];
	/** Aborts at the deadline. */
	readonly signal: AbortSignal;
	private readonly timeoutMs: number;

	constructor(timeoutMs: number) {
		this.timeoutMs = timeoutMs;
		this.signal = AbortSignal.timeout(timeoutMs);
	}

	get isOk(): boolean {
		return this.steps.every(({ ok }) => ok);
	}

	/**
	 * Runs a step, and keeps what became of it.
	 *
	 * @param detail - what the list shows of the result.
	 * @throws StepFailed when it failed, or did not end before the deadline.
	 */
	async step<Result>(
		name: string,
		run: () => Promise<Result>,
		detail: (result: Result) => Readonly<Record<string, unknown>> = () => ({}),
	): Promise<Result> {
		const startedAtMs = performance.now();
		const durationMs = () => Math.round((performance.now() - startedAtMs) * 10) / 10;
		try {
			const result = await this.beforeDeadline(run());
			const shown = detail(result);
			const more = Object.keys(shown).length === 0 ? {} : { detail: shown };
			this.steps.push({ name, ok: true, durationMs: durationMs(), ...more });
			return result;
		} catch (error) {
			this.steps.push({ name, ok: false, durationMs: durationMs(), error: this.describe(error) });
			throw new StepFailed(name);
		}
	}

	/** Runs the steps of a part. Whatever fails in it is on the list. */
	async part(run: () => Promise<void>): Promise<void> {
		try {
			await run();
		} catch (error) {
			if (!(error instanceof StepFailed)) throw error;
		}
	}

	private async beforeDeadline<Result>(result: Promise<Result>): Promise<Result> {
		const { signal } = this;
		return await new Promise<Result>((resolve, reject) => {
			const onAbort = (): void => reject(signal.reason);
			if (signal.aborted) onAbort();
			signal.addEventListener("abort", onAbort, { once: true });
			result.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
		});
	}

	private describe(thrown: unknown): string {
		if (this.signal.aborted) return `not done within ${this.timeoutMs} ms`;
		if (thrown instanceof GatewayError) return `${replyCode(thrown.code).name}: ${thrown.message}`;
		const lines: string[] = [];
		for (let error = thrown; error instanceof Error && lines.length < MAX_CAUSES; error = error.cause) {
			const { code } = error as NodeJS.ErrnoException;
			lines.push(error.message || String(code ?? error.name));
		}
		return lines.join(": ") || String(thrown);
	}
}
