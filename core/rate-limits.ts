// The five token buckets that a message passes: its connection's, its user's, its address's, its route's and the
// process's. All local: a shared counter per message would cost a network round trip each.
import type { Identity } from "../common/identity.ts";
import { type BucketRate, TokenBucket } from "../common/token-bucket.ts";
import { BucketRegistry } from "./bucket-registry.ts";
import type { Connection } from "./connection.ts";

/**
 * Tokens that an HTTP request takes. One on a kept connection takes 14 µs, about three times a heartbeat; one that opens its
 * connection takes several times as long. A client may send thousands in one packet, and those that have tokens are answered in
 * one turn of the event loop: 400 of an address by default, about 6 ms.
 */
const HTTP_REQUEST_COST = 10;

/** Rates by dimension. Replaced as a whole on reload. */
export interface RateSettings {
	readonly connection: BucketRate;
	readonly user: BucketRate;
	readonly ip: BucketRate;
	readonly global: BucketRate;
	/** By protocol number; routes without an entry have no bucket of their own. */
	readonly protocols: Readonly<Record<string, BucketRate>>;
	/** Bytes of request bodies, by user. */
	readonly userBytes: BucketRate;
	/** Bytes of replies that may be pages, by user. */
	readonly userReplyBytes: BucketRate;
	/** New connections per address. */
	readonly connectsPerIp: BucketRate;
	/** Connections of an address that were closed because of what the client sent. */
	readonly faultsPerIp: BucketRate;
	/** Pings and pongs of one connection. */
	readonly control: BucketRate;
	/** Bytes of payload from one connection. */
	readonly receivedBytes: BucketRate;
	readonly receivedBytesPerIp: BucketRate;
}

/** What `take` needs to know of a call. */
export interface LimitedCall {
	readonly peer: Connection;
	readonly contract: { readonly number: number };
	readonly receivedAtMs: number;
}

/** Values of `RateLimit-Policy` and `RateLimit`. */
export interface RateLimitFields {
	readonly policy: string;
	readonly state: string;
}

export class RateLimits {
	readonly users = new BucketRegistry();
	readonly addresses = new BucketRegistry();
	/** Held and released together with those of `addresses`. */
	readonly addressBytes = new BucketRegistry();
	private readonly connects = new BucketRegistry();
	private readonly bytes = new BucketRegistry();
	private readonly replyBytes = new BucketRegistry();
	private readonly faults = new BucketRegistry();
	private readonly global = new TokenBucket();
	private settings: RateSettings;
	/** Values of `RateLimit-Policy` without the name of the bucket. */
	private readonly policies = new WeakMap<BucketRate, string>();
	private protocols = new Map<number, { rate: BucketRate; bucket: TokenBucket }>();

	constructor(settings: RateSettings) {
		this.settings = settings;
		this.apply(settings);
	}

	/** Takes new rates at once; what has been consumed stays consumed. */
	apply(settings: RateSettings): void {
		this.settings = settings;
		this.protocols = new Map(
			Object.entries(settings.protocols).map(([number, rate]) => {
				const bucket = this.protocols.get(Number(number))?.bucket ?? new TokenBucket();
				return [Number(number), { rate, bucket }];
			}),
		);
	}

	/**
	 * Takes a call's tokens, from the narrowest bucket to the widest, so that a flooder is stopped by its own.
	 *
	 * @returns 0, or the milliseconds until the first bucket that refused has enough.
	 */
	take(call: LimitedCall, cost: number): number {
		const { settings } = this;
		const { peer, receivedAtMs: nowMs } = call;
		if (peer.keyRate !== undefined && peer.userBucket !== undefined) {
			const waitMs = peer.userBucket.take(peer.keyRate, cost, nowMs);
			return waitMs > 0 ? waitMs : this.takeShared(call.contract.number, cost, nowMs);
		}
		let waitMs = peer.bucket.take(settings.connection, cost, nowMs);
		if (waitMs > 0) return waitMs;
		if (peer.userBucket !== undefined) {
			waitMs = peer.userBucket.take(settings.user, cost, nowMs);
			if (waitMs > 0) return waitMs;
		}
		waitMs = peer.ipBucket.take(settings.ip, cost, nowMs);
		return waitMs > 0 ? waitMs : this.takeShared(call.contract.number, cost, nowMs);
	}

	/** From the bucket of the route, if it has one, and the process's. */
	private takeShared(number: number, cost: number, nowMs: number): number {
		if (this.protocols.size > 0) {
			const own = this.protocols.get(number);
			const waitMs = own === undefined ? 0 : own.bucket.take(own.rate, cost, nowMs);
			if (waitMs > 0) return waitMs;
		}
		return this.global.take(this.settings.global, cost, nowMs);
	}

	/**
	 * Takes the tokens of a call that has no connection, and so no bucket of its own. @returns as `take`.
	 *
	 * @param identity - undefined before authentication. @param addressKey - what counts as one address.
	 */
	takeCall(identity: Identity | undefined, addressKey: string, number: number, cost: number, nowMs: number): number {
		const { settings } = this;
		if (identity?.key !== undefined) return this.takeKeyCall(identity.userId, identity.key.rate, number, cost, nowMs);
		const userId = identity?.userId;
		if (userId !== undefined) {
			const bucket = this.users.bucketOf(userId);
			const waitMs = bucket.take(settings.user, cost, nowMs);
			if (waitMs > 0) return waitMs;
		}
		const bucket = this.addresses.bucketOf(addressKey);
		const waitMs = bucket.take(settings.ip, cost, nowMs);
		return waitMs > 0 ? waitMs : this.takeShared(number, cost, nowMs);
	}

	/** A backend is one address with the traffic of many users: its key's own rate is what holds it. */
	private takeKeyCall(keyId: string, rate: BucketRate, number: number, cost: number, nowMs: number): number {
		const bucket = this.users.bucketOf(keyId);
		const waitMs = bucket.take(rate, cost, nowMs);
		return waitMs > 0 ? waitMs : this.takeShared(number, cost, nowMs);
	}

	/** Gives an address back what a request cost it, once it is known to come from a backend. */
	refundRequest(addressKey: string, nowMs: number): void {
		const bucket = this.addresses.find(addressKey);
		if (bucket !== undefined && !bucket.isFull(nowMs)) bucket.charge(this.settings.ip, -HTTP_REQUEST_COST, nowMs);
	}

	/**
	 * The state of the bucket that a call without a connection meets first, as the header fields of
	 * draft-ietf-httpapi-ratelimit-headers-10 say it; undefined where it is switched off.
	 */
	headerFields(identity: Identity | undefined, addressKey: string, nowMs: number): RateLimitFields | undefined {
		const own = identity?.key?.rate ?? this.settings.user;
		const isUser = identity !== undefined && own.perSecond > 0;
		const rate = isUser ? own : this.settings.ip;
		if (rate.perSecond === 0) return undefined;
		const bucket = isUser ? this.users.find(identity.userId) : this.addresses.find(addressKey);
		const tokens = Math.max(0, bucket?.tokens(rate, nowMs) ?? rate.burst);
		const name = isUser ? (identity.key === undefined ? '"user"' : '"key"') : '"address"';
		const state = `r=${Math.floor(tokens)};t=${Math.ceil((rate.burst - tokens) / rate.perSecond)}`;
		return { policy: `${name};${this.policyOf(rate)}`, state: `${name};${state}` };
	}

	private policyOf(rate: BucketRate): string {
		let policy = this.policies.get(rate);
		if (policy === undefined) {
			policy = `q=${rate.burst};w=${Math.ceil(rate.burst / rate.perSecond)}`;
			this.policies.set(rate, policy);
		}
		return policy;
	}

	/** Takes the tokens of an HTTP request from its address, and from the process. @returns as `take`. */
	takeRequest(ip: string, nowMs: number): number {
		const bucket = this.addresses.bucketOf(ip);
		const waitMs = bucket.take(this.settings.ip, HTTP_REQUEST_COST, nowMs);
		return waitMs > 0 ? waitMs : this.global.take(this.settings.global, HTTP_REQUEST_COST, nowMs);
	}

	/** Takes one token for a new connection from an address. */
	takeConnect(ip: string, nowMs: number): number {
		if (this.settings.connectsPerIp.perSecond === 0) return 0;
		const bucket = this.connects.bucketOf(ip);
		return bucket.take(this.settings.connectsPerIp, 1, nowMs);
	}

	/** A connection of the address was closed because of what the client sent. */
	chargeFault(ip: string, nowMs: number): void {
		const rate = this.settings.faultsPerIp;
		if (rate.perSecond === 0) return;
		const bucket = this.faults.bucketOf(ip);
		// Into debt, by as much as fits in: connections that were open already count as well.
		if (bucket.waitMs(rate, 0, nowMs) * rate.perSecond < rate.burst * 1000) bucket.charge(rate, 1, nowMs);
	}

	/** How many milliseconds an address with too many such connections has to wait until it may open another one; 0: none. */
	faultWaitMs(ip: string, nowMs: number): number {
		return this.faults.find(ip)?.waitMs(this.settings.faultsPerIp, 1, nowMs) ?? 0;
	}

	/** Takes bytes of a user, whichever of the user's connections they came by; a backend has a rate of its own. @returns as `take`. */
	takeBytes({ userId, key }: Identity, bytes: number, nowMs: number): number {
		if (key !== undefined || this.settings.userBytes.perSecond === 0) return 0;
		const bucket = this.bytes.bucketOf(userId);
		return bucket.take(this.settings.userBytes, bytes, nowMs);
	}

	/**
	 * How long a user waits until another reply that may be a page is made, in milliseconds; 0: not at all. Backends have a rate of
	 * their own.
	 */
	replyWaitMs({ userId, key }: Identity, nowMs: number): number {
		return key === undefined ? (this.replyBytes.find(userId)?.waitMs(this.settings.userReplyBytes, 0, nowMs) ?? 0) : 0;
	}

	/** Takes the bytes of such a reply, which are known when it is made: the bucket may go into debt. */
	chargeReply({ userId, key }: Identity, bytes: number, nowMs: number): void {
		if (key !== undefined || this.settings.userReplyBytes.perSecond === 0) return;
		this.replyBytes.bucketOf(userId).charge(this.settings.userReplyBytes, bytes, nowMs);
	}

	/** Takes a token for a ping or a pong. @returns as `take`. */
	takeControl(peer: Connection, nowMs: number): number {
		peer.controlBucket ??= new TokenBucket();
		return peer.controlBucket.take(this.settings.control, 1, nowMs);
	}

	/** Takes one token for each byte that came. @returns as `take`. */
	takeReceivedBytes(peer: Connection, bytes: number, nowMs: number): number {
		const { settings } = this;
		const waitMs = peer.byteBucket.take(settings.receivedBytes, bytes, nowMs);
		return waitMs > 0 ? waitMs : peer.ipByteBucket.take(settings.receivedBytesPerIp, bytes, nowMs);
	}

	sweep(nowMs: number): void {
		this.addressBytes.sweep(nowMs);
		this.users.sweep(nowMs);
		this.addresses.sweep(nowMs);
		this.connects.sweep(nowMs);
		this.bytes.sweep(nowMs);
		this.replyBytes.sweep(nowMs);
		this.faults.sweep(nowMs);
	}
}
