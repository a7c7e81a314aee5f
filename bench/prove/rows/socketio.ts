// The controls of the proof: what a user would pick instead, under the same jitter. Socket.IO with its recovery of
// connection states, and a stream in Redis between its nodes. What it loses is told, and fails nothing.
import { ControlCrowd } from "../control/crowd.ts";
import { ControlNodes } from "../control/nodes.ts";
import { readStream } from "../control/stream.ts";
import type { StandaloneRedis } from "../redis.ts";
import type { Context, Outcome, Row } from "../row.ts";
import { atLeast, pause } from "../under-load.ts";

const NODES = 2;
const DYING = 0;
/** Beside the messages, each of which may be repeated: of nodes that come and go. */
const FURTHER_ENTRIES = 10_000;

type Fault = (crowd: ControlCrowd, nodes: ControlNodes, context: Context) => Promise<unknown>;

export const dropsControl = control("drops", "connections lost at random", 5, async (crowd) => await crowd.keepAway());

export const nodeKillControl = control("node-kill", "kill -9 of a node", 7, async (_crowd, nodes, context) => {
	const third = (context.plan.seconds * 1000) / 3;
	await pause(third);
	context.step("kill -9 of a node");
	await nodes.kill9(DYING);
	await pause(third);
	context.step("the node comes back");
	await nodes.startAgain(DYING);
});

function control(controlOf: string, title: string, steps: number, fault: Fault): Row<"standalone"> {
	return {
		...{ name: `${controlOf}-socketio`, title: `${title}, with Socket.IO instead`, controlOf, steps },
		needs: { redis: "standalone", nodes: 0 },
		run: (context) => underJitter(context, context.redis, fault),
	};
}

async function underJitter(context: Context, redis: StandaloneRedis, fault: Fault): Promise<Outcome> {
	const { plan, random, timeline } = context;
	context.step("nodes of Socket.IO start");
	const nodes = await ControlNodes.start({
		redisUrl: redis.url,
		count: NODES,
		streamLength: 2 * plan.messages + FURTHER_ENTRIES,
		keep: (stop) => context.atEnd(stop),
	});
	context.step(`${plan.rooms * plan.membersPerRoom} clients come in`);
	const crowd = await ControlCrowd.gather({ ports: nodes.ports, plan, random, timeline });
	context.atEnd(() => crowd.end());
	context.step(`${plan.messages.toLocaleString("en")} messages in ${plan.seconds} s`);
	const endDrops = crowd.dropAtRandom();
	await Promise.all([crowd.speak(), fault(crowd, nodes, context)]);
	endDrops();
	context.step("until nothing comes any more");
	const isSettled = await crowd.settle();
	context.step("the ledger");
	const { findings, figures } = crowd.audit(await readStream(redis.url));
	return {
		figures: { ...figures },
		// What it keeps of delivery is not judged; that it ran is.
		checks: [
			{
				what: "every client is connected and has what it sent acknowledged",
				holds: isSettled,
				found: String(isSettled),
			},
			atLeast("messages delivered", figures.deliveries, plan.messages),
			atLeast("connections recovered", figures.recoveries, 1),
		],
		examples: [],
		notes: findings.examples,
	};
}
