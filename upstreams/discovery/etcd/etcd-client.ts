// etcd as a discovery server: the gateway's record under a lease that it keeps alive, and lists of endpoints that are watched.
import type {
	DiscoveryClient,
	FeedListener,
	FeedSubscription,
	ListedEndpoint,
	Registration,
} from "../discovery-client.ts";
import { GRPC, grpcCode } from "../grpc-connection.ts";
import { EtcdConnection, type EtcdConnectionOptions } from "./etcd-connection.ts";
import { type EtcdLayout, readRecord, servicePrefix, writeRecord } from "./etcd-layout.ts";
import {
	type KeyValue,
	leaseGrantReply,
	leaseGrantRequest,
	leaseKeepAliveReply,
	leaseRequest,
	prefixEnd,
	putRequest,
	rangeReply,
	rangeRequest,
} from "./etcd-messages.ts";
import { EtcdWatch } from "./etcd-watch.ts";

export interface EtcdClientOptions extends EtcdConnectionOptions {
	readonly prefix: string;
	readonly layout: EtcdLayout;
	/** What a record outlives its gateway by, in milliseconds. */
	readonly leaseMs: number;
	/** Of one service; further ones are not read. */
	readonly maxEndpoints: number;
	/** Gets each record that cannot be read. */
	readonly onRejected: (service: string, key: string, error: Error) => void;
}

const NO_LEASE = 0n;

export class EtcdClient implements DiscoveryClient {
	private readonly options: EtcdClientOptions;
	private readonly connection: EtcdConnection;
	private lease = NO_LEASE;

	constructor(options: EtcdClientOptions) {
		this.options = options;
		this.connection = new EtcdConnection(options);
	}

	async publish(registration: Registration): Promise<void> {
		const { layout } = this.options;
		const put = (lease: bigint) => {
			const message = putRequest(this.keyOf(registration), writeRecord(layout, registration), lease);
			return this.connection.call("/etcdserverpb.KV/Put", message);
		};
		if (this.lease !== NO_LEASE) {
			try {
				await put(this.lease);
				return;
			} catch (error) {
				if (grpcCode(error) !== GRPC.NOT_FOUND) throw error;
				this.lease = NO_LEASE;
			}
		}
		this.lease = await this.grantLease();
		await put(this.lease);
	}

	async renew(registration: Registration): Promise<boolean> {
		if (this.lease === NO_LEASE) return false;
		const ttl = leaseKeepAliveReply(
			await this.connection.exchange("/etcdserverpb.Lease/LeaseKeepAlive", leaseRequest(this.lease)),
		);
		if (ttl <= 0) {
			this.lease = NO_LEASE;
			return false;
		}
		// The lease may live while the key is gone: deleted by hand, or taken by another lease.
		const message = rangeRequest(this.keyOf(registration), new Uint8Array(), 1);
		const { keyValues } = rangeReply(await this.connection.call("/etcdserverpb.KV/Range", message));
		return keyValues[0]?.lease === this.lease;
	}

	async withdraw(_registration: Registration): Promise<void> {
		const { lease } = this;
		if (lease === NO_LEASE) return;
		try {
			// Deletes the key with it, and no key that another lease has taken over.
			await this.connection.call("/etcdserverpb.Lease/LeaseRevoke", leaseRequest(lease));
		} catch (error) {
			if (grpcCode(error) !== GRPC.NOT_FOUND) throw error;
		}
		this.lease = NO_LEASE;
	}

	/** A lease outlives connections. */
	onDoubt(_listener: () => void): void {}

	subscribe(service: string, listener: FeedListener): FeedSubscription {
		const endpointsOf = (keyValues: Iterable<KeyValue>) => this.endpointsOf(service, keyValues);
		const prefix = servicePrefix(this.options.prefix, service);
		const { connection } = this;
		return new EtcdWatch({ connection, prefix, maxKeys: this.options.maxEndpoints, listener, endpointsOf });
	}

	async lookup(service: string): Promise<readonly ListedEndpoint[]> {
		const prefix = servicePrefix(this.options.prefix, service);
		const message = rangeRequest(prefix, prefixEnd(prefix), this.options.maxEndpoints);
		const { keyValues } = rangeReply(await this.connection.call("/etcdserverpb.KV/Range", message));
		return this.endpointsOf(service, keyValues);
	}

	close(): Promise<void> {
		this.connection.close();
		return Promise.resolve();
	}

	private async grantLease(): Promise<bigint> {
		const message = leaseGrantRequest(Math.max(1, Math.ceil(this.options.leaseMs / 1000)));
		const { id, error } = leaseGrantReply(await this.connection.call("/etcdserverpb.Lease/LeaseGrant", message));
		if (error !== "" || id === NO_LEASE) throw new Error(`etcd granted no lease: ${error}`);
		return id;
	}

	private endpointsOf(service: string, keyValues: Iterable<KeyValue>): ListedEndpoint[] {
		const endpoints: ListedEndpoint[] = [];
		for (const { key, value } of keyValues) {
			try {
				endpoints.push(readRecord(this.options.layout, value));
			} catch (error) {
				this.options.onRejected(service, key, error as Error);
			}
		}
		return endpoints;
	}

	private keyOf({ service, id }: Registration): string {
		return `${servicePrefix(this.options.prefix, service)}${id}`;
	}
}
