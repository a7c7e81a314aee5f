// Whether two nodes of one cluster agree: what a client does at one is valid, visible and delivered at the other. For nodes of
// different versions, which run side by side during a roll.
import type { PushContract, RouteContract } from "../../protocol/contract.ts";
import {
	authRoutes,
	chatRoutes,
	type Envelope,
	GomokuMove,
	gameRoutes,
	HistoryDirection,
	type LoginResponse,
	MemberAction,
	MessageKind,
	notificationRoutes,
	pushes,
	RoomAction,
	SessionRevoked_Reason,
} from "../../protocol/gen/schema.ts";
import type { GatewayProcess } from "../../test/support/gateway.ts";
import { WireClient } from "../../test/support/wire-client.ts";
import type { Check } from "./scenario.ts";

const WITHIN_MS = 15_000;
const POLL_MS = 50;
const PASSWORD = "correct horse battery staple";

/** A user with one connection. */
interface User {
	readonly client: WireClient;
	readonly id: string;
	readonly login: LoginResponse;
}

/** One direction: what is done at `here` must be valid at `there`. */
interface Pair {
	readonly here: GatewayProcess;
	readonly there: GatewayProcess;
	/** Begins the names of the users. */
	readonly name: string;
	/** Each connection has a loopback address of its own, to which limits apply as they are shipped. */
	readonly address: () => string;
}

/**
 * @param versions - what the nodes are called in the checks.
 * @param withinMs - after which a check that is still waiting has failed.
 */
export async function agreement(
	nodes: readonly [GatewayProcess, GatewayProcess],
	versions: readonly [string, string],
	withinMs = WITHIN_MS,
): Promise<Check[]> {
	let addresses = 0;
	const address = (): string => `127.4.0.${++addresses}`;
	const directions = [
		[0, 1],
		[1, 0],
	] as const;
	const checks = directions.flatMap(([from, to]) => {
		const pair: Pair = { here: nodes[from], there: nodes[to], name: `agree-${from}`, address };
		const label = `${versions[from]} → ${versions[to]}`;
		return proofs.map(([what, prove]) => checked(`${label}: ${what}`, prove(pair), withinMs));
	});
	return await Promise.all(checks);
}

const proofs: readonly (readonly [string, (pair: Pair) => Promise<void>])[] = [
	["access and refresh tokens", proveTokens],
	["the end of all sessions", proveRevocation],
	["presence", provePresence],
	["messages and history of a room, and the removal of a member", proveRoom],
	["private messages and notifications", provePrivate],
	["a game of two players", proveGame],
];

async function proveTokens(pair: Pair): Promise<void> {
	const owner = await user(pair, pair.here, "tokens");
	const other = await open(pair, pair.there);
	const accessToken = owner.login.tokens?.accessToken ?? "";
	const connected = await ask(other, authRoutes.connect, { accessToken });
	equal("user of the access token", connected.user?.id, owner.id);
	const renewed = await ask(other, authRoutes.refreshToken, { refreshToken: owner.login.tokens?.refreshToken ?? "" });
	await ask(owner.client, authRoutes.connect, { accessToken: renewed.tokens?.accessToken ?? "" });
	await close(owner.client, other);
}

async function proveRevocation(pair: Pair): Promise<void> {
	const owner = await user(pair, pair.here, "revoked");
	const other = await open(pair, pair.there);
	await ask(other, authRoutes.login, { username: `${pair.name}-revoked`, password: PASSWORD, deviceId: "other" });
	await ask(other, authRoutes.logout, { allSessions: true });
	const { reason } = await pushOf(owner.client, pushes.sessionRevoked, () => true);
	equal("reason of the end", reason, SessionRevoked_Reason.LOGGED_OUT);
	await owner.client.closed;
	await close(other);
}

async function provePresence(pair: Pair): Promise<void> {
	const observer = await user(pair, pair.here, "observer");
	const present = await user(pair, pair.there, "present");
	const isOnline = async (): Promise<boolean> => {
		const { users } = await ask(observer.client, chatRoutes.presence, { userIds: [present.id] });
		return users[0]?.isOnline === true;
	};
	while (!(await isOnline())) await pause(POLL_MS);
	await close(present.client);
	await pushOf(observer.client, pushes.presenceChanged, ({ user: changed }) => {
		return changed?.userId === present.id && !changed.isOnline;
	});
	await close(observer.client);
}

async function proveRoom(pair: Pair): Promise<void> {
	const owner = await user(pair, pair.here, "owner");
	const member = await user(pair, pair.there, "member");
	const { room } = await ask(owner.client, chatRoutes.createChatRoom, { name: pair.name, isPublic: true });
	const roomId = room?.id ?? "";
	await ask(member.client, chatRoutes.joinChatRoom, { roomId });
	for (const [sender, receiver] of [
		[owner, member],
		[member, owner],
	] as const) {
		const text = `from ${sender.id}`;
		await ask(sender.client, chatRoutes.sendMessage, { roomId, clientMsgId: sender.id, content: textOf(text) });
		await pushOf(receiver.client, pushes.messagePosted, ({ message }) => message?.content?.text === text);
	}
	const histories = [owner, member].map(async ({ client }) => {
		const page = { roomId, direction: HistoryDirection.FORWARD, limit: 10 };
		return (await ask(client, chatRoutes.getHistory, page)).messages;
	});
	const [ofOwner = [], ofMember = []] = await Promise.all(histories);
	equal("messages in the history", ofOwner.length, 2);
	equal("history", JSON.stringify(ofMember), JSON.stringify(ofOwner));
	await ask(owner.client, chatRoutes.leaveChatRoom, { roomId, action: MemberAction.KICK, userId: member.id });
	const refused = await member.client.ask(chatRoutes.getHistory, { roomId });
	if ((refused.code ?? 0) === 0) throw new Error("a removed member reads the history");
	await untilUnsubscribed(owner, member, roomId);
	await close(owner.client, member.client);
}

/** Resolves when a message of the room is not delivered any more; a private message behind it shows that it would have been. */
async function untilUnsubscribed(owner: User, member: User, roomId: string): Promise<void> {
	for (let round = 1; ; round++) {
		const [last, marker] = [`last-${round}`, `marker-${round}`];
		await ask(owner.client, chatRoutes.sendMessage, { roomId, clientMsgId: last, content: textOf(last) });
		const content = textOf(marker);
		await ask(owner.client, chatRoutes.sendPrivateMessage, { userId: member.id, clientMsgId: marker, content });
		let isDelivered = false;
		await pushOf(member.client, pushes.messagePosted, ({ message }) => {
			isDelivered ||= message?.content?.text === last;
			return message?.content?.text === marker;
		});
		if (!isDelivered) return;
	}
}

async function provePrivate(pair: Pair): Promise<void> {
	const sender = await user(pair, pair.here, "sender");
	const receiver = await user(pair, pair.there, "receiver");
	const content = textOf("in private");
	await ask(sender.client, chatRoutes.sendPrivateMessage, { userId: receiver.id, clientMsgId: "first", content });
	await pushOf(receiver.client, pushes.messagePosted, ({ message }) => message?.senderId === sender.id);
	const { messages } = await ask(receiver.client, chatRoutes.getPrivateHistory, { userId: sender.id });
	equal("private history", messages[0]?.content?.text, "in private");
	await ask(sender.client, chatRoutes.createChatRoom, { name: "invited", memberIds: [receiver.id] });
	await pushOf(receiver.client, pushes.notification, () => true);
	const listed = await ask(receiver.client, notificationRoutes.listNotifications, {});
	if (listed.notifications.length === 0) throw new Error("the notification of an invitation is missing");
	await close(sender.client, receiver.client);
}

async function proveGame(pair: Pair): Promise<void> {
	const host = await user(pair, pair.here, "host");
	const guest = await user(pair, pair.there, "guest");
	const { room } = await ask(host.client, gameRoutes.createRoom, { name: pair.name, game: "gomoku" });
	const roomId = room?.id ?? "";
	await ask(guest.client, gameRoutes.joinRoom, { roomId });
	const act = (player: User, action: RoomAction, payload?: Uint8Array) =>
		ask(player.client, gameRoutes.gameAction, { roomId, action, ...(payload && { payload }) });
	for (const player of [host, guest]) await act(player, RoomAction.READY);
	await act(host, RoomAction.START);
	const move = (row: number) => GomokuMove.encode({ row, column: 7 }).finish();
	// Whose turn it is, the module decides: one of the two is refused at first.
	const attempts = [host, guest].map((player, row) => act(player, RoomAction.MOVE, move(row)));
	const moved = (await Promise.allSettled(attempts)).filter(({ status }) => status === "fulfilled").length;
	if (moved === 0) throw new Error("no move was taken");
	const states = [host, guest].map(async ({ client }) => {
		const { state, actionNumber } = await ask(client, gameRoutes.getGameState, { roomId });
		return `${actionNumber}: ${Buffer.from(state ?? []).toString("hex")}`;
	});
	const [ofHost, ofGuest] = await Promise.all(states);
	equal("state of the game", ofGuest, ofHost);
	await close(host.client, guest.client);
}

async function open(pair: Pair, node: GatewayProcess): Promise<WireClient> {
	return await WireClient.open(node.url, { localAddress: pair.address() });
}

async function user(pair: Pair, node: GatewayProcess, role: string): Promise<User> {
	const client = await open(pair, node);
	const username = `${pair.name}-${role}`;
	await ask(client, authRoutes.register, { username, password: PASSWORD });
	const login = await ask(client, authRoutes.login, { username, password: PASSWORD });
	return { client, login, id: login.user?.id ?? "" };
}

/** @throws Error when the request is refused. */
async function ask<Request, Properties, Reply, ReplyProperties>(
	client: WireClient,
	contract: RouteContract<Request, Properties, Reply, ReplyProperties>,
	request: Properties,
): Promise<Reply> {
	const { code = 0, error, body = new Uint8Array() } = await client.ask(contract, request);
	if (code !== 0) throw new Error(`${contract.name}: ${code} ${error?.message}`);
	return contract.reply.decode(body);
}

/** The next push of that kind that matches; others are passed over. */
async function pushOf<Message, Properties>(
	client: WireClient,
	contract: PushContract<Message, Properties>,
	matches: (message: Message) => boolean,
): Promise<Message> {
	for (;;) {
		const { protocol, body = new Uint8Array() }: Envelope = await client.push();
		if (protocol !== contract.number) continue;
		const message = contract.message.decode(body);
		if (matches(message)) return message;
	}
}

const textOf = (text: string) => ({ kind: MessageKind.TEXT, text });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function close(...clients: readonly WireClient[]): Promise<void> {
	await Promise.all(clients.map((client) => client.close()));
}

function equal<Value extends string | number | undefined>(what: string, found: Value, expected: Value): void {
	if (found !== expected) throw new Error(`${what}: ${found} instead of ${expected}`);
}

async function checked(what: string, proof: Promise<void>, withinMs: number): Promise<Check> {
	let timer: NodeJS.Timeout | undefined;
	const limit = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error(`not within ${withinMs / 1000} s`)), withinMs);
	});
	try {
		await Promise.race([proof, limit]);
		return { what, holds: true, found: "yes" };
	} catch (error) {
		return { what, holds: false, found: error instanceof Error ? error.message : String(error) };
	} finally {
		clearTimeout(timer);
	}
}
