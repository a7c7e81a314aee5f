// This process's right to own rooms, as far as it knows: one lease covers them all.
import type { Clock } from "../../common/clock.ts";
import type { RoomDirectory } from "./room-directory.ts";

export class NodeLease {
	/** Another process may have taken over rooms that were confirmed under an earlier generation. */
	generation = 0;
	readonly owner: string;
	private readonly directory: RoomDirectory;
	private readonly clock: Clock;
	private readonly leaseMs: number;
	private untilMs = Number.NEGATIVE_INFINITY;

	constructor(owner: string, directory: RoomDirectory, clock: Clock, leaseMs: number) {
		this.owner = owner;
		this.directory = directory;
		this.clock = clock;
		this.leaseMs = leaseMs;
	}

	/** Nobody else can have taken a room over, counted from before the lease was asked for. */
	get isHeld(): boolean {
		return this.clock.monotonic() < this.untilMs;
	}

	/** @returns false when the lease had lapsed, or the store has forgotten it: rooms are to be confirmed. */
	async renew(): Promise<boolean> {
		const askedAtMs = this.clock.monotonic();
		const wasHeld = this.isHeld;
		const stood = await this.directory.renew(this.owner, this.leaseMs);
		this.untilMs = askedAtMs + this.leaseMs;
		const isUnbroken = stood && wasHeld;
		if (!isUnbroken) this.generation++;
		return isUnbroken;
	}

	async release(): Promise<void> {
		this.untilMs = Number.NEGATIVE_INFINITY;
		await this.directory.release(this.owner);
	}
}
