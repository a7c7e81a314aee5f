// Counts of what happened to connections. Plain numbers: incrementing one is all that the message path pays.

export class ConnectionCounters {
	opened = 0;
	/** Refused for lack of room, by origin or by rate. */
	refused = 0;
	/** Not logged in, and closed for another that needed the place. */
	evicted = 0;
	/** Pings, pongs, and messages behind a close. */
	controlFrames = 0;
	/** Connections closed for too many of them. */
	controlFloods = 0;
	/** Messages refused because too many bytes came. */
	overByteBudget = 0;
	messagesIn = 0;
	bytesIn = 0;
	/** Times that a slow client caught up. */
	drained = 0;
	/** Messages that did not fit into a client's byte budget. */
	dropped = 0;
	/** Bytes that clients had not read at the last look. */
	unsentBytes = 0;
	/** Connections torn down since all clients together had too much unread. */
	overUnsentBudget = 0;
	/** Requests that waited until their client had read the replies before. */
	held = 0;
	/** Pushes that were larger than what the gateway sends, and were not sent. */
	oversized = 0;
	private readonly closes = new Map<number, number>();

	closedBy(code: number): void {
		this.closes.set(code, (this.closes.get(code) ?? 0) + 1);
	}

	/** Closed connections by WebSocket close code. */
	get closed(): ReadonlyMap<number, number> {
		return this.closes;
	}
}
