// Waiting for something to become true, by asking until it is; the test's own timeout is the limit.

/** Asks every few milliseconds. Throws of the question count as no. */
export async function until(question: () => boolean | Promise<boolean>): Promise<void> {
	for (;;) {
		try {
			if (await question()) return;
		} catch {
			// Not yet.
		}
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

/** Waits until a client has connected. */
export function untilReady(connection: { readonly isReady: boolean }): Promise<void> {
	return until(() => connection.isReady);
}
