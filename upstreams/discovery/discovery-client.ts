// What a discovery server does for the gateway, whichever it is: it keeps a record of the gateway, and it lists the endpoints of
// services. Each protocol implements both; one contract suite runs on all of them.
import type { Endpoint } from "../endpoint-source.ts";

/** What the gateway publishes of itself. */
export interface Registration {
	readonly service: string;
	/** Of this process, unique within the service. */
	readonly id: string;
	readonly host: string;
	readonly port: number;
	readonly weight: number;
	readonly metadata: Readonly<Record<string, string>>;
}

/** Keeps one record at a discovery server. No two calls overlap. */
export interface RegistrationStore {
	/** Writes the record, also over an earlier one. @throws Error when the server does not answer, or refuses it. */
	publish(registration: Registration): Promise<void>;
	/**
	 * Keeps it for a further term.
	 *
	 * @returns false when the server no longer has it: it has to be published again.
	 * @throws Error when the server does not answer.
	 */
	renew(registration: Registration): Promise<boolean>;
	/** Removes it; one that is not there counts as removed. @throws Error when the server does not answer. */
	withdraw(registration: Registration): Promise<void>;
	/** Called when the record has probably ended with a connection: `renew` says whether it has. */
	onDoubt(listener: () => void): void;
}

/** An endpoint as the server lists it. */
export interface ListedEndpoint extends Endpoint {
	/** Takes calls: by its own word and by that of the server. */
	readonly isUsable: boolean;
}

export interface FeedListener {
	/** The whole list, each time. */
	onList(endpoints: readonly ListedEndpoint[]): void;
	/** The server cannot be reached; what was listed last may be out of date. */
	onUnavailable(error: Error): void;
	/** The server answers again, and the list is as it was. */
	onAvailable(): void;
}

export interface FeedSubscription {
	close(): Promise<void>;
}

/** Lists the endpoints of services. */
export interface EndpointFeed {
	/** Reports the list, and each change of it, until it is closed; through outages of servers. */
	subscribe(service: string, listener: FeedListener): FeedSubscription;
	/** The list as it is now. @throws Error when the server does not answer, or refuses. */
	lookup(service: string): Promise<readonly ListedEndpoint[]>;
}

/** The client of one kind of discovery server. Nothing is connected before the first call. */
export interface DiscoveryClient extends RegistrationStore, EndpointFeed {
	close(): Promise<void>;
}

/** Names of services: they become part of a key and of a path. */
export const SERVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,199}$/;
