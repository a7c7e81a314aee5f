// Nacos by the client interface of its HTTP API v3 (nacos.io, "Client API", sections 2.1 to 2.3): registration and renewal are one
// path, answers are wrapped with a code, and lists are read again and again, since there is no push over HTTP.
import type {
	DiscoveryClient,
	FeedListener,
	FeedSubscription,
	ListedEndpoint,
	Registration,
} from "../discovery-client.ts";
import { Polling } from "../polling.ts";
import { HTTP_V3, NacosHttp, NacosHttpError } from "./nacos-http.ts";
import { metadataOf, type NacosOptions, readInstances } from "./nacos-instance.ts";

const INSTANCE = "/v3/client/ns/instance";
const SUCCESS = 0;
/** A renewal of an instance whose time is over. */
const INSTANCE_NOT_FOUND = 21_003;
/** A service that nobody has registered: "service not exist" (ErrorCode of nacos-api). */
const SERVICE_NOT_FOUND = new Set([21_008, 20_004]);

interface Wrapped {
	readonly code: number;
	readonly message: string;
	readonly data: unknown;
}

export class NacosHttpV3 implements DiscoveryClient {
	private readonly options: NacosOptions;
	private readonly http: NacosHttp;
	/** Published, and renewed without a failure since: a server that was unreachable may be another one, or have lost the instance. */
	private isKept = false;

	constructor(options: NacosOptions) {
		this.options = options;
		this.http = new NacosHttp(options, HTTP_V3);
	}

	async publish(registration: Registration): Promise<void> {
		const metadata = JSON.stringify(metadataOf(registration, this.options));
		const form = {
			...this.instanceForm(registration),
			weight: `${registration.weight}`,
			enabled: "true",
			healthy: "true",
			metadata,
			heartBeat: "false",
		};
		expectSuccess(await this.call("POST", INSTANCE, form));
		this.isKept = true;
	}

	async renew(registration: Registration): Promise<boolean> {
		if (!this.isKept) return false;
		this.isKept = false;
		this.isKept = await this.beat(registration);
		return this.isKept;
	}

	private async beat(registration: Registration): Promise<boolean> {
		const form = { ...this.instanceForm(registration), heartBeat: "true" };
		const answer = await this.call("POST", INSTANCE, form);
		if (answer.code === INSTANCE_NOT_FOUND) return false;
		expectSuccess(answer);
		return true;
	}

	async withdraw(registration: Registration): Promise<void> {
		this.isKept = false;
		expectSuccess(await this.call("DELETE", INSTANCE, this.instanceForm(registration)));
	}

	/** An instance outlives connections. */
	onDoubt(_listener: () => void): void {}

	subscribe(service: string, listener: FeedListener): FeedSubscription {
		return new Polling({ intervalMs: this.options.pollMs, read: () => this.lookup(service), listener });
	}

	async lookup(service: string): Promise<readonly ListedEndpoint[]> {
		const { namespace, group } = this.options;
		const form = { namespaceId: namespace, groupName: group, serviceName: service };
		const answer = await this.call("GET", `${INSTANCE}/list`, form);
		if (SERVICE_NOT_FOUND.has(answer.code)) return [];
		expectSuccess(answer);
		return readInstances(answer.data);
	}

	close(): Promise<void> {
		return Promise.resolve();
	}

	/** Errors have a status of HTTP besides, and are wrapped as well. */
	private async call(method: "GET" | "POST" | "DELETE", path: string, form: Record<string, string>): Promise<Wrapped> {
		try {
			return wrapped(await this.http.call({ method, path, form }));
		} catch (error) {
			if (!(error instanceof NacosHttpError && error.content.startsWith("{"))) throw error;
			return wrapped(error.content);
		}
	}

	private instanceForm({ service, host, port }: Registration): Record<string, string> {
		const { namespace, group, cluster } = this.options;
		return {
			namespaceId: namespace,
			groupName: group,
			serviceName: service,
			clusterName: cluster,
			ip: host,
			port: `${port}`,
			ephemeral: "true",
		};
	}
}

function wrapped(text: string): Wrapped {
	const { code, message, data } = JSON.parse(text) as Readonly<Record<string, unknown>>;
	if (typeof code !== "number") throw new Error("Nacos sent an answer without a code");
	return { code, message: String(message), data };
}

function expectSuccess({ code, message, data }: Wrapped): void {
	if (code === SUCCESS) return;
	throw new Error(`Nacos answered ${code}: ${message}${typeof data === "string" ? ` (${data.slice(0, 200)})` : ""}`);
}
