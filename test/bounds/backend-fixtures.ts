// The worst that routes of backends can answer: API keys, and the server API.
import type { Fixture } from "./handler-answer.ts";
import { HUGE, many, quotes } from "./worst-values.ts";

/** What the fixtures of chat and accounts have of it. */
export interface BackendWorst {
	readonly chat: {
		readonly history: { read(id: string, query: never, fill: never): Promise<unknown> };
		readonly presence: { get(ids: readonly string[]): Promise<unknown> };
	};
	readonly conversation: (index: number) => object;
	readonly member: (index: number) => object;
	readonly user: object;
	readonly ids: readonly string[];
}

const apiKey = () => ({
	...{ id: "f".repeat(16), name: "n".repeat(64), secretHash: "", createdBy: "x".repeat(64), createdAtMs: HUGE },
	...{ permissions: many(100, () => "p".repeat(64)), channels: many(100, () => quotes(200)) },
	...{ perSecond: 1e6, burst: 1e6, expiresAtMs: HUGE, revokedAtMs: HUGE, lastUsedAtMs: HUGE },
});
const keys = {
	create: async () => ({ key: apiKey(), text: "k".repeat(64) }),
	list: async (_after: string, limit: number) => many(limit, apiKey),
	revoke: async () => true,
};
const published = { offset: HUGE, epoch: "e".repeat(64), isRepeat: true };
const batchResult = {
	code: 13,
	error: {
		...{ message: "x".repeat(300), retryable: true, retryAfterMs: 4e9 },
		violations: [{ field: "x".repeat(80), description: "x".repeat(200) }],
	},
};

/** By the route's name. */
export function backendFixtures(
	of: (name: string, request: object, services: Readonly<Record<string, unknown>>) => Fixture,
	fixed: (reply: object) => Fixture,
	{ chat, conversation, member, user, ids }: BackendWorst,
): Readonly<Record<string, Fixture>> {
	const backends = {
		publishing: {
			publish: async () => published,
			unicast: async () => published,
			broadcast: async () => ({ reached: 4e9, failed: 4e9 }),
		},
		backend: {
			notify: async () => ({ stored: 4e9, pushed: 4e9 }),
			disconnect: async () => 4e9,
			subscribeUser: async () => {},
			unsubscribeUser: async () => {},
			presence: async (_caller: unknown, userIds: readonly string[]) => chat.presence.get(userIds),
			history: (...[, id, query, fill]: [unknown, string, never, never]) => chat.history.read(id, query, fill),
			room: async (...[, , , limit]: [unknown, string, string, number]) => ({
				...{ room: conversation(0), members: many(limit + 1, member) },
			}),
			users: async () => many(50, () => ({ ...user, status: "disabled" })),
		},
	};
	return {
		"key.createKey": of("key.createKey", {}, { keys }),
		"key.listKeys": of("key.listKeys", { limit: 200 }, { keys }),
		"key.revokeKey": of("key.revokeKey", {}, { keys }),
		"server.publish": of("server.publish", {}, backends),
		"server.unicast": of("server.unicast", {}, backends),
		"server.broadcast": of("server.broadcast", {}, backends),
		"server.notify": of("server.notify", {}, backends),
		"server.disconnect": of("server.disconnect", {}, backends),
		"server.subscribeUser": of("server.subscribeUser", {}, backends),
		"server.unsubscribeUser": of("server.unsubscribeUser", {}, backends),
		"server.getPresence": of("server.getPresence", { userIds: ids }, backends),
		"server.getConversationHistory": of("server.getConversationHistory", { conversationId: "c", limit: 200 }, backends),
		"server.getRoom": of("server.getRoom", { roomId: "r", limit: 200 }, backends),
		"server.findUsers": of("server.findUsers", {}, backends),
		"server.runBatch": fixed({ results: many(100, () => batchResult) }),
	};
}
