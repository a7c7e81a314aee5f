// What the scenarios with rooms share: the same members in the same rooms of the gateway and of both controls, receiving
// messages of the same length.
import type { DialectName } from "./load/dialects.ts";
import type { PublishFigures } from "./load/fleet.ts";
import { stampPlaces } from "./load/stamps.ts";
import type { Context, Subject } from "./scenario.ts";
import { type ChatMemberEntry, type ChatPlan, chatMembers } from "./servers/chat-rooms.ts";
import type { ServerProcess } from "./servers/server-process.ts";

/** The gateway first: the controls publish the same bytes that it pushed. */
export const ROOM_SUBJECTS: readonly (Subject & DialectName)[] = ["framegate", "uws", "socketio"];

export interface RoomLane {
	readonly subject: Subject & DialectName;
	readonly server: ServerProcess;
	readonly messages: readonly Uint8Array[];
	readonly membersPerRoom: number;
	/** Of the gateway alone; those of a room are adjacent. */
	readonly members: readonly ChatMemberEntry[];
}

/** Of the JSON around a text in a Socket.IO packet. */
const PACKET_START = '42["m","';
const PACKET_END = '"]';

/** What a member sends to a control, so that every member receives as many bytes as the gateway pushes. */
export function controlMessage(subject: DialectName, push: Buffer): Uint8Array {
	const places = stampPlaces(push);
	const [first] = places;
	if (first === undefined) throw new Error("the gateway's push has no stamp");
	if (subject === "uws") return push;
	const stamp = push.subarray(first - 2, first + 16).toString("latin1");
	const room = push.length - PACKET_START.length - PACKET_END.length;
	return Buffer.from(PACKET_START + stamp.padEnd(Math.max(room, stamp.length), "x") + PACKET_END, "latin1");
}

/** Starts a server and fills its rooms. */
export async function openRooms(
	context: Context,
	subject: Subject & DialectName,
	plan: ChatPlan,
	push: Uint8Array | undefined,
): Promise<RoomLane> {
	const { rooms, membersPerRoom } = plan;
	const server = await context.start(subject);
	const { port } = server;
	if (subject === "framegate") {
		const members: ChatMemberEntry[] = await chatMembers(port, plan);
		await context.fleet.connect(subject, { port, dialect: subject, members });
		return { subject, server, membersPerRoom, members, messages: members.map((member) => member.message) };
	}
	if (push === undefined) throw new Error("what the gateway pushes is not known yet");
	const members = Array.from({ length: rooms * membersPerRoom }, (_, member) => ({
		room: String(Math.floor(member / membersPerRoom)),
	}));
	await context.fleet.connect(subject, { port, dialect: subject, members });
	const messages = [controlMessage(subject, Buffer.from(push))];
	return { subject, server, membersPerRoom, members: [], messages };
}

/** Opens all lanes, and lets each of them warm up. */
export async function openLanes(
	context: Context,
	plan: ChatPlan,
	warmUp: (lane: RoomLane) => Promise<PublishFigures>,
): Promise<RoomLane[]> {
	const lanes: RoomLane[] = [];
	let push: Uint8Array | undefined;
	for (const subject of ROOM_SUBJECTS) {
		context.progress.step(`filling rooms and warming up: ${subject}`);
		const lane = await openRooms(context, subject, plan, push);
		lanes.push(lane);
		const { sample } = await warmUp(lane);
		push ??= sample;
	}
	return lanes;
}
