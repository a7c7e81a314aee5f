// Runs one scenario: starts what it needs, bounds its time, and ends everything that was started, in any case.
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";
import type { Check, Outcome, Scenario } from "./scenario.ts";
import { startSite } from "./site.ts";
import { Timeline, type TimelineFigures } from "./timeline.ts";

export interface ScenarioResult {
	readonly name: string;
	readonly title: string;
	/** Of a control: the scenario that it is to be compared with. */
	readonly controlOf?: string;
	/** Of a control: that it ran at all. */
	readonly passed: boolean;
	readonly seconds: number;
	readonly figures: Outcome["figures"];
	readonly checks: readonly Check[];
	readonly examples: readonly string[];
	readonly notes?: readonly string[];
	/** Of a scenario that has failed: the end of what each node has logged. */
	readonly logs: readonly string[];
	readonly timeline: TimelineFigures;
}

export interface RunOptions {
	readonly plan: Plan;
	readonly random: Random;
	/** What nodes run: a built `framegate.js`; undefined runs the sources. */
	readonly entry?: string;
	/** The same of the commit before, for a scenario that needs it. */
	readonly entryBefore?: string;
	readonly step?: (what: string) => void;
	/** Ends the scenario early, which then counts as failed. */
	readonly signal?: AbortSignal;
}

/** For starting and ending servers, and for the accounts. */
const MARGIN_MS = 90_000;

/** Never throws: a scenario that could not be run has failed. */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<ScenarioResult> {
	const startedAtMs = performance.now();
	const ends: (() => unknown)[] = [];
	const logs: string[] = [];
	const timeline = new Timeline(options.plan.timelineStepMs);
	let outcome: Outcome;
	try {
		outcome = await Promise.race([attempt(scenario, options, { ends, logs, timeline }), limit(options)]);
	} catch (error) {
		const found = error instanceof Error ? error.message : String(error);
		outcome = { figures: {}, checks: [{ what: "the scenario ran to its end", holds: false, found }], examples: [] };
	}
	// Backwards: clients before nodes, nodes before what they use.
	for (const end of ends.reverse()) {
		try {
			await end();
		} catch (error) {
			outcome = {
				...outcome,
				checks: [...outcome.checks, { what: "what was started was ended", holds: false, found: String(error) }],
			};
		}
	}
	const seconds = Math.round((performance.now() - startedAtMs) / 100) / 10;
	const passed = outcome.checks.length > 0 && outcome.checks.every(({ holds }) => holds);
	const shown = { logs: passed ? [] : logs, timeline: timeline.figures() };
	const { name, title, controlOf } = scenario;
	const named = { name, title, ...(controlOf === undefined ? {} : { controlOf }) };
	return { ...named, passed, seconds, ...outcome, ...shown };
}

interface Kept {
	/** What ends what was started, in the order in which it was. */
	readonly ends: (() => unknown)[];
	readonly logs: string[];
	readonly timeline: Timeline;
}

async function attempt(scenario: Scenario, options: RunOptions, { ends, logs, timeline }: Kept): Promise<Outcome> {
	const { plan, random, entry, entryBefore, step = () => {} } = options;
	step(
		`${scenario.name}: ${scenario.needs.nodes} nodes, Redis (${scenario.needs.redis}), ${scenario.needs.sql === "embedded" ? "SQLite" : "PostgreSQL"}`,
	);
	const site = await startSite(scenario.needs, { plan, entry, entryBefore, keep: (stop) => ends.push(stop) });
	ends.push(() => logs.push(...site.nodes.map((node) => node.log())));
	return await scenario.run({
		plan,
		random,
		timeline,
		...site,
		step: (what) => {
			timeline.event(what);
			step(`${scenario.name}: ${what}`);
		},
		atEnd: (task) => ends.push(task),
	});
}

function limit({ plan, signal }: RunOptions): Promise<never> {
	const loadSeconds = Math.max(plan.seconds, plan.calmSeconds + plan.attackSeconds);
	const ms = loadSeconds * 1000 + Math.max(plan.outageMs, plan.kafkaOutageMs) + plan.settleMs + MARGIN_MS;
	return new Promise((_resolve, reject) => {
		const timer = setTimeout(() => reject(new Error(`it took longer than ${Math.round(ms / 1000)} s`)), ms);
		timer.unref();
		signal?.addEventListener("abort", () => reject(new Error("it was interrupted")), { once: true });
	});
}
