// This process's right to own rooms, as far as it knows: one lease covers them all. Another process may have taken over rooms
// that were confirmed under an earlier generation of it.
import type { Clock } from "../../common/clock.ts";
import { HeldLease } from "../../messaging/held-lease.ts";
import type { RoomDirectory } from "./room-directory.ts";

export class NodeLease extends HeldLease {
	readonly owner: string;

	constructor(owner: string, directory: RoomDirectory, clock: Clock, leaseMs: number) {
		super({
			ttlMs: leaseMs,
			clock,
			take: async () => ((await directory.renew(owner, leaseMs)) ? "extended" : "taken"),
			release: () => directory.release(owner),
		});
		this.owner = owner;
	}
}
