// Block 8xxx: what a company's own backends do through the gateway.
import { encodeCursor, idAt } from "../common/cursor.ts";
import { type Identity, isPermitted } from "../common/identity.ts";
import { fillPage } from "../common/page-fill.ts";
import type { Call } from "../core/call.ts";
import { defineModule } from "../core/route.ts";
import { ErrorCode } from "../protocol/codes.ts";
import type { AnyRouteContract } from "../protocol/contract.ts";
import { GatewayError } from "../protocol/error.ts";
import {
	type BatchOperationProperties,
	type BatchResultProperties,
	ChatMember,
	ChatMessage,
	HistoryDirection,
	serverRoutes,
} from "../protocol/gen/schema.ts";
import { ReplyPage } from "../protocol/reply-page.ts";
import type { UserRecord } from "../services/accounts/user-store.ts";
import type { MemberRecord } from "../services/chat/chat-room-store.ts";
import { wireMember, wireMessage, wireRoom } from "../services/chat/wire.ts";
import type { BackendApi } from "../services/server/backend-api.ts";
import type { BackendPublisher } from "../services/server/backend-publisher.ts";
import { runInOrder } from "../services/server/batch.ts";

export interface ServerServices {
	readonly backend: BackendApi;
	readonly publishing: BackendPublisher;
	/** What holds of a route: an administrator may have changed it. */
	readonly contracts: { applied(contract: AnyRouteContract): AnyRouteContract | undefined };
}

const DEFAULT_MEMBERS = 100;

/** A message with one of the two forms of its data, and a key. */
interface Content {
	readonly data?: Uint8Array | null;
	readonly text?: string | null;
	readonly idempotencyKey?: string | null;
}

/** @param key - where the message has none: the header's. */
function draftOf({ data, text, idempotencyKey }: Content, key: string) {
	// A view of the request would end with it.
	return { data: data ? new Uint8Array(data) : Buffer.from(text ?? ""), key: idempotencyKey || key };
}

/** One kind of operation: the route whose permission and cost it has, the channel whose order it keeps, and what it does. */
interface Operation<Name extends OperationName> {
	readonly contract: AnyRouteContract;
	/** "": it has no order. */
	channel(request: RequestOf<Name>): string;
	run(request: RequestOf<Name>, caller: Identity, key: string, services: ServerServices): Promise<ResultOf<Name>>;
}

type OperationName =
	| "publish"
	| "unicast"
	| "broadcast"
	| "notify"
	| "disconnect"
	| "subscribeUser"
	| "unsubscribeUser";
type RequestOf<Name extends OperationName> = NonNullable<BatchOperationProperties[Name]>;
type ResultOf<Name extends OperationName> = NonNullable<BatchResultProperties[Name]>;

const inbox = ({ userId = "" }: { userId?: string }): string => `user:${userId}`;

const operations: { readonly [Name in OperationName]: Operation<Name> } = {
	publish: {
		contract: serverRoutes.publish,
		channel: ({ channel = "" }) => channel,
		async run(request, caller, key, { publishing }) {
			const published = await publishing.publish(caller, request.channel ?? "", draftOf(request, key));
			return publishedReply(published);
		},
	},
	unicast: {
		contract: serverRoutes.unicast,
		channel: inbox,
		async run(request, caller, key, { publishing }) {
			return publishedReply(await publishing.unicast(caller, request.userId ?? "", draftOf(request, key)));
		},
	},
	broadcast: {
		contract: serverRoutes.broadcast,
		channel: () => "",
		async run(request, caller, key, { publishing }) {
			return await publishing.broadcast(caller, request.userIds ?? [], draftOf(request, key));
		},
	},
	notify: {
		contract: serverRoutes.notify,
		channel: () => "",
		async run(request, caller, key, { backend }) {
			const { userIds = [], online = false, type = "", variables = {}, data = {}, idempotencyKey } = request;
			return await backend.notify(caller, { userIds, online, type, variables, data, key: idempotencyKey || key });
		},
	},
	disconnect: {
		contract: serverRoutes.disconnect,
		channel: inbox,
		async run({ userId = "" }, caller, _key, { backend }) {
			return { sessionsEnded: await backend.disconnect(caller, userId) };
		},
	},
	subscribeUser: {
		contract: serverRoutes.subscribeUser,
		channel: ({ channel = "" }) => channel,
		async run({ userId = "", channel = "", forMs = 0 }, caller, _key, { backend }) {
			await backend.subscribeUser(caller, userId, channel, forMs);
			return {};
		},
	},
	unsubscribeUser: {
		contract: serverRoutes.unsubscribeUser,
		channel: ({ channel = "" }) => channel,
		async run({ userId = "", channel = "" }, caller, _key, { backend }) {
			await backend.unsubscribeUser(caller, userId, channel);
			return {};
		},
	},
};

const operationNames = Object.keys(operations) as readonly OperationName[];

/** Answers a call of one operation. */
function answer<Name extends OperationName>(name: Name) {
	return (request: RequestOf<Name>, call: Call, services: ServerServices): Promise<ResultOf<Name>> =>
		operations[name].run(request, call.identity(), call.idempotencyKey, services);
}

export const serverModule = defineModule<ServerServices>("server", (implement) => [
	implement(serverRoutes.publish, answer("publish")),
	implement(serverRoutes.unicast, answer("unicast")),
	implement(serverRoutes.broadcast, answer("broadcast")),
	implement(serverRoutes.notify, answer("notify")),
	implement(serverRoutes.disconnect, answer("disconnect")),
	implement(serverRoutes.subscribeUser, answer("subscribeUser")),
	implement(serverRoutes.unsubscribeUser, answer("unsubscribeUser")),

	implement(serverRoutes.getPresence, async (request, call, { backend }) => ({
		users: [...(await backend.presence(call.identity(), request.userIds ?? []))],
	})),

	implement(serverRoutes.getConversationHistory, async (request, call, { backend }) => {
		const { conversationId = "", direction, fromSequence = 0, cursor = "", limit = 0 } = request;
		const query = { forward: direction === HistoryDirection.FORWARD, cursor, fromSequence, limit };
		const page = new ReplyPage(call.peer.encoding, ChatMessage, wireMessage);
		const { nextCursor } = await backend.history(call.identity(), conversationId, query, page);
		return { messages: page.items, nextCursor };
	}),

	implement(serverRoutes.getRoom, async (request, call, { backend }) => {
		const { roomId = "", cursor = "", limit = 0 } = request;
		const list = `server-members:${roomId}`;
		const wanted = limit || DEFAULT_MEMBERS;
		const { room, members } = await backend.room(call.identity(), roomId, idAt(list, cursor), wanted);
		const page = new ReplyPage(call.peer.encoding, ChatMember, wireMember);
		const cursorBehind = ({ userId }: MemberRecord) => encodeCursor(list, userId);
		const { nextCursor } = fillPage(page, { found: members, limit: wanted, cursorBehind });
		return { room: wireRoom(room), members: page.items, nextCursor };
	}),

	implement(serverRoutes.findUsers, async (request, call, { backend }) => {
		const { userIds = [], usernames = [] } = request;
		return { users: (await backend.users(call.identity(), userIds, usernames)).map(foundUser) };
	}),

	implement(serverRoutes.runBatch, async (request, call, services) => {
		const jobs = (request.operations ?? []).map((operation, index) => batchJob(operation, index, call, services));
		return { results: await runInOrder(jobs) };
	}),
]);

/** One operation of a batch: what its own route would check and take comes before it. */
function batchJob(operation: BatchOperationProperties, index: number, call: Call, services: ServerServices) {
	const name = operationNames.find((candidate) => operation[candidate]);
	// The rules of the message have seen to it that there is one.
	if (name === undefined) throw new GatewayError(ErrorCode.BAD_REQUEST, "an operation is missing");
	return jobOf(name, operation[name] as RequestOf<typeof name>, index, call, services);
}

function jobOf<Name extends OperationName>(
	name: Name,
	request: RequestOf<Name>,
	index: number,
	call: Call,
	services: ServerServices,
) {
	const { contract: own, channel, run } = operations[name];
	const key = call.idempotencyKey === "" ? "" : `${call.idempotencyKey}#${index}`;
	return {
		channel: channel(request),
		async run(): Promise<BatchResultProperties> {
			const caller = call.identity();
			const contract = services.contracts.applied(own);
			if (contract === undefined) throw new GatewayError(ErrorCode.UNKNOWN_PROTOCOL, `there is no route ${own.number}`);
			if (!isPermitted(caller, contract.permission)) {
				throw new GatewayError(ErrorCode.PERMISSION_DENIED, `the permission ${contract.permission} is required`);
			}
			const waitMs = call.takeTokens(contract.cost);
			if (waitMs > 0) throw new GatewayError(ErrorCode.RATE_LIMITED, "too many requests", { retryAfterMs: waitMs });
			return { [name]: await run(request, caller, key, services) };
		},
	};
}

function publishedReply({ offset, epoch, isRepeat }: { offset: number; epoch: string; isRepeat?: boolean }) {
	return { offset, epoch, repeatedCall: isRepeat === true };
}

function foundUser({ id, username, nickname, roles, status, createdAtMs }: UserRecord) {
	return { id, username, nickname, roles: [...roles], disabled: status !== "active", createdAtMs };
}
