// Carries out what a saved state asks for, in order, until it is known to have happened.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { type EventSink, gatewayEvent } from "../../messaging/event-sink.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { GatewayError } from "../../protocol/error.ts";
import { pushes, RoomEvent, RoomEvent_Kind } from "../../protocol/gen/schema.ts";
import type { RoomDirectory } from "./room-directory.ts";
import { type OutboxEntry, roomChannel } from "./room-state.ts";

const verbs = new Map(Object.entries(RoomEvent_Kind).map(([name, kind]) => [kind, name.toLowerCase()]));

const MIN_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5000;

export interface OutboxServices {
	readonly publisher: Publisher;
	readonly directory: RoomDirectory;
	/** Undefined: no output is configured. */
	readonly events?: EventSink | undefined;
	readonly clock: Clock;
	readonly logger: Logger;
}

/** What the outbox asks of its room. */
export interface OutboxSource {
	readonly id: string;
	/** What is to be done by the state as it was saved last. */
	entries(): readonly OutboxEntry[];
	/** Makes sure that the room is still this process'. @throws when it is not known. */
	confirm(): Promise<void>;
	readonly isLost: boolean;
	/** Everything was done. */
	emptied(): void;
}

export class RoomEventRelay {
	/** The `order` of the last entry that was done. */
	doneOrder = 0;
	private readonly source: OutboxSource;
	private readonly services: OutboxServices;
	private isRunning = false;
	private wake: (() => void) | undefined;

	constructor(source: OutboxSource, services: OutboxServices) {
		this.source = source;
		this.services = services;
	}

	/** Starts, unless it is running. */
	flush(): void {
		if (!this.isRunning && this.next() !== undefined) void this.run();
	}

	/** Ends a pause between two attempts, so that a room that was lost stops at once. */
	stop(): void {
		this.wake?.();
	}

	private next(): OutboxEntry | undefined {
		return this.source.entries().find((entry) => entry.order > this.doneOrder);
	}

	private async run(): Promise<void> {
		this.isRunning = true;
		let pauseMs = MIN_PAUSE_MS;
		for (let entry = this.next(); entry !== undefined && !this.source.isLost; entry = this.next()) {
			try {
				await this.source.confirm();
				await this.perform(entry);
				this.doneOrder = entry.order;
				pauseMs = MIN_PAUSE_MS;
			} catch (error) {
				if (this.source.isLost) break;
				if (error instanceof GatewayError && error.retryable) {
					await this.pause(pauseMs);
					pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
					continue;
				}
				// A retry would not help, and every entry after it would wait forever.
				this.services.logger.error({ err: error, roomId: this.source.id }, "an event of a room could not be published");
				this.doneOrder = entry.order;
			}
		}
		this.isRunning = false;
		if (!this.source.isLost) this.source.emptied();
	}

	private async perform(entry: OutboxEntry): Promise<void> {
		const { publisher, directory } = this.services;
		const channel = roomChannel(this.source.id);
		switch (entry.kind) {
			case "publish":
				if (entry.push === "roomEvent") {
					const push = pushes.roomEvent;
					const event = push.message.decode(entry.message);
					await publisher.publish(entry.channel, push, event);
					if (entry.channel === channel) this.offer(event, entry.order);
				} else {
					const push = pushes.gameEvent;
					await publisher.publish(entry.channel, push, push.message.decode(entry.message));
				}
				return;
			case "remove-user":
				await publisher.removeUser(entry.userId, channel);
				await directory.leave(entry.userId, [this.source.id]);
				return;
			case "add-user":
				await publisher.joinUser(entry.userId, channel);
				return;
			default:
				entry satisfies never;
		}
	}

	private offer(event: RoomEvent, order: number): void {
		const { events, clock } = this.services;
		if (!events?.wants("game")) return;
		const { id } = this.source;
		const head = { id: `game/${id}/${order}`, key: id, atMs: clock.now() };
		events.offer(gatewayEvent({ ...head, kind: `game.${verbs.get(event.kind ?? 0) ?? "changed"}` }, RoomEvent, event));
	}

	private pause(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const done = () => {
				clearTimeout(timer);
				this.wake = undefined;
				resolve();
			};
			const timer = setTimeout(done, ms);
			timer.unref();
			this.wake = done;
		});
	}
}
