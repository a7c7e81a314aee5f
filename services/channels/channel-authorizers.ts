// Who may subscribe to application channels: one authorizer for each namespace, and one for the channels with presence events.
import type { Identity } from "../../common/identity.ts";
import type { ChannelAuthorizer, ChannelGrant, SubscribeQuery } from "../../messaging/publisher.ts";
import { needsStanding, permitsByGrant, permitsUser } from "./channel-rules.ts";
import type { ChannelGrantStore, ChannelStanding } from "./grant-store.ts";
import { JOINS_PREFIX, MAX_APPLICATION_CHANNEL_LENGTH, splitChannelName } from "./names.ts";
import type { Namespaces } from "./namespaces.ts";

export interface AuthorizerParts {
	readonly namespaces: Namespaces;
	readonly grants: ChannelGrantStore;
	/** The role of users without an account. */
	readonly guestRole: string;
	/** Unix milliseconds. */
	readonly now: () => number;
}

/** Asks the store for those users only whom the rules alone do not permit. */
export class ChannelRights {
	private readonly parts: AuthorizerParts;

	constructor(parts: AuthorizerParts) {
		this.parts = parts;
	}

	/** @throws GatewayError UNAVAILABLE when the store does not answer. */
	async canSubscribe(identity: Identity, channel: string, grant?: ChannelGrant): Promise<boolean> {
		return (await this.canSubscribeEach([{ identity, channel, grant }]))[0] ?? false;
	}

	async canSubscribeEach(queries: readonly SubscribeQuery[]): Promise<readonly boolean[]> {
		const { grants, guestRole, now } = this.parts;
		const rules = queries.map(({ channel }) => this.rulesOf(channel));
		const answers = queries.map(({ identity, channel }, index) => {
			return permitsUser(rules[index] as readonly string[], identity, splitChannelName(channel).rest, guestRole);
		});
		const open = queries.flatMap((query, index) => {
			return answers[index] || !needsStanding(rules[index] as readonly string[]) ? [] : [{ ...query, index }];
		});
		if (open.length === 0) return answers;
		const standings = await grants.get(open.map(({ identity, channel }) => ({ userId: identity.userId, channel })));
		for (const [at, { index, grant }] of open.entries()) {
			answers[index] = permitsByGrant(rules[index] as readonly string[], grant, standings[at], now());
		}
		return answers;
	}

	/** Whether a user may publish by who the user is. */
	permitsPublisher(identity: Identity, channel: string, rules: readonly string[]): boolean {
		return permitsUser(rules, identity, splitChannelName(channel).rest, this.parts.guestRole);
	}

	/** Whether a token still counts: its user was not removed from the channel since it was issued. */
	async isCurrent({ userId, channel, issuedAtMs }: ChannelGrant): Promise<boolean> {
		const standing = await this.standingOf(userId, channel);
		return standing === undefined || standing.isGranted || issuedAtMs > standing.sinceMs;
	}

	/** Whether a backend granted the channel to a user. */
	async isGranted(userId: string, channel: string): Promise<boolean> {
		return (await this.standingOf(userId, channel))?.isGranted ?? false;
	}

	private async standingOf(userId: string, channel: string): Promise<ChannelStanding | undefined> {
		return (await this.parts.grants.get([{ userId, channel }]))[0];
	}

	/** None for a name that is no channel's. */
	private rulesOf(channel: string): readonly string[] {
		const { namespace, rest } = splitChannelName(channel);
		if (rest === "" || channel.length > MAX_APPLICATION_CHANNEL_LENGTH) return [];
		return this.parts.namespaces.named(namespace).options.subscribe;
	}

	/** One for each namespace, and one for presence events, which those may have who may subscribe to the channel. */
	authorizers(): readonly ChannelAuthorizer[] {
		const { namespaces } = this.parts;
		if (namespaces.size === 0) return [];
		const ofNamespaces = [...namespaces.all()].map(({ name, policy }): ChannelAuthorizer => {
			return {
				prefix: `${name}:`,
				policy,
				canSubscribe: (identity, channel, grant) => this.canSubscribe(identity, channel, grant),
				canSubscribeEach: (queries) => this.canSubscribeEach(queries),
			};
		});
		return [...ofNamespaces, this.joinsAuthorizer()];
	}

	private joinsAuthorizer(): ChannelAuthorizer {
		const canSubscribe = async (identity: Identity, joins: string, grant?: ChannelGrant) => {
			const channel = joins.slice(JOINS_PREFIX.length);
			const { namespace } = splitChannelName(channel);
			const isThere = [...this.parts.namespaces.all()].some(
				({ name, options }) => name === namespace && options.presence && options.presenceEvents,
			);
			return isThere && (await this.canSubscribe(identity, channel, grant));
		};
		const policy = { isRecoverable: true, isRevocable: true, hasDeltas: false, hasPresence: false };
		return { prefix: JOINS_PREFIX, policy, canSubscribe };
	}
}
