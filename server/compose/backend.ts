// What backends do through the gateway, and the keys that make calls repeatable.
import type { Clock } from "../../common/clock.ts";
import type { PublishOptions } from "../../messaging/broker.ts";
import { KeyBudget } from "../../messaging/key-budget.ts";
import { KeyedCalls } from "../../messaging/keyed-calls.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { SqlChatRoomStore } from "../../services/chat/store/chat-room-store-sql.ts";
import type { Notifications } from "../../services/notifications/notifications.ts";
import type { Presence } from "../../services/presence/presence.ts";
import type { BackendChannels } from "../../services/server/application-channels.ts";
import { BackendApi } from "../../services/server/backend-api.ts";
import { BackendPublisher } from "../../services/server/backend-publisher.ts";
import type { BackendFigures } from "../../services/server/metrics.ts";
import type { Config } from "../config/config.ts";
import type { AccountServices } from "./accounts.ts";
import type { Chat } from "./chat.ts";

export interface BackendParts {
	readonly accounts: AccountServices;
	readonly publisher: Publisher;
	readonly presence: Presence;
	readonly notifications: Notifications;
	readonly chat: Chat;
	readonly channels: BackendChannels;
	readonly clock: Clock;
	/** What is kept of channels, as configured now. */
	readonly history: () => PublishOptions;
}

export interface OpenBackend {
	readonly backend: BackendApi;
	readonly publishing: BackendPublisher;
	readonly keyedCalls: KeyedCalls;
	readonly figures: BackendFigures;
}

/** Beyond what a call may take: its handler may run on after its deadline. */
const SPARE_RUNNING_MS = 30_000;
/** Of keys in the memory of a process. */
const MAX_MEMORY_BYTES = 67_108_864;

export function openBackend(parts: BackendParts, { idempotency, limits, redis }: Config): OpenBackend {
	const { accounts, publisher, presence, notifications, chat, channels, clock, history } = parts;
	const { stores, sessions } = accounts;
	const { publishKeptMs, resultKeptMs, backendBytes, userBytes } = idempotency;
	const totalBytes = Math.min(
		idempotency.totalBytes,
		redis.url === undefined ? MAX_MEMORY_BYTES : Number.POSITIVE_INFINITY,
	);
	const now = () => clock.monotonic();
	const bounds = { backendBytes, userBytes, totalBytes };
	const publications = new KeyBudget({ ...bounds, windowMs: publishKeptMs }, now);
	const results = new KeyBudget({ ...bounds, windowMs: resultKeptMs }, now);
	const runningMs = 2 * limits.requestTimeoutMs + SPARE_RUNNING_MS;
	const keyedCalls = new KeyedCalls({ results: stores.results, budget: results, runningMs });
	const { broker } = stores;
	const publishing = new BackendPublisher({
		publisher,
		broker,
		channels,
		presence,
		budget: publications,
		clock,
		history,
	});
	const backend = new BackendApi({
		channels,
		notifications,
		presence,
		sessions,
		history: chat.history,
		rooms: new SqlChatRoomStore(stores.database),
		users: stores.users,
		keyedCalls,
	});
	return {
		backend,
		publishing,
		keyedCalls,
		figures: { counts: publishing.counts, budgets: { publications, results } },
	};
}
