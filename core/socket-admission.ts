// Which TCP connections are taken, before anything was read from them. Each costs a descriptor, and the library's time limit
// keeps a silent one for 10 to 14 s; so their number is bounded for the process and, by what is left of that, for an address.
import { ipKey } from "../common/ip-key.ts";
import { lowestFreeDescriptor } from "./descriptors.ts";

/** Why a socket was refused. */
export const rejectionReasons = ["address", "process", "descriptors"] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

export interface SocketAdmissionOptions {
	/** Sockets that are no WebSocket, of this listener. */
	readonly maxHttpSockets: number;
	/** Sockets are refused when all descriptors below this are in use; undefined: descriptors are not looked at. */
	readonly ceiling: number | undefined;
	/** Descriptors above it that are kept for others. */
	readonly reserved: number;
	/** Hops that carry connections of many clients: no share of an address for them. */
	readonly isTrustedHop: (address: string) => boolean;
	/** Tests bring their own. */
	readonly lowestFree?: () => number | undefined;
	/** Monotonic milliseconds; the system's by default. */
	readonly now?: () => number;
}

/** Above this share of `maxHttpSockets` connections are closed after their reply. */
const MAX_KEPT_SHARE = 0.5;
/** The library closes a connection without a request after 10 s, and looks every 4 s. */
const IDLE_LIMIT_MS = 14_000;
/** The most sockets that are accepted between two looks at the descriptors. */
const MAX_UNPROBED = 256;

export class SocketAdmission {
	/** Open sockets that are no WebSocket. */
	httpSockets = 0;
	readonly refused: Record<RejectionReason, number> = { address: 0, process: 0, descriptors: 0 };
	private readonly options: SocketAdmissionOptions;
	private readonly lowestFree: () => number | undefined;
	/** Sockets by address that have not been answered or upgraded yet. */
	private readonly waiting = new Map<string, number>();
	/** When the library will have closed the connections of an address that wait for a next request; the first one first. */
	private readonly kept = new Map<string, number[]>();
	private readonly now: () => number;
	private probeIn = 0;
	private hasDescriptors = true;

	constructor(options: SocketAdmissionOptions) {
		this.options = options;
		this.lowestFree = options.lowestFree ?? lowestFreeDescriptor;
		this.now = options.now ?? (() => performance.now());
	}

	/**
	 * A socket was accepted; it counts in `httpSockets` already. An address may hold as many as are left for all: one flooder
	 * gets half, two a third each, and there is always room for an address that holds none.
	 *
	 * @param address - of the peer itself, which may be a proxy.
	 * @returns undefined when it may stay, and then `release` has to be called once.
	 */
	rejectionReason(address: string): RejectionReason | undefined {
		if (!this.mayTakeDescriptor()) return "descriptors";
		const free = this.options.maxHttpSockets - this.httpSockets;
		if (free < 0) return "process";
		if (this.held(address) > free && !this.options.isTrustedHop(address)) return "address";
		this.add(ipKey(address));
		return undefined;
	}

	/**
	 * A request came. If the address has connections that were kept, it counts as coming on one of them: which one it was the
	 * library does not say, and the sum is the same.
	 */
	requestBegan(address: string): void {
		const key = ipKey(address);
		const kept = this.kept.get(key);
		if (kept === undefined) return;
		kept.shift();
		if (kept.length === 0) this.kept.delete(key);
		this.add(key);
	}

	/**
	 * A request was answered, and its connection may be kept for the next one, as long as sockets are not short. It goes on
	 * counting for its address until the library's time limit for an idle one is over.
	 *
	 * @returns false when the connection has to be closed.
	 */
	keep(address: string): boolean {
		if (this.httpSockets > this.options.maxHttpSockets * MAX_KEPT_SHARE) return false;
		this.release(address);
		const key = ipKey(address);
		const kept = this.kept.get(key) ?? [];
		kept.push(this.now() + IDLE_LIMIT_MS);
		this.kept.set(key, kept);
		return true;
	}

	/** Forgets kept connections that the library has closed by now. Call about once a second. */
	sweep(): void {
		const nowMs = this.now();
		for (const [key, kept] of this.kept) {
			while (kept.length > 0 && (kept[0] as number) <= nowMs) kept.shift();
			if (kept.length === 0) this.kept.delete(key);
		}
	}

	/** A socket of the address has been answered, upgraded or closed. */
	release(address: string): void {
		const key = ipKey(address);
		const held = this.waiting.get(key) ?? 0;
		if (held > 1) this.waiting.set(key, held - 1);
		else this.waiting.delete(key);
	}

	/** Sockets of an address that have not been answered or upgraded, and those that are kept for a next request. */
	held(address: string): number {
		const key = ipKey(address);
		return (this.waiting.get(key) ?? 0) + (this.kept.get(key)?.length ?? 0);
	}

	/**
	 * Whether so few descriptors are left that nothing may be accepted: half of the reserve is gone.
	 *
	 * @param isPaused - nothing is accepted already, which lasts until the reserve is whole.
	 */
	isExhausted(isPaused: boolean): boolean {
		const { ceiling, reserved } = this.options;
		if (ceiling === undefined) return false;
		const lowest = this.lowestFree();
		this.probeIn = 0;
		return lowest === undefined || lowest >= ceiling + (isPaused ? 0 : Math.ceil(reserved / 2));
	}

	private add(key: string): void {
		this.waiting.set(key, (this.waiting.get(key) ?? 0) + 1);
	}

	/** Descriptors are given out lowest first, so that a low one is free as long as not all below the ceiling are in use. */
	private mayTakeDescriptor(): boolean {
		const { ceiling } = this.options;
		if (ceiling === undefined) return true;
		if (this.probeIn > 0) {
			this.probeIn--;
			return this.hasDescriptors;
		}
		const left = ceiling - (this.lowestFree() ?? ceiling);
		this.hasDescriptors = left > 0;
		this.probeIn = Math.max(0, Math.min(MAX_UNPROBED, left >> 1));
		return this.hasDescriptors;
	}
}
