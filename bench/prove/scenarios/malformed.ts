// Malformed input from connections beside the clients': each piece gets an error reply or the end of its connection, the
// nodes live and stay small, and the clients' ledger is whole.
import type { GatewayProcess } from "../../../test/support/gateway.ts";
import { type Answer, RawConnection } from "../hostile/raw-connection.ts";
import { type Sample, samples } from "../hostile/samples.ts";
import type { Random } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { atLeast, atMost, evaluate, LOAD_STEPS, pause, underLoad } from "../under-load.ts";

const ATTACKERS = 4;
/** Each attacker has an address of its own, and may open so many connections from there. */
const BETWEEN_MS = 10;
/** Beside what the clients' traffic makes of a node that has just started. */
const MAX_GROWTH_MB = 150;

interface Tally {
	readonly answers: Record<Answer, number>;
	readonly kinds: Set<string>;
	/** Kinds with another end than they should have. */
	readonly unanswered: Map<string, Answer>;
}

export const malformed: Scenario<"standalone"> = {
	name: "malformed",
	title: "malformed input beside clients",
	// So that what never comes to an end is seen to be ended in the short form as well.
	needs: { redis: "standalone", nodes: 2, env: { FRAMEGATE_LIMITS_AUTH_TIMEOUT_MS: "4000" } },
	steps: LOAD_STEPS,
	async run(context) {
		const { plan, nodes, random } = context;
		const tally: Tally = {
			answers: { reply: 0, close: 0, passed: 0, none: 0 },
			kinds: new Set(),
			unanswered: new Map(),
		};
		const trial = await underLoad(context, async () => {
			const endAtMs = performance.now() + plan.seconds * 1000;
			const node = (index: number): GatewayProcess => nodes[index % nodes.length] as GatewayProcess;
			const attackers = Array.from({ length: ATTACKERS }, (_, index) =>
				attack(node(index).port, `127.2.0.${index + 1}`, random.fork(), tally, endAtMs),
			);
			const unfinished = samples.filter(({ isUnfinished }) => isUnfinished);
			const slow = unfinished.map((sample, index) => tryOnce(sample, node(index).port, random.fork(), tally));
			await Promise.all([...attackers, ...slow]);
		});
		const { answers, kinds, unanswered } = tally;
		const wrong = [...unanswered].map(([name, answer]) => `${name}: ${answer}`);
		const outcome = evaluate(
			context,
			trial,
			[
				atLeast("kinds of malformed input sent", kinds.size, samples.length),
				atMost("kinds that got neither an error nor an end", unanswered.size, 0),
				atLeast("connections ended for it", answers.close, 1),
				atMost("health checks at which a node was not live", trial.watched.notLive, 0),
				atMost("growth of a node's memory in MB", trial.watched.rssGrowthMb, MAX_GROWTH_MB),
				atMost("gaps within the window", trial.figures.gaps, 0),
			],
			{ malformed: answers.reply + answers.close + answers.passed, refused: answers.reply, ended: answers.close },
		);
		return { ...outcome, examples: [...outcome.examples, ...wrong] };
	},
};

/** One kind after the other, in random order, on one connection as long as it lasts. */
async function attack(port: number, from: string, random: Random, tally: Tally, endAtMs: number): Promise<void> {
	const finished = samples.filter(({ isUnfinished }) => !isUnfinished);
	let connection: RawConnection | undefined;
	for (let turn = 0; turn < finished.length || performance.now() < endAtMs; turn++) {
		// Every kind once, then at random.
		const sample = finished[turn < finished.length ? turn : random.below(finished.length)] as Sample;
		if (connection === undefined || connection.isOver) connection = await RawConnection.open(port, from);
		record(sample, await connection.send(sample.bytes(random), true), tally);
		await pause(BETWEEN_MS);
	}
	connection?.end();
}

async function tryOnce(sample: Sample, port: number, random: Random, tally: Tally): Promise<void> {
	const connection = await RawConnection.open(port, "127.2.1.1", !sample.isNoHttp);
	record(sample, await connection.send(sample.bytes(random), false), tally);
	connection.end();
}

function record(sample: Sample, answer: Answer, { answers, kinds, unanswered }: Tally): void {
	answers[answer]++;
	kinds.add(sample.name);
	const isEnough = answer === "reply" || answer === "close" || (answer === "passed" && sample.mayBeValid);
	if (!isEnough) unanswered.set(sample.name, answer);
}
