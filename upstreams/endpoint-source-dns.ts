// Endpoints by the name service: the addresses of `host:port`, or the SRV records of `_service._proto.name`. Asked again and again, as the
// resolver of the system says nothing of how long its answer holds.
import { lookup, resolveSrv } from "node:dns/promises";
import type { Endpoint, EndpointSource, EndpointWatch } from "./endpoint-source.ts";
import { parseAddress } from "./endpoint-source-static.ts";

export interface DnsResolver {
	/** Addresses of a host. */
	addresses(host: string): Promise<readonly string[]>;
	/** SRV records of a name. */
	services(name: string): Promise<readonly SrvRecord[]>;
}

export interface SrvRecord {
	readonly name: string;
	readonly port: number;
	readonly weight: number;
	readonly priority: number;
}

export interface DnsEndpointsOptions {
	readonly intervalMs: number;
	/** An attempt failed; the endpoints known before stay. */
	readonly onError: (name: string, error: unknown) => void;
	readonly resolver?: DnsResolver;
}

export const systemResolver: DnsResolver = {
	addresses: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
	services: (name) => resolveSrv(name),
};

export class DnsEndpoints implements EndpointSource {
	private readonly options: DnsEndpointsOptions;

	constructor(options: DnsEndpointsOptions) {
		this.options = options;
	}

	/** @param service - `host:port`, or the name of SRV records, which begins with `_`. */
	watch(service: string, listener: (endpoints: readonly Endpoint[]) => void): EndpointWatch {
		const { intervalMs, onError } = this.options;
		let isClosed = false;
		let timer: NodeJS.Timeout | undefined;
		let last = "";
		const ask = async (): Promise<void> => {
			try {
				const endpoints = await this.resolve(service);
				const text = JSON.stringify(endpoints);
				if (!isClosed && text !== last) {
					last = text;
					listener(endpoints);
				}
			} catch (error) {
				if (!isClosed) onError(service, error);
			}
			if (!isClosed) timer = setTimeout(() => void ask(), intervalMs);
		};
		void ask();
		return {
			close: async () => {
				isClosed = true;
				clearTimeout(timer);
			},
		};
	}

	private async resolve(service: string): Promise<readonly Endpoint[]> {
		const resolver = this.options.resolver ?? systemResolver;
		const endpoints = service.startsWith("_")
			? srvEndpoints(await resolver.services(service))
			: await hostEndpoints(resolver, service);
		// A resolver gives them in another order each time.
		return endpoints.sort((a, b) => (a.host === b.host ? a.port - b.port : a.host < b.host ? -1 : 1));
	}
}

async function hostEndpoints(resolver: DnsResolver, service: string): Promise<Endpoint[]> {
	const { host, port } = parseAddress(service);
	const addresses = await resolver.addresses(host);
	return [...new Set(addresses)].map((address) => ({ host: address, port, weight: 1, metadata: {} }));
}

/** Of RFC 2782, those of the best priority; a weight of 0 is the smallest there, and none at all here. */
function srvEndpoints(records: readonly SrvRecord[]): Endpoint[] {
	const best = Math.min(...records.map(({ priority }) => priority));
	return records
		.filter(({ priority }) => priority === best)
		.map(({ name, port, weight }) => ({ host: name, port, weight: Math.max(weight, 1), metadata: {} }));
}
