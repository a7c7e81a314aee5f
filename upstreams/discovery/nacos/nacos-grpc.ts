// Nacos by the gRPC protocol of its versions 2 and 3: instances that live as long as the connection, and lists that are pushed.
import type {
	DiscoveryClient,
	FeedListener,
	FeedSubscription,
	ListedEndpoint,
	Registration,
} from "../discovery-client.ts";
import { PacedReport } from "../paced-report.ts";
import { NacosConnection } from "./nacos-connection.ts";
import { HTTP_V1, HTTP_V3, NacosHttp } from "./nacos-http.ts";
import { metadataOf, type NacosOptions, readInstances } from "./nacos-instance.ts";
import type { JsonObject, Payload } from "./nacos-payload.ts";

/** A list that is pushed is read besides at every tenth interval of polling: a push may be lost. */
const POLLS_OF_PUSHED = 10;
/** Each so many renewals, the list is read: another process with the same address may have withdrawn it on its own connection. */
const RENEWALS_OF_CHECK = 6;
const FAILED_SUBSCRIBE_RETRY_MS = 1_000;

export class NacosGrpc implements DiscoveryClient {
	private readonly options: NacosOptions;
	private readonly connection: NacosConnection;
	private readonly subscriptions = new Map<string, NacosSubscription>();
	/** The connection on which the instance was registered. */
	private publishedOn: number | undefined;
	private renewals = 0;
	private onDoubted = (): void => {};

	constructor(options: NacosOptions) {
		this.options = options;
		const login = new LoginOfAnyVersion(options);
		this.connection = new NacosConnection({
			...options,
			servers: options.servers.map((server) => ({ ...server, port: server.port + options.grpcPortOffset })),
			healthIntervalMs: options.heartbeatMs,
			token: () => login.token(),
			forgetToken: () => login.forget(),
			onConnected: () => {
				if (this.publishedOn !== undefined) this.onDoubted();
				for (const subscription of this.subscriptions.values()) subscription.renew();
			},
			onDisconnected: (error) => {
				for (const subscription of this.subscriptions.values()) subscription.onUnavailable(error);
			},
			onPush: (payload) => this.onPush(payload),
		});
	}

	async publish(registration: Registration): Promise<void> {
		await this.connection.request("InstanceRequest", this.instanceRequest("registerInstance", registration));
		this.publishedOn = this.connection.number;
	}

	/** Asks over the connection that stands; on another one than before, nothing of it is there any more. */
	async renew({ service, host, port }: Registration): Promise<boolean> {
		if (this.publishedOn === undefined) return false;
		await this.connection.request("HealthCheckRequest", { module: "internal" });
		if (this.publishedOn !== this.connection.number) return false;
		if (++this.renewals % RENEWALS_OF_CHECK !== 0) return true;
		const listed = await this.lookup(service);
		return listed.some((one) => one.host === host && one.port === port);
	}

	async withdraw(registration: Registration): Promise<void> {
		// Without a connection the server has removed it by itself.
		if (this.publishedOn === undefined) return;
		if (this.publishedOn === this.connection.number) {
			await this.connection.request("InstanceRequest", this.instanceRequest("deregisterInstance", registration));
		}
		this.publishedOn = undefined;
	}

	onDoubt(listener: () => void): void {
		this.onDoubted = listener;
	}

	subscribe(service: string, listener: FeedListener): FeedSubscription {
		const subscription = new NacosSubscription({
			refreshMs: this.options.pollMs * POLLS_OF_PUSHED,
			listener,
			read: () => this.subscribeRequest(service, true),
			end: async () => {
				this.subscriptions.delete(service);
				if (this.connection.number !== undefined) await this.subscribeRequest(service, false);
			},
		});
		this.subscriptions.set(service, subscription);
		subscription.renew();
		return subscription;
	}

	async lookup(service: string): Promise<readonly ListedEndpoint[]> {
		const body = { ...this.named(service), cluster: "", healthyOnly: false, udpPort: 0 };
		return hostsOf(await this.connection.request("ServiceQueryRequest", body)).endpoints;
	}

	async close(): Promise<void> {
		await this.connection.close();
	}

	private async subscribeRequest(service: string, subscribe: boolean): Promise<NacosList> {
		const body = { ...this.named(service), subscribe, clusters: "" };
		return hostsOf(await this.connection.request("SubscribeServiceRequest", body));
	}

	private onPush({ type, body }: Payload): void {
		if (type !== "NotifySubscriberRequest") return;
		const info = body["serviceInfo"] as JsonObject | null | undefined;
		const name = body["serviceName"] ?? info?.["name"];
		// Some versions name the service with its group.
		const service = String(name).replace(/^.*@@/, "");
		const group = body["groupName"] ?? info?.["groupName"];
		if (group !== undefined && group !== null && group !== this.options.group) return;
		try {
			this.subscriptions.get(service)?.onPush(hostsOf(body));
		} catch {
			// No list: the next read has it.
		}
	}

	private named(service: string): JsonObject {
		const { namespace, group } = this.options;
		return { module: "naming", namespace, serviceName: service, groupName: group };
	}

	private instanceRequest(type: string, registration: Registration): JsonObject {
		const { service, host, port, weight } = registration;
		return {
			...this.named(service),
			type,
			instance: {
				ip: host,
				port,
				weight,
				healthy: true,
				enabled: true,
				ephemeral: true,
				clusterName: this.options.cluster,
				serviceName: service,
				metadata: metadataOf(registration, this.options),
			},
		};
	}
}

interface NacosList {
	readonly endpoints: readonly ListedEndpoint[];
	/** When the server made it, by its own clock. */
	readonly madeAtMs: number;
}

/** @throws Error when the answer holds no list. */
function hostsOf(body: JsonObject): NacosList {
	const info = body["serviceInfo"] as JsonObject | null | undefined;
	return { endpoints: readInstances(info?.["hosts"]), madeAtMs: Number(info?.["lastRefTime"]) || 0 };
}

interface NacosSubscriptionOptions {
	readonly refreshMs: number;
	readonly listener: FeedListener;
	/** Subscribes, and reads the list. */
	readonly read: () => Promise<NacosList>;
	readonly end: () => Promise<void>;
}

class NacosSubscription implements FeedSubscription {
	private readonly options: NacosSubscriptionOptions;
	private isClosed = false;
	private timer: NodeJS.Timeout | undefined;
	/** Of the reads that were begun; an earlier one whose answer comes late is dropped. */
	private reads = 0;
	/** Lists that were pushed. */
	private pushes = 0;
	private lastMadeAtMs = 0;
	private last: readonly ListedEndpoint[] = [];
	private readonly reporting: PacedReport;

	constructor(options: NacosSubscriptionOptions) {
		this.options = options;
		this.reporting = new PacedReport(() => options.listener.onList(this.last));
	}

	/** Subscribes on the connection that stands now, and reads the list. */
	renew(): void {
		// Another server may have another clock.
		this.lastMadeAtMs = 0;
		void this.read();
	}

	onPush(list: NacosList): void {
		// Pushes overtake each other.
		if (this.isClosed || list.madeAtMs < this.lastMadeAtMs) return;
		this.pushes++;
		this.take(list);
	}

	onUnavailable(error: Error): void {
		if (!this.isClosed) this.options.listener.onUnavailable(error);
	}

	async close(): Promise<void> {
		this.isClosed = true;
		clearTimeout(this.timer);
		this.reporting.close();
		// A server that does not take it forgets the subscription with the connection.
		await this.options.end().catch(() => undefined);
	}

	private take({ endpoints, madeAtMs }: NacosList): void {
		if (this.isClosed) return;
		this.lastMadeAtMs = madeAtMs;
		this.last = endpoints;
		this.reporting.request();
	}

	private async read(): Promise<void> {
		clearTimeout(this.timer);
		const number = ++this.reads;
		const { pushes } = this;
		let nextMs = this.options.refreshMs;
		try {
			const list = await this.options.read();
			// What was asked for is the latest, whatever the server's clock says, unless a push has overtaken it.
			if (number === this.reads && (pushes === this.pushes || list.madeAtMs >= this.lastMadeAtMs)) this.take(list);
		} catch (error) {
			if (number === this.reads) this.onUnavailable(error as Error);
			nextMs = FAILED_SUBSCRIBE_RETRY_MS;
		}
		if (this.isClosed || number !== this.reads) return;
		this.timer = setTimeout(() => void this.read(), nextMs).unref();
	}
}

/** The login is over HTTP also for gRPC; Nacos 3 has moved it. */
class LoginOfAnyVersion {
	private readonly versions: readonly NacosHttp[];
	private inUse: NacosHttp | undefined;

	constructor(options: NacosOptions) {
		this.versions = [new NacosHttp(options, HTTP_V3), new NacosHttp(options, HTTP_V1)];
	}

	async token(): Promise<string | undefined> {
		if (this.inUse !== undefined) return await this.inUse.token();
		let failure: unknown;
		for (const version of this.versions) {
			try {
				const token = await version.token();
				this.inUse = version;
				return token;
			} catch (error) {
				failure = error;
			}
		}
		throw failure;
	}

	forget(): void {
		this.inUse?.forgetToken();
	}
}
