// The pending events of an output that are in memory, by their keys: of each key one event is delivered at a time, the first one. A
// lane holds a few events of its key; the others are read when these are done. A lane that waits after a failure holds none.
import type { OutputEvent } from "./output-store.ts";

/** Events of one key in memory. */
export const LANE_EVENTS = 10;
/** Events in memory, and bytes of their bodies, at which no more are read. */
const MAX_EVENTS = 500;
const MAX_BYTES = 4_194_304;
/** Keys in memory: beyond it events of further keys wait until one of these is done. */
const MAX_LANES = 5000;

export class Lane {
	readonly key: string;
	readonly events: OutputEvent[] = [];
	/** There are or may be more in the store. */
	hasMore = false;
	/** One is being delivered, or read. */
	isRunning = false;
	/** On the monotonic clock; after a failure. */
	retryAtMs = 0;

	constructor(key: string) {
		this.key = key;
	}
}

export class Lanes {
	private readonly lanes = new Map<string, Lane>();
	/** In memory: in lanes, or delivered and not yet removed from the store. */
	private readonly known = new Set<number>();
	private bytes = 0;

	get size(): number {
		return this.lanes.size;
	}

	get isFull(): boolean {
		return this.known.size >= MAX_EVENTS || this.bytes >= MAX_BYTES;
	}

	/** Takes an event that was read. @returns false when there is no room for its key. */
	add(event: OutputEvent): boolean {
		if (this.known.has(event.number)) return true;
		let lane = this.lanes.get(event.key);
		if (lane === undefined) {
			if (this.lanes.size >= MAX_LANES) return false;
			lane = new Lane(event.key);
			this.lanes.set(event.key, lane);
		}
		// Behind a gap it would come out of order.
		if (lane.hasMore || lane.events.length >= LANE_EVENTS) lane.hasMore = true;
		else this.push(lane, event);
		return true;
	}

	/** Gives a lane the first events of its key. @param isAll - there are no others. */
	refill(lane: Lane, events: readonly OutputEvent[], isAll: boolean): void {
		lane.hasMore = !isAll;
		for (const event of events) if (!this.known.has(event.number)) this.push(lane, event);
	}

	/** Those that have something to do, and nothing to wait for. */
	*ready(nowMs: number): Iterable<Lane> {
		for (const lane of this.lanes.values()) {
			if (!lane.isRunning && lane.retryAtMs <= nowMs && (lane.events.length > 0 || lane.hasMore)) yield lane;
		}
	}

	/** The first event of a lane is over; it stays known until `forget`. */
	shift(lane: Lane): void {
		const event = lane.events.shift();
		if (event !== undefined) this.bytes -= event.body.length;
	}

	/** It waits: what it holds is read again afterwards. */
	postpone(lane: Lane, untilMs: number): void {
		lane.retryAtMs = untilMs;
		for (const { number, body } of lane.events.splice(0)) {
			this.known.delete(number);
			this.bytes -= body.length;
		}
		lane.hasMore = true;
	}

	/** Removes a lane that has nothing left. It goes to the end otherwise, so that every key has its turn. */
	settle(lane: Lane): void {
		lane.isRunning = false;
		if (this.lanes.get(lane.key) !== lane) return;
		this.lanes.delete(lane.key);
		if (lane.events.length > 0 || lane.hasMore) this.lanes.set(lane.key, lane);
	}

	/** They are removed from the store, or marked there. */
	forget(numbers: readonly number[]): void {
		for (const number of numbers) this.known.delete(number);
	}

	clear(): void {
		this.lanes.clear();
		this.known.clear();
		this.bytes = 0;
	}

	private push(lane: Lane, event: OutputEvent): void {
		lane.events.push(event);
		this.known.add(event.number);
		this.bytes += event.body.length;
	}
}
