// A bounded queue that serves addresses in turn, and the accounts of an address in turn, so that a flood delays those whom it
// comes from. When it is full, the newest of the address with most waiting makes room for one with less.

/** Where a job comes from, and whom it is about; "" where that is not known. */
export interface Origin {
	/** As `ipKey` gives it. */
	readonly address: string;
	readonly account: string;
}

/** Of somebody who is logged in, wherever they are. */
export function originOf(userId: string): Origin {
	return { address: `user:${userId}`, account: `user:${userId}` };
}

export interface FairQueueLimits {
	readonly total: number;
	readonly perAddress: number;
	/** From all addresses. */
	readonly perAccount: number;
}

interface Waiting<Job> {
	readonly job: Job;
	readonly origin: Origin;
}

interface AddressLine<Job> {
	size: number;
	/** In the order in which they are served. */
	readonly accounts: Map<string, Waiting<Job>[]>;
}

export class FairQueue<Job> {
	private readonly limits: FairQueueLimits;
	/** In the order in which they are served. */
	private readonly addresses = new Map<string, AddressLine<Job>>();
	private readonly perAccount = new Map<string, number>();
	private waiting = 0;

	constructor(limits: FairQueueLimits) {
		this.limits = limits;
	}

	get size(): number {
		return this.waiting;
	}

	/**
	 * @returns what is refused: the job itself, another one that made room for it, or nothing.
	 */
	push(job: Job, origin: Origin): Job | undefined {
		const { total, perAddress, perAccount } = this.limits;
		const ofAddress = this.addresses.get(origin.address)?.size ?? 0;
		const ofAccount = origin.account === "" ? 0 : (this.perAccount.get(origin.account) ?? 0);
		if (ofAddress >= perAddress || ofAccount >= perAccount) return job;
		let refused: Job | undefined;
		if (this.waiting >= total) {
			refused = this.makeRoom(ofAddress);
			if (refused === undefined) return job;
		}
		this.add({ job, origin });
		return refused;
	}

	/** The job whose turn it is; undefined when none waits. */
	shift(): Job | undefined {
		for (const [address, line] of this.addresses) {
			for (const [account, jobs] of line.accounts) {
				const next = jobs.shift();
				// Put last, so that the maps are in the order of the turns.
				line.accounts.delete(account);
				if (jobs.length > 0) line.accounts.set(account, jobs);
				this.addresses.delete(address);
				if (line.accounts.size > 0) this.addresses.set(address, line);
				return next && this.taken(next, line);
			}
		}
		return undefined;
	}

	private add(entry: Waiting<Job>): void {
		const { address, account } = entry.origin;
		let line = this.addresses.get(address);
		if (line === undefined) {
			line = { size: 0, accounts: new Map() };
			this.addresses.set(address, line);
		}
		const jobs = line.accounts.get(account);
		if (jobs === undefined) line.accounts.set(account, [entry]);
		else jobs.push(entry);
		line.size++;
		this.waiting++;
		this.perAccount.set(account, (this.perAccount.get(account) ?? 0) + 1);
	}

	/** Of the address with most waiting, if these are more than a newcomer would have with its own. */
	private makeRoom(ofNewcomer: number): Job | undefined {
		let longest: AddressLine<Job> | undefined;
		let address = "";
		for (const [key, line] of this.addresses) {
			if (line.size > (longest?.size ?? ofNewcomer + 1)) [address, longest] = [key, line];
		}
		if (longest === undefined) return undefined;
		const [account, jobs] = [...longest.accounts].reduce((most, one) => (one[1].length > most[1].length ? one : most));
		const newest = jobs.pop();
		if (jobs.length === 0) longest.accounts.delete(account);
		if (longest.accounts.size === 0) this.addresses.delete(address);
		return newest && this.taken(newest, longest);
	}

	private taken({ job, origin: { account } }: Waiting<Job>, line: AddressLine<Job>): Job {
		line.size--;
		this.waiting--;
		const left = (this.perAccount.get(account) ?? 1) - 1;
		if (left > 0) this.perAccount.set(account, left);
		else this.perAccount.delete(account);
		return job;
	}
}
