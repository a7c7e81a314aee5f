// What is asked of each route: the largest request that it takes, and, where the work lies in what exists rather than in the
// request, one that reaches as much of it as a caller may.
import type { AnyRouteContract } from "../../../protocol/contract.ts";
import {
	authRoutes,
	chatRoutes,
	DataType,
	edgeAlarmRoutes,
	edgeControlRoutes,
	edgeModelRoutes,
	edgeTelemetryRoutes,
	gameRoutes,
	MessageKind,
	notificationRoutes,
	SubscriptionMode,
} from "../../../protocol/gen/schema.ts";
import type { Given } from "./largest.ts";
import { ADMIN, LARGE_METADATA, type Site } from "./site.ts";

export interface CostCase {
	readonly contract: AnyRouteContract;
	/** What is asked, in a word or two. */
	readonly input: string;
	/** Undefined: the largest request of the route. */
	readonly request?: (site: Site, index: number) => object;
	/** Asked first, on the same connection. */
	readonly before?: { readonly contract: AnyRouteContract; readonly request: (site: Site) => object };
}

export const routes: readonly AnyRouteContract[] = [
	...[authRoutes, gameRoutes, chatRoutes, notificationRoutes],
	...[edgeTelemetryRoutes, edgeControlRoutes, edgeAlarmRoutes, edgeModelRoutes],
].flatMap((module) => Object.values(module as Readonly<Record<string, AnyRouteContract>>));

/** What requests refer to, so that the largest ones are not refused for an id that nothing has. */
export function givenFor({ name }: AnyRouteContract, site: Site): Given {
	const roomId = name.startsWith("game.") ? site.gameRoomId : site.chatRoomId;
	return {
		roomId,
		userId: site.partnerId,
		conversationId: site.chatRoomId,
		messageId: site.messageId,
		gameId: "",
		source: "",
		box: "",
		cursor: "",
		replace: "",
		modelId: site.modelId,
		ruleId: site.ruleId,
		subId: "",
		refreshToken: "",
		username: ADMIN,
		password: "a wrong password",
	};
}

/** As many channels as one subscription may hold the points of, by default. */
const manyChannels = ({ channels }: Site) => ({
	channels: channels.slice(0, 100),
	dataTypes: [DataType.TELEMETRY],
	intervalMs: 60_000,
	mode: SubscriptionMode.INTERVAL,
});

/** A list, asked for its longest page. */
const page = (contract: AnyRouteContract, limit: number, of: (site: Site) => object = () => ({})): CostCase => ({
	contract,
	input: `page of ${limit}`,
	request: (site) => ({ ...of(site), limit }),
});

const lists: readonly CostCase[] = [
	page(chatRoutes.getHistory, 200, ({ chatRoomId }) => ({ roomId: chatRoomId })),
	page(chatRoutes.getPrivateHistory, 200, ({ partnerId }) => ({ userId: partnerId })),
	page(chatRoutes.listConversations, 200),
	page(chatRoutes.listChatRooms, 100),
	page(chatRoutes.listChatMembers, 200, ({ chatRoomId }) => ({ roomId: chatRoomId })),
	page(notificationRoutes.listNotifications, 200),
	page(gameRoutes.listRooms, 100),
	page(edgeTelemetryRoutes.listChannels, 1000),
	page(edgeAlarmRoutes.alarmList, 500),
	page(edgeModelRoutes.modelList, 1000),
	page(edgeModelRoutes.ruleList, 1000),
];

let unique = 0;
/** Such as no request had before. */
const newId = (): string => `bench-${process.pid}-${unique++}`;
const longText = () => ({ kind: MessageKind.TEXT, text: "0123456789".repeat(1000) });
const longBytes = () => ({ kind: MessageKind.CUSTOM, customType: "bench", custom: new Uint8Array(32_000).fill(0x5a) });

const changes: readonly CostCase[] = [
	{
		contract: chatRoutes.sendMessage,
		input: "long text",
		request: ({ chatRoomId }) => ({ roomId: chatRoomId, clientMsgId: newId(), content: longText() }),
	},
	{
		contract: chatRoutes.sendMessage,
		input: "many bytes",
		request: ({ chatRoomId }) => ({ roomId: chatRoomId, clientMsgId: newId(), content: longBytes() }),
	},
	{
		contract: chatRoutes.sendPrivateMessage,
		input: "many bytes",
		request: ({ memberIds }, index) => ({
			userId: memberIds[index % memberIds.length],
			clientMsgId: newId(),
			content: longBytes(),
		}),
	},
	{
		contract: chatRoutes.createChatRoom,
		input: "with invitations",
		request: ({ memberIds }) => ({ name: "bench", memberIds }),
	},
	{
		contract: chatRoutes.presence,
		input: "every member",
		request: ({ memberIds }) => ({ userIds: memberIds }),
	},
	{
		contract: gameRoutes.createRoom,
		input: "with metadata",
		request: () => ({ name: "bench", game: "relay", metadata: LARGE_METADATA }),
	},
	{
		contract: edgeControlRoutes.writePoint,
		input: "with a reason",
		request: ({ channels }, index) => ({
			target: { channel: channels[index % channels.length], dataType: DataType.CONTROL, pointId: 1 },
			value: index,
			reason: "r".repeat(256),
		}),
	},
	{
		contract: authRoutes.login,
		input: "wrong password",
		request: () => ({ username: ADMIN, password: "a wrong password" }),
	},
	{
		contract: authRoutes.register,
		input: "new account",
		request: () => ({ username: newId().replaceAll("-", "_"), password: "a long password" }),
	},
	{
		contract: authRoutes.forgotPassword,
		input: "unknown account",
		request: () => ({ requestCode: { account: "nobody@example.com" } }),
	},
];

const reads: readonly CostCase[] = [
	{
		contract: gameRoutes.getGameState,
		input: "full room",
		request: ({ gameRoomId }) => ({ roomId: gameRoomId }),
	},
	{ contract: edgeTelemetryRoutes.subscribe, input: "20,000 points", request: manyChannels },
	{
		contract: edgeTelemetryRoutes.subscribe,
		input: "20,000 points, each another",
		request: (site, index) => ({ ...manyChannels(site), keepaliveMs: 60_000 + index }),
	},
	{
		contract: edgeTelemetryRoutes.resync,
		input: "20,000 points",
		before: { contract: edgeTelemetryRoutes.subscribe, request: manyChannels },
		request: () => ({}),
	},
	{
		contract: edgeTelemetryRoutes.readNow,
		input: "100 channels",
		request: ({ channels }) => ({ channels: channels.slice(0, 100) }),
	},
	{ contract: edgeModelRoutes.modelGet, input: "large model", request: ({ modelId }) => ({ modelId }) },
	{ contract: edgeModelRoutes.modelValues, input: "large model", request: ({ modelId }) => ({ modelId }) },
	{ contract: edgeModelRoutes.ruleGet, input: "large rule", request: ({ ruleId }) => ({ ruleId }) },
];

export const cases: readonly CostCase[] = [
	...[...lists, ...reads, ...changes],
	// Last, since some of them leave rooms and end sessions.
	...routes.map((contract) => ({ contract, input: "largest request" })),
];
