// Endpoints that are written in the configuration.
import type { Endpoint, EndpointSource, EndpointWatch } from "./endpoint-source.ts";

export class StaticEndpoints implements EndpointSource {
	private readonly endpoints: readonly Endpoint[];

	/** @param addresses - `host:port`, IPv6 in brackets. */
	constructor(addresses: readonly string[]) {
		this.endpoints = addresses.map((address) => ({ ...parseAddress(address), weight: 1, metadata: {} }));
	}

	watch(_service: string, listener: (endpoints: readonly Endpoint[]) => void): EndpointWatch {
		listener(this.endpoints);
		return { close: async () => {} };
	}
}

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/;

/** Whether a text is `host:port`. */
export function isAddress(text: string): boolean {
	const port = Number(ADDRESS.exec(text)?.[3]);
	return port >= 1 && port <= 65_535;
}

/** @throws Error when the text is no `host:port`. */
export function parseAddress(text: string): { readonly host: string; readonly port: number } {
	const [, ipv6, name, port] = ADDRESS.exec(text) ?? [];
	if (port === undefined || !isAddress(text)) throw new Error(`${text} is not host:port`);
	return { host: ipv6 ?? name ?? "", port: Number(port) };
}

/** `host:port`, as it is dialled and shown. */
export function addressOf({ host, port }: Pick<Endpoint, "host" | "port">): string {
	return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
