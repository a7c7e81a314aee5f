// Which user may subscribe to which channel. Each kind of channel has a prefix, and the service that owns the kind decides;
// nobody may subscribe to a channel whose kind has no owner.
//
// After an outage all clients subscribe to all their channels at once. Queries are queued instead of being refused, one read
// answers many of them, and they never occupy more than a part of what other requests need. Users take turns, so that one
// with very many queries does not delay the others.
import type { Hooks } from "../common/hooks.ts";
import type { Identity } from "../common/identity.ts";
import { coversScope } from "../common/key-scope.ts";
import { eventsChannel, userChannel } from "../common/user-channels.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError, unavailable } from "../protocol/error.ts";
import type { ChannelAuthorizer, ChannelGrant, ChannelPolicy, SubscribeQuery } from "./publisher.ts";

export interface ChannelAccessOptions {
	/** Queries passed to an authorizer at once. */
	readonly batchSize: number;
	/** Batches of one authorizer in flight at once. */
	readonly concurrency: number;
	/** Queries of one user that may wait: enough for all that a user's connections may present at once. */
	readonly maxWaitingPerUser: number;
	/** Queries that may wait for one authorizer. */
	readonly maxWaiting: number;
}

export const channelAccessDefaults: ChannelAccessOptions = {
	batchSize: 250,
	concurrency: 2,
	maxWaitingPerUser: 20_000,
	maxWaiting: 250_000,
};

/** Places of one batch that one user gets at most while others wait. */
const PLACES_PER_TURN = 32;
/** `retryAfterMs` of a refused request. */
const RETRY_AFTER_MS = 1000;

/** Of rooms, conversations, inboxes and whatever else says nothing. */
const DEFAULT_POLICY: ChannelPolicy = {
	isRecoverable: true,
	isRevocable: false,
	hasDeltas: false,
	hasPresence: false,
};

export class ChannelAccess {
	private readonly queues = new Map<string, QueryQueue>();
	private readonly policies = new Map<string, ChannelPolicy>();
	private readonly hooks: Pick<Hooks, "subscribe"> | undefined;

	/**
	 * @param hooks - what the operator's own code says to a subscription that is allowed.
	 * @throws Error when two authorizers claim one prefix, or a prefix does not end with a colon.
	 */
	constructor(
		authorizers: readonly ChannelAuthorizer[],
		options: Partial<ChannelAccessOptions> = {},
		hooks?: Pick<Hooks, "subscribe">,
	) {
		this.hooks = hooks;
		for (const authorizer of authorizers) {
			const { prefix, policy } = authorizer;
			if (!/^[a-z][a-z0-9-]*:$/.test(prefix))
				throw new Error(`channel prefix ${JSON.stringify(prefix)} must be a word and a colon`);
			if (prefix === INBOX_PREFIX || prefix === EVENTS_PREFIX || this.queues.has(prefix))
				throw new Error(`channel prefix ${prefix} is claimed twice`);
			if (policy !== undefined) this.policies.set(prefix, policy);
			this.queues.set(prefix, new QueryQueue(authorizer, { ...channelAccessDefaults, ...options }));
		}
	}

	/**
	 * @throws GatewayError UNAVAILABLE when the owner of the channel cannot decide, RATE_LIMITED when the user has too many
	 *   pending queries.
	 */
	async canSubscribe(identity: Identity, channel: string, grant?: ChannelGrant): Promise<boolean> {
		const prefix = prefixOf(channel);
		// Whatever else permits it, such as a permission that goes for all channels of a kind.
		if (identity.key !== undefined && !coversScope(identity.key.channels, channel)) return false;
		// These are their user's alone.
		if (prefix === INBOX_PREFIX) return channel === userChannel(identity.userId);
		if (prefix === EVENTS_PREFIX) return channel === eventsChannel(identity.userId);
		const may = (await this.queues.get(prefix)?.canSubscribe({ identity, channel, grant })) ?? false;
		// A key is no user, of whom a module would know something.
		if (may && identity.key === undefined && this.hooks?.subscribe !== undefined) {
			await this.hooks.subscribe({ identity, channel });
		}
		return may;
	}

	policyOf(channel: string): ChannelPolicy {
		return this.policies.get(prefixOf(channel)) ?? DEFAULT_POLICY;
	}
}

function prefixOf(channel: string): string {
	return channel.slice(0, channel.indexOf(":") + 1);
}

const INBOX_PREFIX = userChannel("");
const EVENTS_PREFIX = eventsChannel("");

interface Waiting extends SubscribeQuery {
	resolve(answer: boolean): void;
	reject(error: unknown): void;
}

/** The pending queries to one authorizer. */
class QueryQueue {
	private readonly authorizer: ChannelAuthorizer;
	private readonly options: ChannelAccessOptions;
	/** By user; whose turn is next comes first. */
	private readonly waiting = new Map<string, Waiting[]>();
	private size = 0;
	private running = 0;
	private isScheduled = false;

	constructor(authorizer: ChannelAuthorizer, options: ChannelAccessOptions) {
		this.authorizer = authorizer;
		this.options = options;
	}

	canSubscribe(query: SubscribeQuery): Promise<boolean> {
		const { identity } = query;
		const { maxWaiting, maxWaitingPerUser } = this.options;
		if (this.size >= maxWaiting) throw unavailable("the check of channel permissions", RETRY_AFTER_MS);
		let own = this.waiting.get(identity.userId);
		if (own === undefined) {
			own = [];
			this.waiting.set(identity.userId, own);
		}
		if (own.length >= maxWaitingPerUser)
			throw new GatewayError(ErrorCode.RATE_LIMITED, "too many channels at once", { retryAfterMs: RETRY_AFTER_MS });
		const queries = own;
		this.size++;
		this.schedule();
		return new Promise((resolve, reject) => {
			queries.push({ ...query, resolve, reject });
		});
	}

	/** At the end of this turn of the loop, so that queries of one turn go into one batch. */
	private schedule(): void {
		if (this.isScheduled || this.running >= this.options.concurrency) return;
		this.isScheduled = true;
		setImmediate(() => {
			this.isScheduled = false;
			this.start();
		});
	}

	private start(): void {
		while (this.running < this.options.concurrency && this.size > 0) {
			const batch = this.take();
			this.running++;
			void this.answer(batch).finally(() => {
				this.running--;
				if (this.size > 0) this.schedule();
			});
		}
	}

	private take(): Waiting[] {
		const { batchSize } = this.options;
		const batch: Waiting[] = [];
		while (batch.length < batchSize && this.size > 0) {
			const next = this.waiting.entries().next();
			if (next.done) break;
			const [userId, queries] = next.value;
			this.waiting.delete(userId);
			const places = Math.min(PLACES_PER_TURN, batchSize - batch.length);
			const taken = queries.splice(0, places);
			this.size -= taken.length;
			batch.push(...taken);
			if (queries.length > 0) this.waiting.set(userId, queries);
		}
		return batch;
	}

	private async answer(batch: readonly Waiting[]): Promise<void> {
		const { authorizer } = this;
		try {
			const answers = authorizer.canSubscribeEach
				? await authorizer.canSubscribeEach(batch)
				: await Promise.all(batch.map((query) => authorizer.canSubscribe(query.identity, query.channel, query.grant)));
			for (const [index, { resolve }] of batch.entries()) resolve(answers[index] ?? false);
		} catch (error) {
			for (const { reject } of batch) reject(error);
		}
	}
}
