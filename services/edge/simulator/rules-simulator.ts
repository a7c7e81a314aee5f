// Two rules of a simulated plant that run by the clock: the same clock gives the same executions in every process.

import type { Clock } from "../../../common/clock.ts";
import type { BoxExecution, BoxRule, BoxRules } from "../boxes/box-models.ts";

interface Simulated {
	readonly rule: BoxRule;
	readonly periodMs: number;
}

function simulated(id: string, name: string, priority: number, periodMs: number, condition: string): Simulated {
	const definition = { id, name, enabled: true, priority, condition, cooldown: periodMs / 1000 };
	return { rule: { id, name, isActive: true, priority, definitionJson: JSON.stringify(definition) }, periodMs };
}

const RULES: readonly Simulated[] = [
	simulated("sim-cooling", "Start the pump when it is warm", 1, 15_000, "comsrv:1001:T:3 > 85"),
	simulated("sim-peak", "Cut the peak", 2, 60_000, "comsrv:1001:T:4 > 300"),
];

const MAX_EXECUTIONS = 100;
/** Every so many executions one fails. */
const FAILS_EVERY = 10;

export class SimulatorBoxRules implements BoxRules {
	private readonly clock: Pick<Clock, "now">;
	private readonly tickMs: number;
	private timer: NodeJS.Timeout | undefined;

	/** @param tickMs - how often it is checked whether a rule ran. */
	constructor(clock: Pick<Clock, "now">, tickMs = 1000) {
		this.clock = clock;
		this.tickMs = tickMs;
	}

	async ids(_onlyActive: boolean, limit: number): Promise<readonly string[]> {
		return RULES.map(({ rule }) => rule.id).slice(0, limit);
	}

	async get(ids: readonly string[]): Promise<readonly (BoxRule | undefined)[]> {
		return ids.map((id) => find(id)?.rule);
	}

	async state(id: string): Promise<Readonly<Record<string, string>>> {
		const [last] = await this.executions(id, 1);
		if (last === undefined) return {};
		const result = last.succeeded ? "triggered" : "failed";
		return { last_executed: String(Math.floor(last.atMs / 1000)), last_result: result, condition_met: "true" };
	}

	async executions(id: string, limit: number): Promise<readonly BoxExecution[]> {
		const found = find(id);
		if (found === undefined) return [];
		const last = Math.floor(this.clock.now() / found.periodMs);
		const length = Math.max(0, Math.min(limit, MAX_EXECUTIONS));
		return Array.from({ length }, (_, back) => execution(found, last - back));
	}

	onExecuted(listener: (execution: BoxExecution) => void): void {
		let sinceMs = this.clock.now();
		this.timer = setInterval(() => {
			const nowMs = this.clock.now();
			const ran = RULES.flatMap((each) => {
				const last = Math.floor(nowMs / each.periodMs);
				const count = Math.min(last - Math.floor(sinceMs / each.periodMs), MAX_EXECUTIONS);
				return Array.from({ length: Math.max(0, count) }, (_, back) => execution(each, last - back));
			});
			sinceMs = Math.max(sinceMs, nowMs);
			for (const each of ran.sort((a, b) => a.atMs - b.atMs)) listener(each);
		}, this.tickMs).unref();
	}

	close(): void {
		clearInterval(this.timer);
	}
}

function find(id: string): Simulated | undefined {
	return RULES.find(({ rule }) => rule.id === id);
}

function execution({ rule, periodMs }: Simulated, run: number): BoxExecution {
	const succeeded = run % FAILS_EVERY !== 0;
	const detail = succeeded ? "condition met" : "the device did not answer";
	return { ruleId: rule.id, atMs: run * periodMs, succeeded, detail };
}
