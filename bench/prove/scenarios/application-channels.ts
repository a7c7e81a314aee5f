// Application channels under faults, with the client library: half of the subscribers take deltas. Every publication that was
// acknowledged is delivered to every subscriber, whole and equal to what was published, once and in order; what is missing was reported
// before anything that came after it.
import { WebSocket as WsWebSocket } from "ws";
import { type AppPublication, type Client, createClient } from "../../../client/index.ts";
import type { Random } from "../random.ts";
import type { Check, Context, Outcome, Scenario } from "../scenario.ts";
import { atLeast, atMost, pause } from "../under-load.ts";

const PASSWORD = "correct horse battery staple";
const SUBSCRIBERS = 4;
/** Lines of the document that each publication changes in one place. */
const LINES = 40;
const POLL_MS = 20;
const MAX_EXAMPLES = 12;
const NAMESPACES = {
	docs: {
		subscribe: ["session"],
		publish: ["session"],
		delta: true,
		historySize: 1000,
		historyBytes: 16_777_216,
		userRate: { perSecond: 0 },
	},
};
const ENV = {
	FRAMEGATE_APPLICATION_CHANNELS_NAMESPACES: JSON.stringify(NAMESPACES),
	FRAMEGATE_RATES_CONNECTS_PER_IP_PER_SECOND: "0",
	FRAMEGATE_RATES_IP_PER_SECOND: "0",
	// All clients come from one address.
	FRAMEGATE_AUTH_ATTEMPTS_REGISTER_PER_IP_POINTS: "100000",
	FRAMEGATE_AUTH_ATTEMPTS_LOGIN_PER_IP_POINTS: "100000",
};

interface Place {
	readonly epoch: string;
	readonly offset: number;
}

interface Received {
	readonly id: string;
	readonly epoch: string;
	readonly offset: number;
	readonly text: string;
	/** A gap was reported before it. */
	readonly isAfterGap: boolean;
}

/** A client whose connections break. */
class Peer {
	readonly client: Client;
	readonly log: Received[] = [];
	/** Subscriptions that ended without being asked to, and why. */
	readonly ends: string[] = [];
	gaps = 0;
	drops = 0;
	private readonly sockets: WsWebSocket[] = [];
	/** A gap was reported up to here, and nothing came since. */
	gap: Place | undefined;

	constructor(urls: readonly string[], random: Random) {
		const { sockets } = this;
		class Breakable extends WsWebSocket {
			constructor(url: string, protocols: string[]) {
				super(url, protocols);
				sockets.splice(0, sockets.length, this);
			}
		}
		this.client = createClient({
			url: urls,
			WebSocket: Breakable,
			backoff: { minMs: 20, maxMs: 500 },
			random: () => random.next(),
			onError: () => {},
		});
	}

	async enter(name: string): Promise<void> {
		await this.client.connect();
		await this.client.auth.register({ username: name, password: PASSWORD });
		await this.client.login({ username: name, password: PASSWORD });
	}

	async subscribe(channel: string, delta: boolean): Promise<void> {
		await this.client.channel(channel).subscribe({
			delta,
			onPublication: (publication) => this.receive(publication),
			onRecovery: ({ recovered, offset, epoch }) => {
				if (recovered) return;
				this.gaps++;
				this.gap = { offset, epoch };
			},
			onEnded: (end) => this.ends.push(`${channel}: ${end instanceof Error ? end.message : end}`),
		});
	}

	drop(): void {
		this.drops++;
		this.sockets.at(-1)?.terminate();
	}

	private receive(publication: AppPublication): void {
		const { publicationId: id, epoch, offset } = publication;
		this.log.push({ id, epoch, offset, text: publication.text(), isAfterGap: this.gap !== undefined });
		this.gap = undefined;
	}
}

interface Sent {
	readonly id: string;
	readonly text: string;
	epoch: string;
	offset: number;
}

interface Channel {
	readonly name: string;
	readonly publisher: Peer;
	readonly subscribers: readonly Peer[];
	readonly sent: Sent[];
}

type Kind = "ended" | "lost" | "twice" | "outOfOrder" | "wrong" | "unacknowledged";

export const applicationChannelScenarios: readonly Scenario<"standalone">[] = [
	scenario("application-channels-drops", "application channels: connections lost at random", false, async () => {}),
	scenario("application-channels-node-kill", "application channels: kill -9 of a node", false, async (context) => {
		await context.nodes[0]?.kill9();
		await pause((context.plan.seconds * 1000) / 3);
		await context.startAgain(0);
	}),
	scenario(
		"application-channels-redis",
		"application channels: Redis shut down and started again",
		true,
		async (context) => {
			await context.redis.shutDown();
			await pause(context.plan.outageMs);
			await context.redis.startAgain();
		},
	),
];

/** @param mayLose - the fault may end epochs: gaps are then reported, and what is missing has to be behind one. */
function scenario(
	name: string,
	title: string,
	mayLose: boolean,
	fault: (context: Context<"standalone">) => Promise<void>,
): Scenario<"standalone"> {
	return {
		name,
		title,
		needs: { redis: "standalone", nodes: 2, env: ENV },
		steps: 3,
		run: (context) => run(context, mayLose, fault),
	};
}

async function run(
	context: Context<"standalone">,
	mayLose: boolean,
	fault: (context: Context<"standalone">) => Promise<void>,
): Promise<Outcome> {
	const { plan } = context;
	context.step("clients subscribe");
	const channels = await enter(context);
	const peers = channels.flatMap(({ publisher, subscribers }) => [publisher, ...subscribers]);
	context.atEnd(() => {
		for (const { client } of peers) client.close();
	});
	context.step("publications under faults");
	const load = { isOver: false };
	const jitter = peers.map((peer) => lose(peer, context, load));
	const publishing = channels.map((channel) => publish(channel, context));
	await pause((plan.seconds * 1000) / 3);
	await fault(context);
	await Promise.all(publishing);
	load.isOver = true;
	await Promise.all(jitter);
	context.step("until everybody has everything");
	await settle(channels, plan.settleMs);
	return outcome(context, channels, mayLose);
}

async function enter({ plan, nodes, random }: Context): Promise<Channel[]> {
	const urls = nodes.map(({ url }) => url);
	const peer = async (name: string, index: number): Promise<Peer> => {
		const made = new Peer(index % 2 === 0 ? urls : urls.toReversed(), random.fork());
		await made.enter(name);
		return made;
	};
	const channels: Channel[] = [];
	for (let index = 0; index < plan.rooms; index++) {
		const name = `docs:${index}`;
		const publisher = await peer(`publisher${index}`, index);
		const subscribers: Peer[] = [];
		for (let at = 0; at < SUBSCRIBERS; at++) {
			const subscriber = await peer(`subscriber${index}-${at}`, at >> 1);
			await subscriber.subscribe(name, at % 2 === 1);
			subscribers.push(subscriber);
		}
		channels.push({ name, publisher, subscribers, sent: [] });
	}
	return channels;
}

/** Publishes one after the other; each is repeated under its id until it is acknowledged. */
async function publish({ name, publisher, sent }: Channel, { plan, timeline }: Context): Promise<void> {
	const count = Math.floor(plan.messages / plan.rooms / SUBSCRIBERS);
	const beginMs = performance.now();
	const lines = Array.from({ length: LINES }, (_, line) => ({ line, text: `line ${line} of ${name}`, version: 0 }));
	for (let number = 0; number < count; number++) {
		const dueMs = beginMs + (number * plan.seconds * 1000) / count;
		await pause(Math.max(0, dueMs - performance.now()));
		(lines[number % LINES] as { version: number }).version = number;
		const draft: Sent = { id: `${number}`, text: JSON.stringify(lines), epoch: "", offset: 0 };
		sent.push(draft);
		timeline.published(`${name}:${number}`);
		const giveUpMs = performance.now() + plan.settleMs;
		while (draft.epoch === "" && performance.now() < giveUpMs) {
			try {
				const options = { publicationId: draft.id, timeoutMs: 5000 };
				const reply = await publisher.client.channel(name).publish(draft.text, options);
				draft.epoch = reply.epoch ?? "";
				draft.offset = reply.offset ?? 0;
			} catch {
				await pause(POLL_MS);
			}
		}
	}
}

async function lose(peer: Peer, { plan, random }: Context, load: { readonly isOver: boolean }): Promise<void> {
	const own = random.fork();
	while (!load.isOver) {
		await pause(own.exponential(plan.meanDropMs, 4 * plan.meanDropMs));
		if (!load.isOver && peer.client.state === "ready") peer.drop();
	}
}

/** Whether a gap was reported up to the last publication: the subscriber came back after it. */
function endsInGap({ gap }: Peer, last: Sent | undefined): boolean {
	return gap !== undefined && gap.epoch === last?.epoch && gap.offset >= last.offset;
}

/** Until every subscriber has the last publication of its channel, or knows that it lacks it. */
async function settle(channels: readonly Channel[], settleMs: number): Promise<void> {
	const endMs = performance.now() + settleMs;
	const isSettled = ({ sent, subscribers }: Channel): boolean =>
		subscribers.every((peer) => peer.log.at(-1)?.id === sent.at(-1)?.id || endsInGap(peer, sent.at(-1)));
	while (!channels.every(isSettled) && performance.now() < endMs) await pause(POLL_MS);
}

function outcome(context: Context, channels: readonly Channel[], mayLose: boolean): Outcome {
	const found: Record<Kind, number> = { ended: 0, lost: 0, twice: 0, outOfOrder: 0, wrong: 0, unacknowledged: 0 };
	const examples: string[] = [];
	const find = (kind: Kind, what: string): void => {
		found[kind]++;
		if (examples.length < MAX_EXAMPLES) examples.push(what);
	};
	for (const channel of channels) {
		for (const end of channel.subscribers.flatMap(({ ends }) => ends)) find("ended", end);
		compare(channel, find);
	}
	const subscribers = channels.flatMap((channel) => channel.subscribers);
	const sum = (of: (peer: Peer) => number): number => subscribers.reduce((total, peer) => total + of(peer), 0);
	const figures = {
		clients: channels.length * (SUBSCRIBERS + 1),
		published: channels.reduce((total, { sent }) => total + sent.length, 0),
		delivered: sum(({ log }) => log.length),
		drops: sum(({ drops }) => drops),
		gaps: sum(({ gaps }) => gaps),
		...found,
	};
	const checks: Check[] = [
		...(Object.keys(found) as Kind[]).map((kind) => atMost(kind, found[kind], 0)),
		atLeast("connections lost", figures.drops, subscribers.length),
		...(mayLose ? [] : [atMost("gaps reported", figures.gaps, 0)]),
	];
	context.timeline.count("acknowledged");
	return { figures, checks, examples };
}

/** Each log is what was sent, in its order; what is missing lies before something that a gap was reported for. */
function compare({ name, sent, subscribers }: Channel, find: (kind: Kind, what: string) => void): void {
	const numbers = new Map(sent.map(({ id }, index) => [id, index]));
	for (const { id, epoch } of sent) if (epoch === "") find("unacknowledged", `${name}: ${id} was never acknowledged`);
	for (const [index, peer] of subscribers.entries()) {
		const { log } = peer;
		const who = `${name}, subscriber ${index}`;
		let next = 0;
		for (const { id, text, isAfterGap } of log) {
			const number = numbers.get(id);
			const draft = number === undefined ? undefined : sent[number];
			if (number === undefined || draft?.text !== text) find("wrong", `${who} has ${id} with other data`);
			else if (number < next - 1) find("outOfOrder", `${who} has ${id} behind ${next - 1}`);
			else if (number < next) find("twice", `${who} has ${id} again`);
			else {
				if (number > next && !isAfterGap)
					find("lost", `${who} lacks ${next} to ${number - 1}, and no gap was reported`);
				next = number + 1;
			}
		}
		if (next < sent.length && !endsInGap(peer, sent.at(-1)))
			find("lost", `${who} lacks the last ${sent.length - next}`);
	}
}
