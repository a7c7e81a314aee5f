// Publishes for backends: on channels of applications, in inboxes of users and on the channels of chat rooms. Under a key, once: the
// broker keeps the key with the channel, and looks it up within the step that appends.
import { batches } from "../../common/batches.ts";
import type { Clock } from "../../common/clock.ts";
import type { Identity } from "../../common/identity.ts";
import { userChannel } from "../../common/user-channels.ts";
import {
	type Broker,
	type Published,
	type PublishKey,
	type PublishOptions,
	publishKeyBytes,
} from "../../messaging/broker.ts";
import type { KeyBudget } from "../../messaging/key-budget.ts";
import { digest, tooManyKeys } from "../../messaging/keyed-calls.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../protocol/error.ts";
import { pushes } from "../../protocol/gen/schema.ts";
import { CHAT_PREFIX } from "../chat/wire.ts";
import type { Presence } from "../presence/presence.ts";
import type { BackendChannels } from "./application-channels.ts";
import { checkAllUsers, checkChannel, checkUsers } from "./backend-scope.ts";
import type { Broadcast } from "./server-api.ts";

export interface BackendPublisherParts {
	readonly publisher: Publisher;
	readonly broker: Pick<Broker, "published">;
	readonly channels: BackendChannels;
	readonly presence: Pick<Presence, "online">;
	readonly budget: KeyBudget;
	readonly clock: Clock;
	/** What is kept of inboxes and rooms, as configured now. */
	readonly history: () => PublishOptions;
}

/** What a backend publishes. */
export interface Draft {
	readonly data: Uint8Array;
	/** "": each call publishes. */
	readonly key: string;
}

/** As in server.proto; a text of so many characters may have more bytes. */
const MAX_DATA_BYTES = 49_152;
/** Concurrent pushes of one broadcast. */
const CONCURRENCY = 32;
const OWN_PREFIXES = [userChannel(""), CHAT_PREFIX];

export class BackendPublisher {
	/** Publications since the start, and calls whose key was known. */
	readonly counts = { published: 0, repeated: 0 };
	private readonly parts: BackendPublisherParts;

	constructor(parts: BackendPublisherParts) {
		this.parts = parts;
	}

	/**
	 * @throws GatewayError PERMISSION_DENIED (channel), NOT_FOUND (channel), PAYLOAD_TOO_LARGE, VALIDATION_FAILED when the key stands for
	 *   something else, RATE_LIMITED (keys), UNAVAILABLE: a repeat under the same key is harmless.
	 */
	publish(caller: Identity, channel: string, draft: Draft): Promise<Published> {
		checkChannel(caller, channel, "channel");
		return this.send(caller, channel, draft);
	}

	/** @throws GatewayError as `publish`. */
	unicast(caller: Identity, userId: string, draft: Draft): Promise<Published> {
		checkUsers(caller, [userId], "user_id");
		return this.send(caller, userChannel(userId), draft);
	}

	/** @param userIds - empty: everybody who is online. @throws GatewayError as `publish`, but for single inboxes. */
	async broadcast(caller: Identity, userIds: readonly string[], draft: Draft): Promise<Broadcast> {
		checkSize(draft.data);
		if (userIds.length > 0) checkUsers(caller, userIds, "user_ids");
		else checkAllUsers(caller, "user_ids");
		const seen = new Set<string>();
		let failed = 0;
		const send = async (userId: string) => {
			try {
				await this.send(caller, userChannel(userId), draft);
			} catch (error) {
				// What is wrong with the call is wrong for every user.
				if (GatewayError.from(error).code !== ErrorCode.UNAVAILABLE) throw error;
				failed++;
			}
		};
		for await (const part of userIds.length > 0 ? [userIds] : this.parts.presence.online()) {
			const fresh = [...new Set(part)].filter((userId) => !seen.has(userId));
			for (const userId of fresh) seen.add(userId);
			for (const batch of batches(fresh, CONCURRENCY)) await Promise.all(batch.map(send));
		}
		return { reached: seen.size - failed, failed };
	}

	private async send(caller: Identity, channel: string, draft: Draft): Promise<Published> {
		checkSize(draft.data);
		const published = await this.sendOnce(caller, channel, draft);
		if (published.isRepeat) this.counts.repeated++;
		else this.counts.published++;
		return published;
	}

	private sendOnce(caller: Identity, channel: string, { data, key }: Draft): Promise<Published> {
		const { publisher, channels, budget, clock, history } = this.parts;
		const once = key === "" ? undefined : { key: digest(caller.userId, key), print: digest(data).slice(0, 22) };
		if (once !== undefined) {
			const waitMs = budget.take(caller.userId, caller.key === undefined, publishKeyBytes(channel));
			if (waitMs > 0) return this.repeat(channel, { ...once, keptMs: budget.windowMs }, waitMs);
		}
		if (!OWN_PREFIXES.some((prefix) => channel.startsWith(prefix))) return channels.publish(channel, data, once);
		const options = once && { ...history(), once: { ...once, keptMs: budget.windowMs } };
		return publisher.publish(channel, pushes.serverMessage, { data, sentAtMs: clock.now() }, options);
	}

	/** There is no room for a further key. A repeat is answered nevertheless: after the wait its key would not be known any more. */
	private async repeat(channel: string, once: PublishKey, waitMs: number): Promise<Published> {
		const known = await this.parts.broker.published(channel, once);
		if (known === undefined) throw tooManyKeys("idempotency_key", waitMs);
		return known;
	}
}

function checkSize({ length }: Uint8Array): void {
	if (length <= MAX_DATA_BYTES) return;
	throw fieldError("data", `must have at most ${MAX_DATA_BYTES} bytes`, { code: ErrorCode.PAYLOAD_TOO_LARGE });
}
