// Where the endpoints of a named service come from: a static list, DNS, or a discovery server.

export interface Endpoint {
	readonly host: string;
	readonly port: number;
	readonly weight: number;
	readonly metadata: Readonly<Record<string, string>>;
}

export interface EndpointWatch {
	close(): Promise<void>;
}

/** Finds the endpoints of a named service, and follows their changes. */
export interface EndpointSource {
	watch(service: string, listener: (endpoints: readonly Endpoint[]) => void): EndpointWatch;
}
