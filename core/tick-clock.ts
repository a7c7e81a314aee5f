// A clock that is read once per turn of the event loop. A reading costs more than decoding a small message does, and
// the messages that one turn delivers arrived together anyway. Its time may be as old as the turn, and is whole
// milliseconds: each connection keeps several times, and V8 has a small integer in their place where a fraction is an object.
import type { Clock } from "../common/clock.ts";

export class TickClock implements Clock {
	private readonly source: Clock;
	private wallMs = 0;
	private monotonicMs = 0;
	private isFresh = false;
	/** One function for all turns; setImmediate runs it after the turn's messages. */
	private readonly expire = (): void => {
		this.isFresh = false;
	};

	constructor(source: Clock) {
		this.source = source;
	}

	now(): number {
		if (!this.isFresh) this.read();
		return this.wallMs;
	}

	monotonic(): number {
		if (!this.isFresh) this.read();
		return this.monotonicMs;
	}

	private read(): void {
		this.wallMs = this.source.now();
		this.monotonicMs = Math.floor(this.source.monotonic());
		this.isFresh = true;
		setImmediate(this.expire);
	}
}
