// The tokens outside of this client. Programs that share a storage, such as the tabs of one browser, share one session; its
// refresh token works once, so that only one of them may spend it, and the others take what it got.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { TokenPairProperties } from "../../protocol/gen/codec/auth.ts";
import type { TokenStorage } from "../token-storage.ts";

/** What is used of Web Locks (https://www.w3.org/TR/web-locks/). */
interface LockManager {
	request<Result>(name: string, options: { signal: AbortSignal }, work: () => Promise<Result>): Promise<Result>;
}

const LOCK_NAME = "framegate-tokens";
/** Longer than the program that holds the lock waits for the gateway. */
const LOCK_TIMEOUT_MS = 30_000;

export class TokenStore {
	private readonly storage: TokenStorage;
	private readonly onError: (error: unknown) => void;
	/** The operations on the storage run one after the other. */
	private queue: Promise<void> = Promise.resolve();
	/** The storage has what this client last saved. */
	private isCurrent = true;

	constructor(storage: TokenStorage, onError: (error: unknown) => void) {
		this.storage = storage;
		this.onError = onError;
	}

	/** What was stored; undefined when there is nothing, or after a failure, which is reported. */
	async load(): Promise<TokenPairProperties | undefined> {
		try {
			return await this.storage.load?.();
		} catch (error) {
			this.onError(error);
			return undefined;
		}
	}

	/** Saves in the background; failures are reported. */
	save(tokens: TokenPairProperties): void {
		this.enqueue(() => this.storage.save?.(tokens));
	}

	/** Deletes the tokens of a session that is over, in the background, unless another program has stored others since. */
	delete(tokens: TokenPairProperties): void {
		this.enqueue(async () => {
			const stored = await this.storage.load?.();
			if (stored !== undefined && stored.accessToken !== tokens.accessToken) return;
			await this.storage.save?.(undefined);
		});
	}

	/**
	 * Runs the work that spends a refresh token, while no other program that shares the storage does.
	 *
	 * @param present - the tokens of this client.
	 * @param work - gets the pair that another program has stored since, if there is one. What it saves is stored before the next
	 * program may begin.
	 * @throws GatewayError UNAVAILABLE when the others take too long, or what the work throws.
	 */
	async renew<Result>(
		present: () => TokenPairProperties | undefined,
		work: (newer: TokenPairProperties | undefined) => Promise<Result>,
	): Promise<Result> {
		return await this.exclusively(async () => {
			try {
				return await work(await this.newer(present));
			} finally {
				await this.queue;
			}
		});
	}

	private async newer(present: () => TokenPairProperties | undefined): Promise<TokenPairProperties | undefined> {
		await this.queue;
		// What a storage that keeps nothing returns, or one that failed, is older than ours.
		if (this.storage.save === undefined || !this.isCurrent) return undefined;
		const stored = await this.load();
		const own = present();
		if (!stored?.refreshToken || own === undefined || stored.refreshToken === own.refreshToken) return undefined;
		return (stored.accessExpiresAtMs ?? 0) >= (own.accessExpiresAtMs ?? 0) ? stored : undefined;
	}

	private async exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
		const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
		if (locks === undefined || this.storage.load === undefined) return await work();
		let isHeld = false;
		try {
			return await locks.request(LOCK_NAME, { signal: AbortSignal.timeout(LOCK_TIMEOUT_MS) }, () => {
				isHeld = true;
				return work();
			});
		} catch (cause) {
			if (isHeld) throw cause;
			throw new GatewayError(ErrorCode.UNAVAILABLE, "another program is renewing the tokens", { cause });
		}
	}

	private enqueue(operation: () => void | Promise<void>): void {
		this.queue = this.queue.then(operation).then(
			() => {
				this.isCurrent = true;
			},
			(error: unknown) => {
				this.isCurrent = false;
				this.onError(error);
			},
		);
	}
}
