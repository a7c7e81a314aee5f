// Waits for a condition of many connections without looking at all of them for every message.

/** Looks at the condition at most this often; in between, whatever happens is bundled. */
const BUNDLE_MS = 1;

export class Waiting {
	private wakeNow: () => void = () => {};

	/** Something happened that may have met the condition. */
	wake(): void {
		this.wakeNow();
	}

	/** Resolves when the condition is met, or after `timeoutMs` whether or not it is. */
	until(met: () => boolean, timeoutMs: number): Promise<void> {
		return new Promise((resolve) => {
			const finish = (): void => {
				clearTimeout(timer);
				this.wakeNow = () => {};
				resolve();
			};
			const timer = setTimeout(finish, timeoutMs);
			let scheduled = false;
			this.wakeNow = () => {
				if (scheduled) return;
				scheduled = true;
				setTimeout(() => {
					scheduled = false;
					if (met()) finish();
				}, BUNDLE_MS);
			};
			this.wakeNow();
		});
	}
}
