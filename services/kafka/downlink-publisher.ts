// Publishes what came from Kafka: in the inbox of a user, on a channel, or in every inbox of users who are online. An inbox is a channel
// with a log: the broker hands it to the nodes that subscribe to it, which are those that the user is connected to, and keeps it for a user
// who is offline.
import { batches } from "../../common/batches.ts";
import type { Clock } from "../../common/clock.ts";
import { userChannel } from "../../common/user-channels.ts";
import { type Published, type PublishKey, type PublishOptions, publishKeyBytes } from "../../messaging/broker.ts";
import type { KeyBudget } from "../../messaging/key-budget.ts";
import { digest, tooManyKeys } from "../../messaging/keyed-calls.ts";
import type { BatchPublisher, Publisher } from "../../messaging/publisher.ts";
import { GatewayError } from "../../protocol/error.ts";
import { pushes } from "../../protocol/gen/schema.ts";
import { CHAT_PREFIX } from "../chat/wire.ts";
import type { Presence } from "../presence/presence.ts";
import type { DownlinkContent, DownlinkRecord } from "./downlink-record.ts";
import { RECORD_HEADERS } from "./records.ts";

export interface DownlinkPublisherParts {
	readonly publisher: Publisher & BatchPublisher;
	/** Publishes on an application channel. */
	readonly publishOnChannel: (channel: string, data: Uint8Array, once: PublishKey) => Promise<Published>;
	readonly presence: Pick<Presence, "online">;
	/** What ids of messages may take. */
	readonly budget: KeyBudget;
	/** What is kept of inboxes and rooms, as configured now. */
	readonly history: () => PublishOptions;
	readonly clock: Clock;
}

export interface DownlinkOutcome {
	/** Inboxes or channels it was published to. */
	readonly published: number;
	/** Those that had it already. */
	readonly repeated: number;
}

/** Whose the ids are in the budget. */
const OWNER = "kafka";
/** Inboxes written at once, of one record for all. */
const CONCURRENCY = 32;

export class DownlinkPublisher {
	private readonly parts: DownlinkPublisherParts;

	constructor(parts: DownlinkPublisherParts) {
		this.parts = parts;
	}

	/**
	 * Publishes a record once for each target, however often it is called with it.
	 *
	 * @throws GatewayError NOT_FOUND (channel), VALIDATION_FAILED, PAYLOAD_TOO_LARGE: it can never be published; RATE_LIMITED until there is
	 *   room for its id; UNAVAILABLE.
	 */
	async publish({ target, content, id }: DownlinkRecord): Promise<DownlinkOutcome> {
		if (target.kind === "all") return await this.publishToAll(content, id);
		const channel = target.kind === "user" ? userChannel(target.userId) : target.channel;
		return counted(await this.publishOn(channel, content, id));
	}

	/**
	 * Publishes records for one inbox in one step, each once, however often it is called with them.
	 *
	 * @param records - all of one user, all `goesTogether`.
	 * @throws GatewayError as `publish`, when any of them cannot be published.
	 */
	async publishTogether(records: readonly DownlinkRecord[]): Promise<DownlinkOutcome> {
		const [first] = records;
		if (first?.target.kind !== "user") throw new TypeError("only records of one user go together");
		const { publisher, budget, history } = this.parts;
		const channel = userChannel(first.target.userId);
		const waitMs = budget.take(OWNER, false, publishKeyBytes(channel) * records.length);
		if (waitMs > 0) throw tooManyKeys(RECORD_HEADERS.messageId, waitMs);
		const messages = records.map(({ content, id }) => ({
			message: (content as Extract<DownlinkContent, { kind: "message" }>).message,
			once: { key: digest(OWNER, id), keptMs: budget.windowMs },
		}));
		const results = await publisher.publishTogether(channel, pushes.downlinkMessage, messages, history());
		const repeated = results.filter(({ isRepeat }) => isRepeat === true).length;
		return { published: results.length - repeated, repeated };
	}

	private async publishToAll(content: DownlinkContent, id: string): Promise<DownlinkOutcome> {
		const seen = new Set<string>();
		const outcome = { published: 0, repeated: 0 };
		const failures: GatewayError[] = [];
		const send = async (userId: string) => {
			try {
				const { isRepeat } = await this.publishOn(userChannel(userId), content, id);
				if (isRepeat) outcome.repeated++;
				else outcome.published++;
			} catch (error) {
				// The others get it; the record is tried again for this one.
				failures[0] = GatewayError.from(error);
			}
		};
		for await (const part of this.parts.presence.online()) {
			const fresh = part.filter((userId) => !seen.has(userId));
			for (const userId of fresh) seen.add(userId);
			for (const batch of batches(fresh, CONCURRENCY)) await Promise.all(batch.map(send));
		}
		const [failure] = failures;
		if (failure !== undefined) throw failure;
		return outcome;
	}

	private publishOn(channel: string, content: DownlinkContent, id: string): Promise<Published> {
		const { publisher, publishOnChannel, budget, history, clock } = this.parts;
		const waitMs = budget.take(OWNER, false, publishKeyBytes(channel));
		if (waitMs > 0) throw tooManyKeys(RECORD_HEADERS.messageId, waitMs);
		const once: PublishKey = { key: digest(OWNER, id), keptMs: budget.windowMs };
		const options = { ...history(), once };
		if (content.kind === "message") return publisher.publish(channel, pushes.downlinkMessage, content.message, options);
		const { data } = content;
		const isOwn = channel.startsWith(userChannel("")) || channel.startsWith(CHAT_PREFIX);
		if (!isOwn) return publishOnChannel(channel, data, once);
		return publisher.publish(channel, pushes.serverMessage, { data, sentAtMs: clock.now() }, options);
	}
}

/** A message for one user: others of the same user may be published in one step with it. */
export function goesTogether({ target, content }: DownlinkRecord): boolean {
	return target.kind === "user" && content.kind === "message";
}

function counted({ isRepeat }: Published): DownlinkOutcome {
	return isRepeat ? { published: 0, repeated: 1 } : { published: 1, repeated: 0 };
}
