// The controls of the proof: what a user would pick instead, under the same jitter. Socket.IO with its recovery of
// connection states, and a stream in Redis between its nodes. What it loses is reported, and fails nothing.
import { ControlClients } from "../control/clients.ts";
import { ControlNodes } from "../control/nodes.ts";
import { readStream } from "../control/stream.ts";
import type { StandaloneRedis } from "../redis.ts";
import type { Context, Outcome, Scenario } from "../scenario.ts";
import { atLeast, pause } from "../under-load.ts";

const NODES = 2;
const DYING = 0;
/** Beside the messages, each of which may be repeated: of nodes that come and go. */
const FURTHER_ENTRIES = 10_000;

type Fault = (clients: ControlClients, nodes: ControlNodes, context: Context) => Promise<unknown>;

export const dropsControl = control(
	"drops",
	"connections lost at random",
	5,
	async (clients) => await clients.keepDisconnected(),
);

export const nodeKillControl = control("node-kill", "kill -9 of a node", 7, async (_clients, nodes, context) => {
	const third = (context.plan.seconds * 1000) / 3;
	await pause(third);
	context.step("kill -9 of a node");
	await nodes.kill9(DYING);
	await pause(third);
	context.step("the node starts again");
	await nodes.startAgain(DYING);
});

function control(controlOf: string, title: string, steps: number, fault: Fault): Scenario<"standalone"> {
	return {
		name: `${controlOf}-socketio`,
		title: `${title}, with Socket.IO instead`,
		controlOf,
		steps,
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
	context.step(`${plan.rooms * plan.membersPerRoom} clients connect`);
	const clients = await ControlClients.connect({ ports: nodes.ports, plan, random, timeline });
	context.atEnd(() => clients.end());
	context.step(`${plan.messages.toLocaleString("en")} messages in ${plan.seconds} s`);
	const endDrops = clients.dropAtRandom();
	await Promise.all([clients.publish(), fault(clients, nodes, context)]);
	endDrops();
	context.step("until nothing is delivered any more");
	const isSettled = await clients.settle();
	context.step("the ledger");
	const { findings, figures } = clients.audit(await readStream(redis.url));
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
