// Password hashes: argon2id in PHC format, computed off the event loop, a bounded number at a time. Hashing is the most
// expensive thing that an unauthenticated client can ask for, so addresses and accounts take turns, and overload is refused
// early and says when to retry.
import { hash, parseOptions, verify } from "@node-rs/argon2";
import { FairQueue, type Origin } from "../../common/fair-queue.ts";
import { type GatewayError, unavailable } from "../../protocol/error.ts";
import type { AuthOptions } from "./options.ts";

/** Hashes share libuv's pool (four threads unless configured) with file and DNS access. */
export type PasswordOptions = AuthOptions["passwordHash"];

const NOWHERE: Origin = { address: "", account: "" };

/** A caller that waits for a slot. */
interface Waiter {
	begin(): void;
	refuse(error: GatewayError): void;
}

/** Weight of the newest duration in the moving average that retry hints are made of. */
const SMOOTHING = 0.1;

export class Passwords {
	private readonly options: PasswordOptions;
	private readonly waiting: FairQueue<Waiter>;
	private running = 0;
	private averageMs = 20;
	private decoyHash: Promise<string> | undefined;
	/** Refused since the start. */
	rejections = 0;

	constructor(options: PasswordOptions) {
		this.options = options;
		const { maxQueued, maxQueuedPerAddress, maxQueuedPerAccount } = options;
		const limits = { total: maxQueued, perAddress: maxQueuedPerAddress, perAccount: maxQueuedPerAccount };
		this.waiting = new FairQueue(limits);
	}

	/** Hashes that wait for a slot. */
	get queued(): number {
		return this.waiting.size;
	}

	/**
	 * A new hash with a salt of its own.
	 *
	 * @throws GatewayError UNAVAILABLE when too many wait already.
	 */
	hash(password: string, origin: Origin = NOWHERE): Promise<string> {
		return this.withSlot(origin, () => hash(password, this.parameters()));
	}

	/**
	 * Whether the password matches the hash. A text that is no hash, as of an account without password, matches none.
	 *
	 * @throws GatewayError UNAVAILABLE when too many wait already.
	 */
	async verify(passwordHash: string, password: string, origin: Origin = NOWHERE): Promise<boolean> {
		if (!passwordHash.startsWith("$argon2")) return await this.verifyNothing(password, origin);
		// Not used here. The first check of a process waits for it; that wait must not reveal whether the account exists.
		await this.decoy();
		return await this.withSlot(origin, () => verify(passwordHash, password));
	}

	/** Takes as long as `verify` and answers false: for accounts that do not exist. */
	async verifyNothing(password: string, origin: Origin = NOWHERE): Promise<false> {
		const decoy = await this.decoy();
		await this.withSlot(origin, () => verify(decoy, password));
		return false;
	}

	/** Whether the hash was made with other parameters than the present ones. */
	needsRehash(passwordHash: string): boolean {
		const { memoryCost, timeCost, parallelism } = parseOptions(passwordHash);
		const { options } = this;
		return (
			!passwordHash.startsWith("$argon2id$") ||
			memoryCost !== options.memoryKiB ||
			timeCost !== options.iterations ||
			parallelism !== options.parallelism
		);
	}

	private decoy(): Promise<string> {
		this.decoyHash ??= hash("decoy", this.parameters());
		return this.decoyHash;
	}

	private parameters() {
		// Argon2id and version 1.3 are the library's defaults; its constants are const enums, which cannot be imported here.
		const { memoryKiB, iterations, parallelism } = this.options;
		return { memoryCost: memoryKiB, timeCost: iterations, parallelism };
	}

	private async withSlot<T>(origin: Origin, work: () => Promise<T>): Promise<T> {
		await this.acquireSlot(origin);
		const startedAt = performance.now();
		try {
			return await work();
		} finally {
			this.averageMs += SMOOTHING * (performance.now() - startedAt - this.averageMs);
			const next = this.waiting.shift();
			// The place is handed on, not given back, so that no newcomer gets in between.
			if (next) next.begin();
			else this.running--;
		}
	}

	private async acquireSlot(origin: Origin): Promise<void> {
		if (this.running < this.options.maxConcurrent) {
			this.running++;
			return;
		}
		await new Promise<void>((begin, refuse) => {
			const refused = this.waiting.push({ begin, refuse }, origin);
			if (refused === undefined) return;
			this.rejections++;
			const drainMs = ((this.waiting.size + 1) * this.averageMs) / this.options.maxConcurrent;
			refused.refuse(unavailable("password check", Math.ceil(Math.max(100, drainMs))));
		});
	}
}
