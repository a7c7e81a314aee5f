// What all clients together have not read yet. Each has a budget of its own (`limits.maxBackpressureBytes`), but ten thousand of those
// are ten gigabytes: beyond a budget for the process, the connections with most of it are torn down. A close frame would
// wait behind what is not read, and the memory with it.
import type { Connection } from "./connection.ts";
import type { ConnectionCounters } from "./connection-counters.ts";

/** Down to this part of the budget, so that it is not exceeded again at once. */
const LEFT_SHARE = 0.75;

export interface UnsentLimits {
	/** Bytes that all connections together may have unsent. */
	readonly maxUnsentBytes: number;
}

export class UnsentBudget {
	private readonly counters: ConnectionCounters;

	constructor(counters: ConnectionCounters) {
		this.counters = counters;
	}

	/** Looks at all connections, those that are being closed included. */
	enforce(connections: Iterable<Connection>, maxBytes: number): void {
		let unsentBytes = 0;
		const holders: { readonly connection: Connection; readonly bytes: number }[] = [];
		for (const connection of connections) {
			const bytes = connection.bufferedBytes();
			if (bytes === 0) continue;
			unsentBytes += bytes;
			holders.push({ connection, bytes });
		}
		if (unsentBytes > maxBytes) {
			holders.sort((a, b) => b.bytes - a.bytes);
			for (const { connection, bytes } of holders) {
				if (unsentBytes <= maxBytes * LEFT_SHARE) break;
				unsentBytes -= bytes;
				this.counters.overUnsentBudget++;
				connection.socket.terminate();
			}
		}
		this.counters.unsentBytes = unsentBytes;
	}
}
