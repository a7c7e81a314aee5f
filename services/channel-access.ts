// Who may follow which channel. Each kind of channel has a prefix, and the service that owns the kind decides; of a kind
// that nobody owns, nobody may follow any.
import type { Identity } from "../ports/identity.ts";
import { type ChannelGuard, userChannel } from "../ports/publisher.ts";

export class ChannelAccess {
	private readonly guards = new Map<string, ChannelGuard>();

	/** @throws Error when two guards claim one prefix, or a prefix does not end with a colon. */
	constructor(guards: readonly ChannelGuard[]) {
		for (const guard of [inboxGuard, ...guards]) {
			const { prefix } = guard;
			if (!/^[a-z-]+:$/.test(prefix))
				throw new Error(`channel prefix ${JSON.stringify(prefix)} must be a word and a colon`);
			if (this.guards.has(prefix)) throw new Error(`channel prefix ${prefix} is claimed twice`);
			this.guards.set(prefix, guard);
		}
	}

	/** @throws GatewayError UNAVAILABLE when the owner of the channel cannot tell. */
	async mayFollow(identity: Identity, channel: string): Promise<boolean> {
		const guard = this.guards.get(channel.slice(0, channel.indexOf(":") + 1));
		return guard !== undefined && (await guard.mayFollow(identity, channel));
	}
}

/** An inbox is its user's alone. */
const inboxGuard: ChannelGuard = {
	prefix: "user:",
	mayFollow: async ({ userId }, channel) => channel === userChannel(userId),
};
