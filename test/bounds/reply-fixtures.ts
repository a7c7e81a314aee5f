// The worst that each route can answer: its handler with services, or stores below them, whose every text is as long as it may
// be and whose lists never end. What stands here for a box, a store or a service gives more than a page of everything.

import { fillPage, type PageFill } from "../../common/page-fill.ts";
import { MessageContent, MessageKind } from "../../protocol/gen/schema.ts";
import { ChatHistory } from "../../services/chat/history.ts";
import { ChatRooms } from "../../services/chat/rooms.ts";
import { Models } from "../../services/edge/models/models.ts";
import { page } from "../../services/edge/models/pages.ts";
import { MemberState } from "../../services/edge/telemetry/member-state.ts";
import { TelemetryReads } from "../../services/edge/telemetry/reads.ts";
import { GameHistory } from "../../services/games/game-history.ts";
import { RoomList } from "../../services/games/room-list.ts";
import { roomView } from "../../services/games/room-view.ts";
import { Notifications } from "../../services/notifications/notifications.ts";
import { handClock } from "../support/hand-clock.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { accounts, guests, management, newAccount, user } from "./account-fixtures.ts";
import { backendFixtures } from "./backend-fixtures.ts";
import { channels } from "./channel-fixtures.ts";
import { type Fixture, of } from "./handler-answer.ts";
import { info, roomState } from "./worst-room.ts";
import { control, HUGE, many, quotes, uuid, wide } from "./worst-values.ts";

/** A reply without lists, every field as large as it may be. */
const fixed =
	(reply: object): Fixture =>
	() =>
		reply;

const positions = many(1000, (index) => ({
	channel: `${String(index).padStart(4, "0")}${"~".repeat(196)}`,
	offset: HUGE,
	epoch: "e",
}));

// ---- chat
const clock = handClock();
const logger = quietLogger();
export const content = MessageContent.encode({
	...{ kind: MessageKind.CUSTOM, text: control(10_000), url: control(2048), fileName: control(255), fileBytes: HUGE },
	...{ mimeType: control(127), customType: control(64), custom: new Uint8Array(32_768) },
}).finish();
export const message = (sequence: number) => ({
	...{
		id: uuid(sequence),
		conversationId: `p-${"x".repeat(43)}`,
		sequence,
		senderId: uuid(0),
		senderName: wide(32),
		content,
	},
	...{ clientMsgId: quotes(64), replyToId: quotes(64), sentAtMs: HUGE, recalledAtMs: 0 },
});
const conversation = (index: number) => ({
	...{ id: uuid(index), kind: "room" as const, name: wide(64), topic: wide(256), isPublic: true, ownerId: uuid(0) },
	...{ memberCount: 1e9, maxMembers: 1e9, createdAtMs: HUGE, lastSequence: HUGE, closedAtMs: 0 },
});
export const member = (index: number) => ({
	...{ conversationId: uuid(0), userId: uuid(index), username: wide(32), state: "member" as const, role: 2 },
	...{ joinedAtMs: HUGE, mutedUntilMs: HUGE, readSequence: HUGE },
});
const entry = (index: number) => ({
	...{ conversation: conversation(index), readSequence: HUGE, unread: HUGE, activeAtMs: HUGE, peerId: uuid(index) },
	peerName: wide(32),
});
const chatStores = {
	messages: {
		range: async ({ limit }: { limit: number }) => many(limit, (index) => message(index + 1)),
		at: async (places: readonly { id: string }[]) => ({
			messages: places.map(({ id }, index) => ({ ...message(index), conversationId: id })),
			places: places.length,
		}),
	},
	rooms: {
		member: async () => member(0),
		members: async (_room: string, _state: string, _after: string, limit: number) => many(limit, member),
		publicRooms: async (_after: string, limit: number) => many(limit, conversation),
		conversationsOf: async (_user: string, _before: unknown, limit: number) => many(limit, entry),
	},
};
const chat = {
	history: new ChatHistory({ ...chatStores, clock, logger } as never),
	rooms: new ChatRooms({ ...chatStores, clock, logger } as never),
	blocks: { change: async () => {}, blockersAmong: async () => new Set() },
	presence: {
		get: async (ids: readonly string[]) => ids.map((userId) => ({ userId, isOnline: true, lastSeenMs: HUGE })),
	},
	notifications: new Notifications({
		store: {
			list: async ({ limit }: { limit: number }) =>
				many(limit, (index) => ({
					...{ id: uuid(index), userId: uuid(0), type: control(64), title: control(1000), text: control(8000) },
					...{ data: { [control(300)]: control(7000) }, createdAtMs: HUGE, readAtMs: HUGE },
				})),
			unread: async () => 1000,
		},
		clock,
	} as never),
};

// ---- games
export const player = (index: number) => ({ userId: uuid(index), username: wide(32), result: 4 as const });
const game = (players: number) => (index: number) => ({
	...{ id: uuid(index), roomId: uuid(index), game: quotes(32), startedAtMs: HUGE, finishedAtMs: HUGE },
	...{ isPublic: true, isOpen: true, isTruncated: true, players: many(players, player) },
});
const records = {
	gamesOf: async (_user: string, _public: boolean, _before: unknown, limit: number) => many(limit, game(1000)),
	game: async () => game(1000)(0),
	actions: async (_game: string, _after: number, limit: number) =>
		many(limit, (index) => ({ actionNumber: index + 1, userId: uuid(0), payload: new Uint8Array(16_384), atMs: HUGE })),
};
const games = {
	history: new GameHistory(records as never),
	list: new RoomList(
		{ peek: async (ids: readonly string[]) => ids.map(() => JSON.stringify(info)) } as never,
		{ listed: async (_game: string, _before: string, limit: number) => many(limit, uuid) } as never,
	),
	join: async () => {},
	create: async () => ({
		...roomView({ ...roomState, members: new Map([...roomState.members].slice(0, 1)) }, ""),
		roomId: uuid(0),
	}),
	view: async (_identity: unknown, _roomId: string, cursor = "") => ({
		...{ ...roomView(roomState, cursor), state: new Uint8Array(300), actionNumber: HUGE, eventNumber: HUGE },
	}),
};

// ---- boxes
export const alarm = (index: number) => ({
	...{ id: `${index}${wide(120)}`, title: control(2048), description: control(2048), level: 4, status: 3 },
	...{ source: control(2048), raisedAtMs: HUGE, updatedAtMs: HUGE, acknowledgedBy: control(2048) },
	...{ acknowledgedAtMs: HUGE, resolvedBy: control(2048), resolvedAtMs: HUGE, comment: control(2048) },
});
const mapping = (index: number) => ({ name: `${index}${control(250)}`, channel: 4e9, pointId: 4e9, type: 4 });
const model = {
	...{ id: wide(128), name: control(256), template: control(256), measurements: many(2000, mapping) },
	...{
		actions: many(2000, mapping),
		properties: Object.fromEntries(many(2000, (i) => [`${i}${control(250)}`, control(4096)])),
	},
};
const reading = { pointId: 4e9, value: control(256), quality: 3, flags: 4e9, sourceMs: HUGE };
const namedReading = (index: number) => ({ name: `${index}${control(250)}`, reading });
const modelIds = many(10_000, (index) => `${String(index).padStart(8, "0")}${wide(120)}`);
const rule = {
	id: wide(128),
	name: control(256),
	isActive: true,
	priority: -2_147_483_647,
	definitionJson: quotes(240 * 1024),
};
const box = {
	name: "box",
	models: {
		ids: async () => modelIds,
		get: async (ids: readonly string[]) => ids.map(() => model),
		values: async () => ({ measurements: many(7000, namedReading), actions: many(7000, namedReading) }),
	},
};
const source = {
	name: wide(64),
	source: { family: "comsrv", types: [1, 2, 3, 4] },
	box: {
		condition: { state: "loading" },
		points: {
			read: async (requests: readonly { key: unknown }[]) =>
				requests.map(({ key }) => ({
					...{ key, state: "failed", reason: control(500), writtenMs: HUGE, newestMs: HUGE },
					points: many(2000, () => reading),
				})),
			channels: async (_family: string, _cursor: string, limit: number) => ({
				channels: many(limit, () => ({
					...{ channel: 4e9, isOnline: true, lastUpdateMs: HUGE },
					data: many(6, (index) => ({ type: index + 1, points: 4e9 })),
				})),
				nextCursor: "4000000000",
			}),
		},
	},
};
const boxes = { box: () => box, source: () => source, all: [box], sources: many(65, () => source) };
const spec = {
	...{
		id: "x".repeat(16),
		source,
		channels: many(1000, () => 4e9),
		types: [1, 2, 3, 4, 5, 6],
		intervalMs: 60_000,
		mode: 3,
	},
	...{
		points: new Set(many(10_000, (index) => 4e9 + index)),
		deadband: { absolute: 1.234567890123e-300, percent: 0 },
		keepaliveMs: 4e9,
	},
};
const failed = many(1000, () => ({ channel: 4e9, reason: "not open to subscribers" }));
const memberOfView = { view: { spec }, state: MemberState.LAGGING, dropped: HUGE };
const policy = {
	isOpen: () => true,
	model: (seen: unknown) => seen,
	values: (_model: unknown, values: unknown) => values,
};
const meter = { admit: () => {}, charge: () => {}, take: () => {} };
const edge = {
	...{ boxes, clock: { now: () => HUGE }, models: new Models({ boxes, policy, meter } as never) },
	alarms: {
		list: async (_question: unknown, fill: PageFill<unknown>) => {
			const { shown } = fillPage(fill, { found: many(500, alarm), limit: 500, cursorBehind: () => "" });
			return { alarms: shown, nextCursor: "x".repeat(512), asOfMs: HUGE };
		},
		acknowledge: async () => alarm(0),
		clear: async () => alarm(0),
		count: async () => ({ totals: { active: 4e9, acknowledged: 4e9, resolved: 4e9, low: 4e9 }, asOfMs: HUGE }),
	},
	rules: {
		list: (...[, , , cursor, limit, fill]: [string, string, boolean, string, number, PageFill<unknown>]) =>
			page({
				...{ list: "rules", ids: modelIds, cursor, limit, fill, show: (shown: unknown) => shown },
				get: async (ids: readonly string[]) => ids.map(() => rule),
			}),
		get: async () => rule,
		state: async () => ({
			state: Object.fromEntries(many(200, (index) => [`${index}${control(250)}`, control(4096)])),
			executions: many(20, () => ({ ruleId: wide(128), atMs: HUGE, succeeded: true, detail: control(1024) })),
		}),
	},
	telemetry: {
		subscribe: () => ({ spec, failed }),
		unsubscribe: () => ({ ended: 10_000, remaining: many(10_000, () => spec) }),
		page: (_peer: unknown, _cursor: string, _limit: number, fill: PageFill<unknown>) => {
			const found = many(10_000, () => memberOfView);
			return fillPage(fill, { found, limit: 10_000, cursorBehind: () => "x".repeat(64) }).nextCursor;
		},
		resync: async () => many(10_000, () => spec.id),
	},
	reads: new TelemetryReads({ boxes, policy, meter, clock } as never, 60_000),
};
export const ack = {
	commandId: quotes(64),
	stage: 6,
	isFinal: true,
	actualValue: 1.234567890123e-300,
	error: control(2048),
	atMs: HUGE,
};
const command = { commandId: quotes(64), stage: 6, deadlineMs: HUGE };
const target = { source: wide(64), channel: 4e9, dataType: 4, pointId: 4e9 };
export const channelPosition = { channel: "c".repeat(200), offset: HUGE, epoch: "e".repeat(64) };
const sent = { messageId: uuid(0), sequence: HUGE, sentAtMs: HUGE, stage: 3, conversationId: uuid(0) };
const ids = many(500, (index) => `${String(index).padStart(4, "0")}${quotes(60)}`);
const named = { modelId: "m", ruleId: "r", roomId: "r", userId: "u", username: "u", password: "p", account: "a" };

/** By the route's name. */
export const replyFixtures: Readonly<Record<string, Fixture | readonly Fixture[]>> = {
	"auth.connect": of("auth.connect", { accessToken: "t", positions }, accounts),
	"auth.login": of("auth.login", named, accounts),
	"auth.register": of("auth.register", named, accounts),
	"auth.forgotPassword": of("auth.forgotPassword", { requestCode: { account: "a" } }, accounts),
	"auth.refreshToken": of("auth.refreshToken", { refreshToken: "t" }, accounts),
	"auth.heartbeat": of("auth.heartbeat", { clientTimeMs: HUGE }, accounts),
	"auth.logout": of("auth.logout", {}, accounts),
	"auth.getUserInfo": of("auth.getUserInfo", {}, accounts),
	"auth.listUsers": of("auth.listUsers", { limit: 200 }, accounts),
	"identity.loginGuest": of("identity.loginGuest", { deviceSecret: "s" }, guests),
	"identity.joinAccount": of("identity.joinAccount", { newAccount }, guests),
	"identity.revokeIssuerSessions": of("identity.revokeIssuerSessions", { issuer: "i" }, guests),
	"identity.listIdentities": of("identity.listIdentities", {}, guests),
	...backendFixtures(of, fixed, { chat, conversation, member, user, ids }),
	"user.updateUser": of("user.updateUser", {}, management),
	"user.deleteUser": fixed({ sessionsEnded: 4e9 }),
	"user.setUserRoles": of("user.setUserRoles", named, management),
	"user.setUserStatus": of("user.setUserStatus", named, management),
	"user.listSessions": of("user.listSessions", {}, management),
	"user.endSessions": fixed({ sessionsEnded: 4e9 }),
	"user.exportUser": of("user.exportUser", {}, management),
	"user.createUser": of("user.createUser", named, management),
	"notification.listNotifications": of("notification.listNotifications", { limit: 200 }, chat),
	"notification.markNotificationsRead": fixed({ marked: 4e9 }),
	"game.getGameState": [
		of("game.getGameState", named, { games }),
		of("game.getGameState", { ...named, membersCursor: roomView(roomState, "").nextMembersCursor }, { games }),
	],
	"game.createRoom": of("game.createRoom", named, { games }),
	"game.joinRoom": of("game.joinRoom", named, { games }),
	"game.leaveRoom": fixed({}),
	"game.listRooms": of("game.listRooms", { limit: 100 }, { games }),
	"game.gameAction": fixed({ actionNumber: HUGE, eventNumber: HUGE }),
	"game.getGameHistory": [
		of("game.getGameHistory", { limit: 100 }, { games }),
		of("game.getGameHistory", { gameId: "g", limit: 100 }, { games }),
	],
	"game.getPlayerStats": fixed({ played: 4e9, won: 4e9, lost: 4e9, drawn: 4e9, abandoned: 4e9 }),
	"chat.sendMessage": fixed(sent),
	"chat.getHistory": [
		of("chat.getHistory", { ...named, limit: 200 }, chat),
		of("chat.getHistory", { ...named, limit: 200, direction: 1 }, chat),
	],
	"chat.createChatRoom": fixed({ room: conversation(0), ...channelPosition }),
	"chat.joinChatRoom": fixed({ room: conversation(0), member: { ...member(0), state: 1 }, ...channelPosition }),
	"chat.leaveChatRoom": fixed({}),
	"chat.listChatRooms": of("chat.listChatRooms", { limit: 100 }, chat),
	"chat.sendPrivateMessage": fixed(sent),
	"chat.getPrivateHistory": of("chat.getPrivateHistory", { ...named, limit: 200 }, chat),
	"chat.markRead": fixed({ unread: HUGE }),
	"chat.listConversations": of("chat.listConversations", { limit: 200 }, chat),
	"chat.recallMessage": fixed({}),
	"chat.presence": of("chat.presence", { userIds: ids }, chat),
	"chat.listChatMembers": of("chat.listChatMembers", { ...named, limit: 200 }, chat),
	"edgeTelemetry.subscribe": of("edgeTelemetry.subscribe", {}, edge),
	"edgeTelemetry.unsubscribe": of("edgeTelemetry.unsubscribe", {}, edge),
	"edgeTelemetry.listSubscriptions": of("edgeTelemetry.listSubscriptions", {}, edge),
	"edgeTelemetry.readNow": of("edgeTelemetry.readNow", { channels: many(100, (index) => index + 1) }, edge),
	"edgeTelemetry.listChannels": of("edgeTelemetry.listChannels", { limit: 1000 }, edge),
	"edgeTelemetry.resync": of("edgeTelemetry.resync", {}, edge),
	"edgeControl.writePoint": fixed(command),
	"edgeControl.selectPoint": fixed({ selectId: quotes(64), expiresAtMs: HUGE }),
	"edgeControl.operatePoint": fixed(command),
	"edgeControl.cancelSelect": fixed({ wasSelected: true }),
	"edgeControl.commandStatus": fixed({ command: ack, target, value: 1e-300, username: wide(32), requestedAtMs: HUGE }),
	"edgeAlarm.alarmList": of("edgeAlarm.alarmList", { limit: 500 }, edge),
	"edgeAlarm.alarmAck": of("edgeAlarm.alarmAck", {}, edge),
	"edgeAlarm.alarmClear": of("edgeAlarm.alarmClear", {}, edge),
	"edgeAlarm.alarmCount": of("edgeAlarm.alarmCount", {}, edge),
	"edgeAlarm.alarmSubscribe": of("edgeAlarm.alarmSubscribe", {}, edge),
	"edgeModel.modelList": of("edgeModel.modelList", { limit: 1000 }, edge),
	"edgeModel.modelGet": of("edgeModel.modelGet", named, edge),
	"edgeModel.modelValues": of("edgeModel.modelValues", named, edge),
	"edgeModel.ruleList": of("edgeModel.ruleList", { limit: 1000 }, edge),
	"edgeModel.ruleGet": of("edgeModel.ruleGet", named, edge),
	"applicationChannel.subscribeChannel": of("applicationChannel.subscribeChannel", named, { channels }),
	"applicationChannel.unsubscribeChannel": fixed({}),
	"applicationChannel.publishChannel": fixed({ offset: HUGE, epoch: "e".repeat(64) }),
	"applicationChannel.channelHistory": [
		of("applicationChannel.channelHistory", { limit: 1000 }, { channels }),
		of("applicationChannel.channelHistory", { limit: 1000, epoch: "e" }, { channels }),
	],
	"applicationChannel.channelPresence": of("applicationChannel.channelPresence", { limit: 1000 }, { channels }),
	"applicationChannel.listActiveChannels": of("applicationChannel.listActiveChannels", { limit: 1000 }, { channels }),
	"upstream.cancelStream": fixed({ cancelled: true }),
	"edgeModel.ruleState": of("edgeModel.ruleState", { ...named, follow: true }, edge),
};

/** Of pages, those that have one item larger than a page, or another list beside it. */
export const overAPage: ReadonlySet<string> = new Set(["auth.connect", "edgeModel.ruleGet", "game.getGameHistory"]);
