// A set of callbacks. One that throws is reported and does not keep the others from running.

/** Takes a listener off again; calling it twice does nothing. */
export type Unsubscribe = () => void;

export class Listeners<Args extends unknown[]> {
	private readonly listeners = new Set<(...args: Args) => void>();
	private readonly report: (error: unknown) => void;

	constructor(report: (error: unknown) => void) {
		this.report = report;
	}

	get size(): number {
		return this.listeners.size;
	}

	add(listener: (...args: Args) => void): Unsubscribe {
		// Wrapped, so that one function added twice is called twice and taken off once.
		const entry = (...args: Args): void => listener(...args);
		this.listeners.add(entry);
		return () => void this.listeners.delete(entry);
	}

	emit(...args: Args): void {
		for (const listener of [...this.listeners]) {
			try {
				listener(...args);
			} catch (error) {
				this.report(error);
			}
		}
	}
}
