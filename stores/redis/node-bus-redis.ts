// The bus over Redis pub/sub. This process hears its own events directly, so that it acts on them even while Redis is
// away; what other processes miss during an outage is gone, which they are told once they are subscribed again.
import { randomUUID } from "node:crypto";
import type { ChannelPosition } from "../../ports/broker.ts";
import type { Logger } from "../../ports/logger.ts";
import type { NodeBus, NodeEvent, RevocationReason } from "../../ports/node-bus.ts";
import type { RedisClient, RedisConnection } from "./connection.ts";

const reasons: ReadonlySet<unknown> = new Set<RevocationReason>([
	"logged-out",
	"replaced",
	"password-changed",
	"token-reused",
	"administrative",
]);

interface Listener {
	readonly hear: (event: NodeEvent) => void;
	readonly interrupted: () => void;
}

export class RedisNodeBus implements NodeBus {
	private readonly redis: RedisConnection;
	private readonly logger: Logger;
	private readonly origin = randomUUID();
	private readonly channel: string;
	private readonly subscriber: RedisClient;
	private readonly listeners = new Set<Listener>();

	constructor(redis: RedisConnection, logger: Logger) {
		this.redis = redis;
		this.logger = logger;
		this.channel = `${redis.keyPrefix}node-events`;
		this.subscriber = redis.subscriber();
		this.subscriber.on("message", (_channel: string, text: string) => this.receive(text));
		// ioredis subscribes again after each reconnect, but only to what was subscribed once.
		this.subscriber.on("ready", () => {
			this.subscriber.subscribe(this.channel).then(
				() => this.resubscribed(),
				(error: unknown) => {
					this.logger.warn({ err: error }, "subscribing to node events failed; the next reconnect tries again");
				},
			);
		});
	}

	async publish(event: NodeEvent): Promise<void> {
		this.deliver(event);
		await this.redis.run((client) => client.publish(this.channel, JSON.stringify({ origin: this.origin, event })));
	}

	subscribe(hear: (event: NodeEvent) => void, interrupted: () => void = () => {}): () => void {
		const listener = { hear, interrupted };
		this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	}

	async close(): Promise<void> {
		this.listeners.clear();
		this.subscriber.disconnect();
	}

	/** Events that were told while there was no subscription are gone. A Cluster's client hides some of its reconnects. */
	private resubscribed(): void {
		for (const { interrupted } of this.listeners) interrupted();
	}

	private receive(text: string): void {
		const message = parse(text);
		if (message === undefined) this.logger.warn({ length: text.length }, "ignored a node event that is not one");
		else if (message.origin !== this.origin) this.deliver(message.event);
	}

	private deliver(event: NodeEvent): void {
		for (const { hear } of this.listeners) hear(event);
	}
}

function parse(text: string): { origin: string; event: NodeEvent } | undefined {
	try {
		const { origin, event } = JSON.parse(text);
		const checked = eventOf(event);
		return checked && { origin: String(origin), event: checked };
	} catch {
		return undefined;
	}
}

function eventOf(event: Record<string, unknown>): NodeEvent | undefined {
	const { type, sessionIds, reason, userId, channel, follows, after } = event;
	if (type === "sessions-revoked") {
		if (!Array.isArray(sessionIds) || !sessionIds.every((id) => typeof id === "string")) return undefined;
		return reasons.has(reason) ? { type, sessionIds, reason: reason as RevocationReason } : undefined;
	}
	if (type !== "membership-changed" || typeof userId !== "string" || typeof channel !== "string") return undefined;
	if (typeof follows !== "boolean") return undefined;
	return { type, userId, channel, follows, ...(isPosition(after) && { after }) };
}

function isPosition(value: unknown): value is ChannelPosition {
	const { offset, epoch } = (value ?? {}) as Partial<ChannelPosition>;
	return typeof offset === "number" && typeof epoch === "string";
}
