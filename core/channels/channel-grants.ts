// The subscriptions of one channel that end at a time, since what entitles to them does.
import { TOKEN_LEEWAY_MS } from "../../common/identity.ts";
import type { ChannelGrant } from "../../messaging/publisher.ts";
import type { Connection } from "../connection.ts";

export class ChannelGrants {
	private readonly grants = new Map<Connection, ChannelGrant>();
	/** No grant ends before this: Unix milliseconds. */
	private nextEndMs = Number.POSITIVE_INFINITY;

	get size(): number {
		return this.grants.size;
	}

	of(connection: Connection): ChannelGrant | undefined {
		return this.grants.get(connection);
	}

	set(connection: Connection, grant: ChannelGrant): void {
		this.grants.set(connection, grant);
		this.nextEndMs = Math.min(this.nextEndMs, grant.expiresAtMs + TOKEN_LEEWAY_MS);
	}

	delete(connection: Connection): void {
		this.grants.delete(connection);
	}

	/** Those whose grants have ended. @param nowMs - Unix milliseconds. */
	expired(nowMs: number): readonly Connection[] {
		if (nowMs < this.nextEndMs) return [];
		const expired: Connection[] = [];
		this.nextEndMs = Number.POSITIVE_INFINITY;
		for (const [connection, { expiresAtMs }] of this.grants) {
			const endMs = expiresAtMs + TOKEN_LEEWAY_MS;
			if (endMs <= nowMs) expired.push(connection);
			else this.nextEndMs = Math.min(this.nextEndMs, endMs);
		}
		return expired;
	}
}
