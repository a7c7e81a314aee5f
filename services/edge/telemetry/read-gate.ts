// Lets so many reads run at a time; the others wait for them, in the order in which they came.

export class ReadGate {
	private readonly maxRunning: number;
	private readonly waiting: (() => void)[] = [];
	private running = 0;

	constructor(maxRunning: number) {
		this.maxRunning = maxRunning;
	}

	async run(read: () => Promise<void>): Promise<void> {
		// Who ends hands its place over.
		if (this.running >= this.maxRunning) await new Promise<void>((resolve) => this.waiting.push(resolve));
		else this.running++;
		try {
			await read();
		} finally {
			const next = this.waiting.shift();
			if (next === undefined) this.running--;
			else next();
		}
	}
}
