// Nacos by its HTTP interface v1, as the SDKs of Nacos 1.x (nacos-sdk-python among them) use it: register, a beat every few seconds,
// deregister; lists are read again and again. Nacos 1 and 2 answer it, and no version from 3.2 on.
import type {
	DiscoveryClient,
	FeedListener,
	FeedSubscription,
	ListedEndpoint,
	Registration,
} from "../discovery-client.ts";
import { Polling } from "../polling.ts";
import { HTTP_V1, NacosHttp, NacosHttpError } from "./nacos-http.ts";
import { groupedName, metadataOf, type NacosOptions, readInstances } from "./nacos-instance.ts";

const INSTANCE = "/v1/ns/instance";
/** A beat of an instance that the server does not have. */
const RESOURCE_NOT_FOUND = 20_404;

export class NacosHttpV1 implements DiscoveryClient {
	private readonly options: NacosOptions;
	private readonly http: NacosHttp;
	/** Published, and renewed without a failure since: a server that was unreachable may be another one, or have lost the instance. */
	private isKept = false;

	constructor(options: NacosOptions) {
		this.options = options;
		this.http = new NacosHttp(options, HTTP_V1);
	}

	async publish(registration: Registration): Promise<void> {
		const { weight } = registration;
		const form = {
			...this.instanceForm(registration),
			weight: `${weight}`,
			enabled: "true",
			healthy: "true",
			metadata: JSON.stringify(metadataOf(registration, this.options)),
		};
		await this.http.call({ method: "POST", path: INSTANCE, form });
		this.isKept = true;
	}

	async renew(registration: Registration): Promise<boolean> {
		if (!this.isKept) return false;
		this.isKept = false;
		this.isKept = await this.beat(registration);
		return this.isKept;
	}

	private async beat(registration: Registration): Promise<boolean> {
		const { service, host, port, weight } = registration;
		const { group, cluster } = this.options;
		// The whole beat: r-nacos takes an instance that it has lost from there, but for its weight.
		const beat = {
			serviceName: groupedName(group, service),
			ip: host,
			port,
			weight,
			cluster,
			metadata: metadataOf(registration, this.options),
			scheduled: false,
		};
		const form = { ...this.instanceForm(registration), beat: JSON.stringify(beat) };
		const text = await this.http.call({ method: "PUT", path: `${INSTANCE}/beat`, form });
		// Versions before 1.2 answered in plain text.
		if (!text.startsWith("{")) return true;
		return (JSON.parse(text) as { readonly code?: unknown }).code !== RESOURCE_NOT_FOUND;
	}

	async withdraw(registration: Registration): Promise<void> {
		this.isKept = false;
		await this.http.call({ method: "DELETE", path: INSTANCE, form: this.instanceForm(registration) });
	}

	/** An instance outlives connections. */
	onDoubt(_listener: () => void): void {}

	subscribe(service: string, listener: FeedListener): FeedSubscription {
		return new Polling({ intervalMs: this.options.pollMs, read: () => this.lookup(service), listener });
	}

	async lookup(service: string): Promise<readonly ListedEndpoint[]> {
		const { namespace, group } = this.options;
		const form = {
			serviceName: groupedName(group, service),
			groupName: group,
			namespaceId: namespace,
			healthyOnly: "false",
		};
		try {
			const text = await this.http.call({ method: "GET", path: `${INSTANCE}/list`, form });
			return readInstances((JSON.parse(text) as { readonly hosts?: unknown }).hosts);
		} catch (error) {
			// Versions of 1.x for a service that nobody has registered yet.
			if (error instanceof NacosHttpError && error.status === 404) return [];
			throw error;
		}
	}

	close(): Promise<void> {
		return Promise.resolve();
	}

	private instanceForm({ service, host, port }: Registration): Record<string, string> {
		const { namespace, group, cluster } = this.options;
		return {
			serviceName: groupedName(group, service),
			groupName: group,
			namespaceId: namespace,
			clusterName: cluster,
			ip: host,
			port: `${port}`,
			ephemeral: "true",
		};
	}
}
