// Limits concurrent reads and waiting reads; further ones are refused.
import { unavailable } from "../../../protocol/error.ts";

export class Gate {
	private readonly maxRunning: number;
	private readonly maxWaiting: number;
	private readonly waiting: (() => void)[] = [];
	private running = 0;

	constructor(maxRunning: number, maxWaiting: number) {
		this.maxRunning = maxRunning;
		this.maxWaiting = maxWaiting;
	}

	/** @throws GatewayError UNAVAILABLE when too many wait already. */
	async run<T>(work: () => Promise<T>): Promise<T> {
		if (this.running >= this.maxRunning) {
			if (this.waiting.length >= this.maxWaiting) throw unavailable("the box", 1000);
			// A read that ends passes its slot to the next one.
			await new Promise<void>((resolve) => this.waiting.push(resolve));
		} else {
			this.running++;
		}
		try {
			return await work();
		} finally {
			const next = this.waiting.shift();
			if (next === undefined) this.running--;
			else next();
		}
	}
}
