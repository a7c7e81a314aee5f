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

/** Sockets of one address. */
interface Held {
	/** With a request that is not answered yet. */
	answering: number;
	/** When the library will have closed those that wait for a first or a next request; the first one first. */
	readonly idle: Times;
}

/** Times in the order in which they were added. The first one goes without the others being moved, as `shift` would. */
class Times {
	private readonly times: number[] = [];
	private start = 0;

	get length(): number {
		return this.times.length - this.start;
	}

	get first(): number {
		return this.times[this.start] as number;
	}

	push(time: number): void {
		this.times.push(time);
	}

	dropFirst(): void {
		this.start++;
		if (this.start < MIN_DROPPED || this.start * 2 < this.times.length) return;
		this.times.splice(0, this.start);
		this.start = 0;
	}
}

/** Fewer dropped times are not worth moving the others. */
const MIN_DROPPED = 32;

export class SocketAdmission {
	/** Open sockets that are no WebSocket. */
	httpSockets = 0;
	readonly refused: Record<RejectionReason, number> = { address: 0, process: 0, descriptors: 0 };
	private readonly options: SocketAdmissionOptions;
	private readonly lowestFree: () => number | undefined;
	/** Only addresses that hold something. */
	private readonly byAddress = new Map<string, Held>();
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
	 * @returns undefined when it may stay, and then `requestBegan` or `closed` has to be called.
	 */
	rejectionReason(address: string): RejectionReason | undefined {
		if (!this.mayTakeDescriptor()) return "descriptors";
		const free = this.options.maxHttpSockets - this.httpSockets;
		if (free < 0) return "process";
		if (this.held(address) > free && !this.options.isTrustedHop(address)) return "address";
		this.heldBy(ipKey(address)).idle.push(this.now() + IDLE_LIMIT_MS);
		return undefined;
	}

	/** A socket that has sent no request was closed. */
	closed(address: string): void {
		const key = ipKey(address);
		const held = this.byAddress.get(key);
		if (held === undefined) return;
		if (held.idle.length > 0) held.idle.dropFirst();
		this.forgetIfNone(key, held);
	}

	/**
	 * A request came, on one of the address's sockets that wait for one: which one it was the library does not say. It is taken for the
	 * one that would be closed first, so that the others are counted for long enough. `keep` or `release` has to be called once.
	 */
	requestBegan(address: string): void {
		const held = this.heldBy(ipKey(address));
		if (held.idle.length > 0) held.idle.dropFirst();
		held.answering++;
	}

	/**
	 * A request was answered, and its connection may be kept for the next one, as long as sockets are not short. It goes on
	 * counting for its address until the library's time limit for an idle one is over.
	 *
	 * @returns false when the connection has to be closed.
	 */
	keep(address: string): boolean {
		if (this.httpSockets > this.options.maxHttpSockets * MAX_KEPT_SHARE) return false;
		const held = this.heldBy(ipKey(address));
		if (held.answering > 0) held.answering--;
		held.idle.push(this.now() + IDLE_LIMIT_MS);
		return true;
	}

	/** Forgets sockets that the library has closed by now. Call about once a second. */
	sweep(): void {
		const nowMs = this.now();
		for (const [key, held] of this.byAddress) {
			while (held.idle.length > 0 && held.idle.first <= nowMs) held.idle.dropFirst();
			this.forgetIfNone(key, held);
		}
	}

	/** A request has been answered by the last reply on its socket, or was upgraded, or its socket was closed. */
	release(address: string): void {
		const key = ipKey(address);
		const held = this.byAddress.get(key);
		if (held === undefined) return;
		if (held.answering > 0) held.answering--;
		this.forgetIfNone(key, held);
	}

	/** Sockets of an address whose requests are not answered, and those that wait for a request. */
	held(address: string): number {
		const held = this.byAddress.get(ipKey(address));
		return held === undefined ? 0 : held.answering + held.idle.length;
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

	private heldBy(key: string): Held {
		let held = this.byAddress.get(key);
		if (held === undefined) {
			held = { answering: 0, idle: new Times() };
			this.byAddress.set(key, held);
		}
		return held;
	}

	private forgetIfNone(key: string, { answering, idle }: Held): void {
		if (answering === 0 && idle.length === 0) this.byAddress.delete(key);
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
