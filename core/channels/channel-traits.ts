// What a channel has by its kind, beside its subscribers and its log: differences between publications, and who is subscribed.
import type { ChannelUsersListener, DeltaCodec } from "../../messaging/publisher.ts";
import type { ChannelPermissions } from "./channel-permissions.ts";
import { ChannelUsers } from "./channel-users.ts";
import type { DeltaMemory } from "./delta-memory.ts";
import { DeltaSubscribers } from "./delta-subscribers.ts";

export interface ChannelTraits {
	/** Makes what keeps the subscribers that take differences; undefined where there are none. */
	readonly deltas: (() => DeltaSubscribers) | undefined;
	readonly users: ChannelUsers | undefined;
}

export interface TraitParts {
	/** Decides which user may subscribe to which channel, and knows the kinds of channel. */
	readonly access: ChannelPermissions;
	readonly pushes: { publish(topic: string, frame: Uint8Array): void };
	/** Without it there are no differences between publications. */
	readonly deltas?: DeltaCodec;
	/** Is notified of who comes and goes, where the channel has that. */
	readonly users?: ChannelUsersListener;
}

/** One object for all channels that have neither. */
const PLAIN: ChannelTraits = { deltas: undefined, users: undefined };

/** @param memory - of all channels with differences. */
export function traitsOf(channel: string, parts: TraitParts, memory: DeltaMemory): ChannelTraits {
	const { access, pushes, deltas: codec, users } = parts;
	const policy = access.policyOf?.(channel);
	if (policy === undefined || !(policy.hasDeltas || policy.hasPresence)) return PLAIN;
	const publish = (topic: string, frame: Uint8Array) => pushes.publish(topic, frame);
	return {
		deltas: policy.hasDeltas && codec ? () => new DeltaSubscribers(channel, { codec, publish, memory }) : undefined,
		users: policy.hasPresence && users ? new ChannelUsers(channel, users) : undefined,
	};
}
