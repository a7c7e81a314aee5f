// Listeners by key: a thousand rooms with a listener each cost one look-up per push, not a thousand calls.
import { Listeners, type Unsubscribe } from "./listeners.ts";

export class KeyedListeners<Args extends unknown[]> {
	private readonly byKey = new Map<string, Listeners<Args>>();
	private readonly report: (error: unknown) => void;

	constructor(report: (error: unknown) => void) {
		this.report = report;
	}

	/** How many keys have a listener. */
	get size(): number {
		return this.byKey.size;
	}

	has(key: string): boolean {
		return this.byKey.has(key);
	}

	add(key: string, listener: (...args: Args) => void): Unsubscribe {
		const listeners = this.byKey.get(key) ?? new Listeners<Args>(this.report);
		this.byKey.set(key, listeners);
		const off = listeners.add(listener);
		return () => {
			off();
			if (listeners.size === 0 && this.byKey.get(key) === listeners) this.byKey.delete(key);
		};
	}

	emit(key: string, ...args: Args): void {
		this.byKey.get(key)?.emit(...args);
	}
}
