// The bus over Redis pub/sub. This process receives its own events directly, so that it handles them even while Redis is
// unavailable. Events that other processes miss during an outage are lost; `interrupted` is called when the subscription is
// established again.
import { randomUUID } from "node:crypto";
import type { Logger } from "../common/logger.ts";
import type { Probe } from "../common/probe.ts";
import type { RedisConnection } from "../stores/redis/connection.ts";
import { Echo } from "../stores/redis/echo.ts";
import { RedisPubSub } from "../stores/redis/pub-sub.ts";
import type { ChannelPosition } from "./broker.ts";
import type { NodeBus, NodeEvent, RevocationReason } from "./node-bus.ts";

const reasons: ReadonlySet<unknown> = new Set<RevocationReason>([
	"logged-out",
	"replaced",
	"password-changed",
	"token-reused",
	"administrative",
	"account-deleted",
]);

interface Listener {
	readonly onEvent: (event: NodeEvent) => void;
	readonly interrupted: () => void;
}

/** What a probe publishes: an event that every process understands and none has to act on. */
const PROBE_EVENT: NodeEvent = { type: "sessions-revoked", sessionIds: [], reason: "administrative" };

interface Message {
	readonly origin: string;
	readonly event: NodeEvent;
	/** Number of a probe of `origin`. */
	readonly probe?: number;
}

export class RedisNodeBus implements NodeBus {
	/** Events of this process come back to it. */
	readonly probe: Probe;
	private readonly redis: RedisConnection;
	private readonly logger: Logger;
	private readonly origin = randomUUID();
	private readonly channel: string;
	private readonly pubSub: RedisPubSub;
	private readonly echo: Echo;
	private readonly listeners = new Set<Listener>();

	constructor(redis: RedisConnection, logger: Logger) {
		this.redis = redis;
		this.logger = logger;
		this.channel = `${redis.channelPrefix}node-events`;
		const listener = {
			message: (_name: string, payload: Buffer) => this.receive(payload),
			subscribed: () => this.resubscribed(),
		};
		this.pubSub = new RedisPubSub(redis, logger, listener, { what: "node events" });
		this.pubSub.add([this.channel]);
		this.echo = new Echo({
			what: "node events",
			send: (id) => this.send(PROBE_EVENT, id),
			onSilence: (error) => this.pubSub.restart(error),
		});
		this.probe = { name: "redis-bus", check: () => this.check() };
	}

	async publish(event: NodeEvent): Promise<void> {
		this.deliver(event);
		await this.send(event);
	}

	subscribe(onEvent: (event: NodeEvent) => void, interrupted: () => void = () => {}): () => void {
		const listener = { onEvent: onEvent, interrupted };
		this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	}

	async close(): Promise<void> {
		this.listeners.clear();
		this.pubSub.close();
	}

	private async send(event: NodeEvent, probe?: number): Promise<void> {
		const message: Message = { origin: this.origin, event, ...(probe !== undefined && { probe }) };
		await this.redis.run((client) => client.publish(this.channel, JSON.stringify(message)));
	}

	private async check(): Promise<void> {
		if (!this.pubSub.isSubscribed) {
			this.echo.invalidate();
			throw new Error("node events cannot be received");
		}
		await this.echo.check();
	}

	/** Events published while there was no subscription are lost. A Cluster's client hides some of its reconnects. */
	private resubscribed(): void {
		for (const { interrupted } of this.listeners) interrupted();
	}

	private receive(payload: Buffer): void {
		const message = parse(payload.toString());
		if (message === undefined) this.logger.warn({ length: payload.length }, "ignored a node event that is not one");
		else if (message.origin !== this.origin) this.deliver(message.event);
		else if (message.probe !== undefined) this.echo.received(message.probe);
	}

	private deliver(event: NodeEvent): void {
		for (const { onEvent } of this.listeners) onEvent(event);
	}
}

function parse(text: string): Message | undefined {
	try {
		const { origin, event, probe } = JSON.parse(text);
		const checked = eventOf(event);
		return checked && { origin: String(origin), event: checked, ...(typeof probe === "number" && { probe }) };
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
	if (type === "reload-requested") return reloadOf(event);
	if (type === "user-deleted") return typeof userId === "string" ? { type, userId } : undefined;
	if (type === "user-changed") return userChangedOf(event);
	if (type !== "membership-changed" || typeof userId !== "string" || typeof channel !== "string") return undefined;
	if (typeof follows !== "boolean") return undefined;
	return { type, userId, channel, follows, ...(isPosition(after) && { after }) };
}

function reloadOf({ what, acceptContractChanges, origin }: Record<string, unknown>): NodeEvent | undefined {
	if (typeof acceptContractChanges !== "boolean" || typeof origin !== "string") return undefined;
	if (what !== "modules" && what !== "configuration" && what !== "routes") return undefined;
	return { type: "reload-requested", what, acceptContractChanges, origin };
}

function userChangedOf({ userId, version, roles }: Record<string, unknown>): NodeEvent | undefined {
	if (typeof userId !== "string" || typeof version !== "number") return undefined;
	if (!Array.isArray(roles) || !roles.every((role) => typeof role === "string")) return undefined;
	return { type: "user-changed", userId, version, roles };
}

function isPosition(value: unknown): value is ChannelPosition {
	const { offset, epoch } = (value ?? {}) as Partial<ChannelPosition>;
	return typeof offset === "number" && typeof epoch === "string";
}
