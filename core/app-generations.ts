// The apps of uWebSockets.js that one transport serves with. There is one, until its certificate is renewed: the library reads a
// certificate when it makes an app. Then a new app takes the port, and earlier ones live as long as a connection of theirs.

/** What is used of an app. */
export interface UwsApp {
	publish(topic: string, message: Uint8Array | string, isBinary: boolean, compress: boolean): boolean;
	numSubscribers(topic: string): number;
	close(): unknown;
}

/** One app, with the TCP connections that it has accepted and that are still open. */
export interface AppGeneration<App extends UwsApp> {
	readonly app: App;
	sockets: number;
}

/** With more, a certificate is not renewed: certificates live for weeks, so that these are connections of a year. */
const MAX_EARLIER = 8;

export class AppGenerations<App extends UwsApp> {
	/** The one that has the port. */
	current: AppGeneration<App>;
	private readonly earlier: AppGeneration<App>[] = [];

	constructor(first: AppGeneration<App>) {
		this.current = first;
	}

	/** @throws Error when too many earlier apps still have connections. */
	admitAnother(): void {
		if (this.earlier.length < MAX_EARLIER) return;
		throw new Error(`connections of ${MAX_EARLIER} earlier certificates are still open: restart the process`);
	}

	/** The next app has the port. */
	replaceBy(next: AppGeneration<App>): void {
		const previous = this.current;
		this.current = next;
		if (previous.sockets === 0) previous.app.close();
		else this.earlier.push(previous);
	}

	/** A connection has ended; an earlier app without any is closed, after the library has returned from it. */
	socketClosed(generation: AppGeneration<App>): void {
		generation.sockets--;
		if (generation.sockets > 0 || generation === this.current) return;
		const index = this.earlier.indexOf(generation);
		if (index < 0) return;
		this.earlier.splice(index, 1);
		setImmediate(() => generation.app.close());
	}

	publish(topic: string, message: Uint8Array | string, isBinary: boolean): void {
		this.current.app.publish(topic, message, isBinary, false);
		for (let index = 0; index < this.earlier.length; index++) {
			this.earlier[index]?.app.publish(topic, message, isBinary, false);
		}
	}

	subscriberCount(topic: string): number {
		let count = this.current.app.numSubscribers(topic);
		for (let index = 0; index < this.earlier.length; index++) {
			count += this.earlier[index]?.app.numSubscribers(topic) ?? 0;
		}
		return count;
	}

	close(): void {
		for (const { app } of [this.current, ...this.earlier.splice(0)]) app.close();
	}
}
