// Where the endpoints of a service are found. Implementations lie beside this file, and in `discovery/` those that ask a registry.

/** One place at which a service answers. */
export interface Endpoint {
	readonly host: string;
	readonly port: number;
	/** Share of the calls beside the others; 0 gets none. */
	readonly weight: number;
	/** What the source knows besides. */
	readonly metadata: Readonly<Record<string, string>>;
}

/** A subscription to the endpoints of a service. */
export interface EndpointWatch {
	/** Resolves when nothing of it is left. The listener is not called after the call. */
	close(): Promise<void>;
}

/** Finds the endpoints of a named service, and follows their changes. */
export interface EndpointSource {
	/**
	 * Calls the listener with all endpoints once they are known, and again after each change. A source that cannot be reached calls it
	 * not at all: an empty list says that there are none.
	 */
	watch(service: string, listener: (endpoints: readonly Endpoint[]) => void): EndpointWatch;
}
