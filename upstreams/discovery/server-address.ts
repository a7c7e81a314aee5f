// Addresses of discovery servers as operators write them: `host:port`, `http://host:port` or, with TLS, `https://host:port`; and the
// turn that a client takes through several of them.

export interface ServerAddress {
	readonly host: string;
	readonly port: number;
	readonly isTls: boolean;
}

const FORM = /^(?:(https?):\/\/)?(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?\/?$/;

/** @throws Error that says what is expected. */
export function parseServerAddress(text: string, defaultPort: number): ServerAddress {
	const [, scheme, v6, name, port = `${defaultPort}`] = FORM.exec(text.trim()) ?? [];
	const host = v6 ?? name;
	if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
		throw new Error(
			`expected host:port, http://host:port or https://host:port, got ${JSON.stringify(text.slice(0, 80))}`,
		);
	}
	return { host, port: Number(port), isTls: scheme === "https" };
}

/** `host:port`, with an IPv6 address in brackets. */
export function authorityOf({ host, port }: { readonly host: string; readonly port: number }): string {
	return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** One server after the other: the one in use until it fails. */
export class ServerRotation<Server> {
	readonly servers: readonly Server[];
	private index: number;

	/** @param start - where to begin: nodes that begin at different servers share the load. */
	constructor(servers: readonly Server[], start = Math.floor(Math.random() * servers.length)) {
		this.servers = servers;
		this.index = start % servers.length;
	}

	get current(): Server {
		return this.servers[this.index] as Server;
	}

	/** Goes on to the next one, unless another call that failed with the same one has done so. */
	passOn(failed: Server): void {
		if (failed === this.current) this.index = (this.index + 1) % this.servers.length;
	}
}
