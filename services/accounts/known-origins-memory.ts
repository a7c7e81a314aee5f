// Known origins in this process, for a single process without Redis. They are forgotten when it ends.
import { setLast } from "../../common/bounded-map.ts";
import { KNOWN_MS, type KnownOrigins, MAX_KNOWN } from "./known-origins.ts";

/** Accounts whose origins are kept; beyond it those whose last login is the longest ago are forgotten. */
const MAX_ACCOUNTS = 10_000;

export class MemoryKnownOrigins implements KnownOrigins {
	private readonly now: () => number;
	/** When each origin of an account was last used. Both maps are in the order of last use. */
	private readonly byAccount = new Map<string, Map<string, number>>();

	/** @param now - Unix milliseconds. */
	constructor(now: () => number) {
		this.now = now;
	}

	async among(account: string, origins: readonly string[]): Promise<readonly string[]> {
		const known = this.byAccount.get(account);
		const since = this.now() - KNOWN_MS;
		return origins.filter((origin) => (known?.get(origin) ?? Number.NEGATIVE_INFINITY) > since);
	}

	async record(account: string, origins: readonly string[]): Promise<void> {
		const known = this.byAccount.get(account) ?? new Map<string, number>();
		for (const origin of origins) setLast(known, origin, this.now(), MAX_KNOWN);
		setLast(this.byAccount, account, known, MAX_ACCOUNTS);
	}

	async forget(account: string): Promise<void> {
		this.byAccount.delete(account);
	}
}
