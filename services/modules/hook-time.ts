// The time that a hook of a module has.

/**
 * Runs a hook, and waits for it.
 *
 * @param name - of the hook, for the error.
 * @param run - what it does after its time is not waited for.
 * @throws what it throws; Error when it takes longer.
 */
export async function withinTime(name: string, limitMs: number, run: () => unknown): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const expired = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error(`${name} took longer than ${limitMs} ms`)), limitMs);
	});
	try {
		await Promise.race([run(), expired]);
	} finally {
		clearTimeout(timer);
	}
}
