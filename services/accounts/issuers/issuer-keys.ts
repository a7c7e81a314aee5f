// The public keys of one issuer: fetched at the start, refreshed in the background, and fetched once more when a token names a key that
// is not there. However many tokens come, and whatever they name, the issuer gets a bounded number of requests, and nobody waits
// for longer than one of them may take.
import { type CryptoKey, createLocalJWKSet, errors, type JWK, type JWTHeaderParameters } from "jose";
import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import { PeriodicTask } from "../../../common/periodic-task.ts";
import { SingleFlight } from "../../../common/single-flight.ts";
import { unavailable } from "../../../protocol/error.ts";
import type { KeySource } from "./key-source.ts";
import type { IssuerAlgorithm, IssuerOptions } from "./options.ts";

export interface IssuerKeysServices {
	readonly source: KeySource;
	readonly clock: Clock;
	readonly logger: Logger;
}

export type IssuerKeysOptions = Pick<IssuerOptions, "name" | "algorithms" | "timeoutMs" | "refreshMs" | "maxStaleMs">;

/** After a fetch, whatever tokens name, there is none for so long. */
const COOL_DOWN_MS = 5_000;
/** After a fetch that failed: doubling from the first to the last. */
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** Callers that wait for one fetch; one more is refused at once. */
const MAX_WAITING = 1_000;
/** Keys of one issuer; the rest of a longer set is left out. */
const MAX_KEYS = 100;
const MAX_KID_LENGTH = 256;
/** An RSA modulus as base64url: 2048 bits at least, as jose demands, and 8192 at most, since a check costs the square of it. */
const MAX_MODULUS_LENGTH = 1366;

interface KeySet {
	readonly find: ReturnType<typeof createLocalJWKSet>;
	readonly size: number;
	readonly fetchedAtMs: number;
}

/** No key of the issuer can have signed the token. */
export class UnknownKeyError extends Error {
	constructor() {
		super("the issuer has no such key");
		this.name = "UnknownKeyError";
	}
}

export class IssuerKeys {
	/** Fetches since the start, by how they ended. */
	readonly fetches = { ok: 0, failed: 0 };
	private readonly services: IssuerKeysServices;
	private readonly options: IssuerKeysOptions;
	private readonly flight: SingleFlight;
	private readonly refresh: PeriodicTask;
	private set: KeySet | undefined;
	private waiting = 0;
	private failures = 0;
	/** Monotonic milliseconds; before that, only the background fetches. */
	private nextFetchAtMs = Number.NEGATIVE_INFINITY;

	constructor(services: IssuerKeysServices, options: IssuerKeysOptions) {
		this.services = services;
		this.options = options;
		this.flight = new SingleFlight(() => this.fetch());
		const onError = () => {};
		this.refresh = new PeriodicTask({ intervalMs: options.refreshMs, run: () => this.flight.run(), onError });
	}

	/** Keys that tokens are checked with now; 0 when there are none, or they are too old. */
	get size(): number {
		return this.current()?.size ?? 0;
	}

	/** Milliseconds since the keys were fetched; undefined when they never were. */
	get ageMs(): number | undefined {
		return this.set === undefined ? undefined : this.services.clock.monotonic() - this.set.fetchedAtMs;
	}

	/** Begins to fetch, and waits for nothing: the issuer may be down. */
	start(): void {
		this.refresh.start();
		void this.refresh.run();
	}

	async close(): Promise<void> {
		await this.refresh.close();
		await this.flight.settled();
	}

	/**
	 * The key that a token says it is signed with.
	 *
	 * @throws UnknownKeyError; GatewayError UNAVAILABLE when the issuer does not answer, with the time until it is asked again.
	 */
	async keyFor(header: JWTHeaderParameters): Promise<CryptoKey> {
		const known = await find(this.current(), header);
		if (known !== undefined) return known;
		await this.fetchOnDemand();
		const key = await find(this.current(), header);
		if (key === undefined) throw new UnknownKeyError();
		return key;
	}

	private current(): KeySet | undefined {
		const { ageMs } = this;
		return ageMs !== undefined && ageMs <= this.options.maxStaleMs + this.options.refreshMs ? this.set : undefined;
	}

	private async fetchOnDemand(): Promise<void> {
		const waitMs = this.nextFetchAtMs - this.services.clock.monotonic();
		if (waitMs > 0 && !this.flight.isRunning) throw this.unavailable(waitMs);
		if (this.waiting >= MAX_WAITING) throw this.unavailable(RETRY_MIN_MS);
		this.waiting++;
		try {
			await this.flight.run();
		} catch {
			throw this.unavailable(this.nextFetchAtMs - this.services.clock.monotonic());
		} finally {
			this.waiting--;
		}
	}

	private unavailable(retryAfterMs: number): Error {
		return unavailable("token issuer", Math.ceil(Math.max(RETRY_MIN_MS, retryAfterMs)));
	}

	private async fetch(): Promise<void> {
		const { source, clock, logger } = this.services;
		const { name, algorithms, timeoutMs } = this.options;
		try {
			const keys = usableKeys(await source.fetch(AbortSignal.timeout(timeoutMs)), algorithms);
			if (keys.length === 0) throw new Error("the issuer publishes no key that could be used");
			this.set = { find: createLocalJWKSet({ keys: [...keys] }), size: keys.length, fetchedAtMs: clock.monotonic() };
			this.fetches.ok++;
			if (this.failures > 0) logger.info({ issuer: name }, "the keys of a token issuer are there again");
			this.failures = 0;
			this.nextFetchAtMs = clock.monotonic() + COOL_DOWN_MS;
		} catch (error) {
			this.fetches.failed++;
			// One line when it begins; the metrics say that it goes on.
			if (this.failures === 0) logger.warn({ err: error, issuer: name }, "the keys of a token issuer were not fetched");
			const delayMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.failures, 10));
			this.failures++;
			this.nextFetchAtMs = clock.monotonic() + delayMs;
			throw error;
		}
	}
}

async function find(set: KeySet | undefined, header: JWTHeaderParameters): Promise<CryptoKey | undefined> {
	try {
		return await set?.find(header);
	} catch (error) {
		// None, or several for a token that does not say which.
		if (error instanceof errors.JOSEError) return undefined;
		throw error;
	}
}

/** The public part of those keys that may verify; what else an issuer publishes is left out. */
function usableKeys(keys: readonly JWK[], algorithms: readonly IssuerAlgorithm[]): readonly JWK[] {
	const allowed: readonly string[] = algorithms;
	return keys
		.filter(({ kty, use, alg, kid, n, key_ops: operations }) => {
			if (kty !== "RSA" && kty !== "EC" && kty !== "OKP") return false;
			if (use !== undefined && use !== "sig") return false;
			if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify"))) return false;
			if (alg !== undefined && !allowed.includes(alg)) return false;
			if (kid !== undefined && (typeof kid !== "string" || kid.length > MAX_KID_LENGTH)) return false;
			return kty !== "RSA" || (typeof n === "string" && n.length <= MAX_MODULUS_LENGTH);
		})
		.slice(0, MAX_KEYS)
		.map(({ kty, kid, alg, n, e, crv, x, y }) => {
			const members = Object.entries({ kid, alg, n, e, crv, x, y }).filter(([, value]) => value !== undefined);
			return { kty, ...Object.fromEntries(members) } as JWK;
		});
}
