// What more subscribers of one room cost: CPU per delivery, with the same deliveries a second whatever the room's size.
import { measureIdle } from "../../closed-loop.ts";
import type { PublishFigures } from "../../load/fleet.ts";
import { controlMessage } from "../../rooms.ts";
import { type Context, pause, subjectTitles } from "../../scenario.ts";
import { chatMembers } from "../../servers/chat-rooms.ts";
import type { ServerProcess } from "../../servers/server-process.ts";
import { ROUNDS, type ScalingSubject, SUBJECTS } from "./connections.ts";

const SUBSCRIBERS = [100, 1000, 10_000] as const;
const DELIVERIES_PER_SECOND = 40_000;
/** In turn: in the smallest room one alone would have more requests in flight than a connection may. */
const SPEAKERS = 100;
/** As in `fanout`. */
const SESSIONS_PER_USER = 100;
const WARM_UP_SECONDS = 1;
const SETTLE_MS = 500;

export interface FanoutPoint {
	readonly subject: ScalingSubject;
	readonly subscribers: number;
	readonly round: number;
	readonly messages: number;
	readonly deliveries: number;
	/** What the message itself costs included. */
	readonly cpuUsPerDelivery: number;
}

interface Lane {
	readonly subject: ScalingSubject;
	readonly server: ServerProcess;
	readonly members: readonly { readonly room: string; readonly first?: Uint8Array }[];
	/** One for each publisher, or one for all. */
	readonly messages: readonly Uint8Array[];
	idleUsPerSecond: number;
}

function subscriberSteps(most: number): number[] {
	return SUBSCRIBERS.filter((subscribers) => subscribers <= Math.max(most, SUBSCRIBERS[0]));
}

export function stepsOfSubscribers(most: number): number {
	return 1 + subscriberSteps(most).length * SUBJECTS.length;
}

export async function scaleSubscribers(context: Context): Promise<FanoutPoint[]> {
	const { fleet, progress, settings } = context;
	const sizes = subscriberSteps(settings.connections);
	const most = sizes.at(-1) ?? 0;
	progress.step(`a room with ${most} members`);
	const [framegate, uws] = [await context.start("framegate"), await context.start("uws")];
	const plan = { rooms: 1, membersPerRoom: most, sessionsPerUser: SESSIONS_PER_USER };
	const members = await chatMembers(framegate.port, plan);
	const messages = members.slice(0, SPEAKERS).map(({ message }) => message);
	const own: Lane = { subject: "framegate", server: framegate, members, messages, idleUsPerSecond: 0 };
	let floor: Lane | undefined;
	const points: FanoutPoint[] = [];
	for (const subscribers of sizes) {
		progress.step(`${subscribers} subscribers: ${subjectTitles.framegate} warms up`);
		const push = await gather(context, own, subscribers);
		floor ??= {
			subject: "uws",
			server: uws,
			messages: [controlMessage("uws", Buffer.from(push))],
			idleUsPerSecond: 0,
			members: Array.from({ length: most }, () => ({ room: "0" })),
		};
		await gather(context, floor, subscribers);
		await pause(SETTLE_MS);
		await measureIdle([own, floor]);
		progress.step(`${subscribers} subscribers`);
		for (let round = 1; round <= ROUNDS; round++) {
			for (const lane of [own, floor]) points.push({ ...(await measure(context, lane, subscribers)), round });
		}
		for (const lane of [own, floor]) await fleet.disconnect(lane.subject);
		await pause(SETTLE_MS);
	}
	for (const server of [framegate, uws]) await context.stop(server);
	return points;
}

/** Connects so many members, and warms up. Returns what they receive. */
async function gather(context: Context, lane: Lane, subscribers: number): Promise<Uint8Array> {
	const members = lane.members.slice(0, subscribers);
	await context.fleet.connect(lane.subject, { port: lane.server.port, dialect: lane.subject, members });
	const { sample } = await publish(context, lane, subscribers, WARM_UP_SECONDS);
	return sample;
}

function publish(context: Context, lane: Lane, subscribers: number, seconds: number): Promise<PublishFigures> {
	return context.fleet.publish(lane.subject, {
		publishers: Array.from({ length: SPEAKERS }, (_, member) => member),
		messages: lane.messages,
		perSecond: DELIVERIES_PER_SECOND / subscribers,
		seconds,
		membersPerRoom: subscribers,
	});
}

async function measure(context: Context, lane: Lane, subscribers: number): Promise<Omit<FanoutPoint, "round">> {
	const cpuBefore = lane.server.cpuUs();
	const startMs = performance.now();
	const { sent, delivered } = await publish(context, lane, subscribers, context.settings.seconds);
	const elapsedSeconds = (performance.now() - startMs) / 1000;
	const cpuUs = lane.server.cpuUs() - cpuBefore - lane.idleUsPerSecond * elapsedSeconds;
	return {
		subject: lane.subject,
		subscribers,
		messages: sent,
		deliveries: delivered,
		cpuUsPerDelivery: cpuUs / delivered,
	};
}
