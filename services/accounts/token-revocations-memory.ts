// Revocations of issuers' tokens in this process, for a single process without Redis. They end with it, as its sessions do: the tokens
// that were void then are good again until they expire.
import { unavailable } from "../../protocol/error.ts";
import type { TokenRevocations } from "./token-revocations.ts";

/** One takes about 150 bytes. */
const MAX_REVOCATIONS = 200_000;
const RETRY_AFTER_MS = 60_000;

interface Revocation {
	readonly issuedUntilMs: number;
	readonly keptUntilMs: number;
}

export class MemoryTokenRevocations implements TokenRevocations {
	private readonly now: () => number;
	private readonly keptMs: number;
	private readonly max: number;
	/** In the order in which they lapse. */
	private readonly byKey = new Map<string, Revocation>();

	/**
	 * @param now - Unix milliseconds.
	 * @param keptMs - how long revocations are kept.
	 */
	constructor(now: () => number, keptMs: number, max = MAX_REVOCATIONS) {
		this.now = now;
		this.keptMs = keptMs;
		this.max = max;
	}

	async voidUntil(keys: readonly string[]): Promise<readonly number[]> {
		const nowMs = this.now();
		return keys.map((key) => {
			const found = this.byKey.get(key);
			return found !== undefined && found.keptUntilMs > nowMs ? found.issuedUntilMs : 0;
		});
	}

	async revoke(keys: readonly string[], issuedUntilMs: number): Promise<void> {
		const nowMs = this.now();
		this.removeLapsed(nowMs);
		// One that is forgotten is a token that is good again: rather none more.
		const fresh = keys.filter((key) => !this.byKey.has(key)).length;
		if (this.byKey.size + fresh > this.max) throw unavailable("revocation of tokens", RETRY_AFTER_MS);
		for (const key of keys) {
			const latestMs = Math.max(issuedUntilMs, this.byKey.get(key)?.issuedUntilMs ?? 0);
			this.byKey.delete(key);
			this.byKey.set(key, { issuedUntilMs: latestMs, keptUntilMs: nowMs + this.keptMs });
		}
	}

	private removeLapsed(nowMs: number): void {
		for (const [key, { keptUntilMs }] of this.byKey) {
			if (keptUntilMs > nowMs) return;
			this.byKey.delete(key);
		}
	}
}
