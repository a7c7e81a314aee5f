// Application channels: memory of a subscription over that of a bare topic, server CPU per delivery against a bare publish of the same
// bytes, and the bytes of deltas of a document that changes in places.
import { once } from "node:events";
import WebSocket from "ws";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { DeltaEncoder } from "../../protocol/fossil-delta.ts";
import { applicationChannelRoutes as routes } from "../../protocol/gen/schema.ts";
import type { Context, Outcome, Scenario, Subject } from "../scenario.ts";
import { firstWords, pause, showSummary, summary } from "../scenario.ts";
import { collectable, type ServerProcess } from "../servers/server-process.ts";

type Lane = Subject & ("framegate" | "uws");

const SUBJECTS: readonly Lane[] = ["framegate", "uws"];
const ROUNDS = 3;
const CONNECTIONS = 1000;
const SUBSCRIPTIONS_PER_CONNECTION = 100;
const SUBSCRIBERS_PER_CHANNEL = 10;
const CHANNELS = (CONNECTIONS * SUBSCRIPTIONS_PER_CONNECTION) / SUBSCRIBERS_PER_CHANNEL;
/**
 * Of one channel, in what is measured of deliveries. A publication costs what a request does, whatever its subscribers are; with many
 * subscribers what remains is what a delivery costs, as in the scenario `fanout`. With one, that request is all there is.
 */
const AUDIENCE = 1000;
/** By subscribers of the channel. */
const MESSAGES: Readonly<Record<number, number>> = { 1: 20_000, [AUDIENCE]: 1000 };
/** How often a server is measured with clients that are silent, which is taken off. */
const IDLE_MS = 1500;
const SESSIONS_PER_USER = 50;
const DATA_BYTES = 200;
/** Publications sent before one of them has come back. */
const WINDOW = 8;
const SETTLE_MS = 2000;
const NAMESPACES = {
	bench: { subscribe: ["session"], publish: ["session"], userRate: { perSecond: 0 }, channelRate: { perSecond: 0 } },
};
const ENV = {
	FRAMEGATE_APPLICATION_CHANNELS_NAMESPACES: JSON.stringify(NAMESPACES),
	FRAMEGATE_APPLICATION_CHANNELS_SUBSCRIBE_RATE_PER_SECOND: "0",
};

const writer = new EnvelopeWriter();

/** One connection, to either server. */
class Peer {
	readonly socket: WebSocket;
	received = 0;
	lastBytes: Uint8Array = new Uint8Array();
	private onFrame: (() => void) | undefined;

	constructor(socket: WebSocket, subject: Lane) {
		this.socket = socket;
		socket.on("message", (data: Buffer, isBinary: boolean) => {
			const isPush = isBinary && (subject === "uws" || isPublication(data));
			if (isPush) {
				this.received++;
				this.lastBytes = data;
			}
			this.onFrame?.();
		});
	}

	/** Resolves with the next frame for which `isIt` holds. */
	until(isIt: () => boolean): Promise<void> {
		return new Promise((resolve) => {
			this.onFrame = () => {
				if (!isIt()) return;
				this.onFrame = undefined;
				resolve();
			};
			this.onFrame();
		});
	}

	/** Sends a frame, and waits for any. */
	async ask(frame: Uint8Array | string): Promise<void> {
		const answered = once(this.socket, "message");
		this.socket.send(frame);
		await answered;
	}
}

/** The first field of the envelope is the protocol number: 5501. */
function isPublication(frame: Buffer): boolean {
	return frame[0] === 0x08 && frame[1] === 0xfd && frame[2] === 0x2a;
}

async function connect(
	subject: Lane,
	{ port }: ServerProcess,
	count: number,
	first: readonly Uint8Array[],
): Promise<Peer[]> {
	const peers: Peer[] = [];
	for (let index = 0; index < count; index++) {
		const path = subject === "uws" ? "topics" : "ws";
		const socket = new WebSocket(`ws://127.0.0.1:${port}/${path}`, { perMessageDeflate: false });
		await once(socket, "open");
		const peer = new Peer(socket, subject);
		if (subject === "framegate") await peer.ask(first[index % first.length] as Uint8Array);
		peers.push(peer);
	}
	return peers;
}

async function subscribe(subject: Lane, peer: Peer, channels: readonly string[]): Promise<void> {
	if (subject === "uws") {
		await peer.ask(JSON.stringify(channels));
		return;
	}
	const { number, request } = routes.subscribeChannel;
	for (const [index, channel] of channels.entries()) {
		await peer.ask(writer.request(number, index + 1, request, { channel }, "").slice());
	}
}

/** Resident memory without garbage, of which requests leave much: how much of it is still there is a matter of chance. */
async function residentBytes(server: ServerProcess): Promise<number> {
	server.collectGarbage();
	await pause(SETTLE_MS);
	return server.rssBytes();
}

/** Bytes of memory that all subscriptions together take. */
async function memory(context: Context, subject: Lane): Promise<number> {
	const server = await context.start(subject, { ...collectable, ...(subject === "framegate" ? ENV : {}) });
	const first = await firstWords(subject, server, CONNECTIONS, CONNECTIONS / 100);
	const peers = await connect(subject, server, CONNECTIONS, first);
	const before = await residentBytes(server);
	await Promise.all(
		peers.map((peer, at) => {
			const names = Array.from({ length: SUBSCRIPTIONS_PER_CONNECTION }, (_, index) => {
				return `bench:channel-${(at * SUBSCRIPTIONS_PER_CONNECTION + index) % CHANNELS}`;
			});
			return subscribe(subject, peer, names);
		}),
	);
	const bytes = (await residentBytes(server)) - before;
	await end(context, server, peers);
	return bytes;
}

/** CPU that the server uses while nothing is sent, in microseconds a millisecond. */
async function idleShare(server: ServerProcess): Promise<number> {
	const before = server.threadsUs();
	const startMs = performance.now();
	await pause(IDLE_MS);
	return (server.threadsUs() - before) / (performance.now() - startMs);
}

/** CPU of the server for each publication, in microseconds. */
async function fanOut(
	context: Context,
	subject: Lane,
	audience: number,
	frame: Uint8Array | undefined,
): Promise<{ cpuUs: number; frame: Uint8Array }> {
	const messages = MESSAGES[audience] as number;
	const server = await context.start(subject, subject === "framegate" ? ENV : {});
	const first = await firstWords(subject, server, audience, Math.ceil(audience / SESSIONS_PER_USER));
	const peers = await connect(subject, server, audience, first);
	for (const peer of peers) await subscribe(subject, peer, ["bench:all"]);
	const publisher = peers[0] as Peer;
	const send = (index: number): void => {
		if (subject === "uws") {
			publisher.socket.send(frame as Uint8Array);
			return;
		}
		const { number, request } = routes.publishChannel;
		const draft = { channel: "bench:all", data: new Uint8Array(DATA_BYTES), publicationId: String(index) };
		publisher.socket.send(writer.request(number, index + 1, request, draft, "").slice());
	};
	const run = async (from: number, count: number): Promise<void> => {
		const start = publisher.received;
		for (let index = 0; index < count; index++) {
			send(from + index);
			await publisher.until(() => publisher.received >= start + index + 1 - WINDOW);
		}
		await Promise.all(peers.map((peer) => peer.until(() => peer.received >= from + count)));
	};
	// As many before the measurement, so that what runs often is compiled.
	await run(0, messages);
	const idle = await idleShare(server);
	const before = server.threadsUs();
	const startMs = performance.now();
	await run(messages, messages);
	const cpuUs = (server.threadsUs() - before - idle * (performance.now() - startMs)) / messages;
	const { lastBytes } = publisher;
	await end(context, server, peers);
	return { cpuUs, frame: lastBytes };
}

async function end(context: Context, server: ServerProcess, peers: readonly Peer[]): Promise<void> {
	for (const { socket } of peers) socket.terminate();
	await context.stop(server);
}

/** Bytes of deltas over bytes of publications: a document of 40 kB in which prices and states change, 2 % of its entries at a time. */
function deltaShare(): { readonly share: number; readonly documentBytes: number; readonly encodeUs: number } {
	const encoder = new DeltaEncoder();
	const entries = Array.from({ length: 450 }, (_, id) => {
		return { id, name: `instrument ${id}`, price: 1000 + id * 7, state: "open", updatedAt: 1_754_530_782_000 + id };
	});
	const utf8 = new TextEncoder();
	let before = utf8.encode(JSON.stringify(entries));
	let [deltaBytes, bytes, changes] = [0, 0, 0];
	const startMs = performance.now();
	for (let round = 1; round <= 200; round++) {
		for (let change = 0; change < 8; change++) {
			const entry = entries[(round * 53 + change * 47) % entries.length] as (typeof entries)[number];
			entry.price += round % 9;
			entry.updatedAt += 1000 * round;
			if (change === 0) entry.state = entry.state === "open" ? "halted" : "open";
		}
		const after = utf8.encode(JSON.stringify(entries));
		deltaBytes += encoder.encode(before, after)?.length ?? after.length;
		bytes += after.length;
		before = after;
		changes++;
	}
	const encodeUs = ((performance.now() - startMs) * 1000) / changes;
	return { share: deltaBytes / bytes, documentBytes: Math.round(bytes / changes), encodeUs };
}

async function run(context: Context): Promise<Outcome> {
	const memories: Record<Lane, number[]> = { framegate: [], uws: [] };
	const cpu: Record<Lane, number[]> = { framegate: [], uws: [] };
	const publication: Record<Lane, number[]> = { framegate: [], uws: [] };
	let frame: Uint8Array | undefined;
	for (let round = 0; round < ROUNDS; round++) {
		for (const subject of SUBJECTS) {
			context.progress.step(`memory of subscriptions: ${subject}`);
			memories[subject].push((await memory(context, subject)) / (CONNECTIONS * SUBSCRIPTIONS_PER_CONNECTION));
			context.progress.step(`deliveries: ${subject}`);
			const measured = await fanOut(context, subject, AUDIENCE, frame);
			if (subject === "framegate") frame = measured.frame;
			cpu[subject].push(measured.cpuUs / AUDIENCE);
			context.progress.step(`publications: ${subject}`);
			publication[subject].push((await fanOut(context, subject, 1, frame)).cpuUs);
		}
	}
	const over = summary(memories.framegate.map((bytes, round) => bytes - (memories.uws[round] as number)));
	const ratio = summary(cpu.framegate.map((us, round) => us / (cpu.uws[round] as number)));
	const { share, documentBytes, encodeUs } = deltaShare();
	return {
		figures: {
			subscriptionBytesOverUws: over,
			cpuPerDeliveryOverUws: ratio,
			cpuUsPerPublication: summary(publication.framegate),
			deltaShare: share,
			documentBytes,
			encodeUs,
		},
		raw: { memories, cpu, publication },
		rows: [
			{
				what: `bytes of a subscription; ${CHANNELS} channels, ${CONNECTIONS * SUBSCRIPTIONS_PER_CONNECTION} subscriptions`,
				values: { framegate: showSummary(summary(memories.framegate), 0), uws: showSummary(summary(memories.uws), 0) },
				result: `+${showSummary(over, 0)} B`,
				budget: "≤ 300 B",
			},
			{
				what: `CPU of a delivery in µs; ${AUDIENCE} subscribers`,
				values: { framegate: showSummary(summary(cpu.framegate)), uws: showSummary(summary(cpu.uws)) },
				result: `${showSummary(ratio)}×`,
				budget: "≤ 1.1×",
			},
			{
				what: "CPU of a publication with one subscriber in µs",
				values: {
					framegate: showSummary(summary(publication.framegate), 1),
					uws: showSummary(summary(publication.uws), 1),
				},
			},
			{
				what: `bytes of deltas, of a JSON document of ${documentBytes} bytes in which 2 % of the entries change`,
				values: { framegate: `${(share * 100).toFixed(2)} %` },
				budget: "≤ 15 %",
			},
		],
	};
}

export const channels: Scenario = {
	name: "channels",
	title: "application channels: memory of subscriptions, CPU of deliveries, bytes of deltas",
	defaults: { connections: CONNECTIONS, seconds: 1 },
	steps: () => ROUNDS * SUBJECTS.length * 3,
	run,
};
