// Where gateways find the service: a key of etcd under a lease, or an instance of Nacos with beats. Both over HTTP, with nothing but `fetch`.
interface Registration {
	readonly service: string;
	/** Where gateways reach it. */
	readonly address: string;
	readonly etcd: readonly string[];
	readonly etcdPrefix: string;
	readonly nacos: readonly string[];
}

const LEASE_S = 10;
const INTERVAL_MS = 3000;
const TIMEOUT_MS = 3000;

/** Registers now, and again whenever it was forgotten. @returns what withdraws it. */
export function register(registration: Registration, port: number): () => Promise<void> {
	const parts = [
		...(registration.etcd.length > 0 ? [new EtcdRecord(registration, port)] : []),
		...(registration.nacos.length > 0 ? [new NacosInstance(registration, port)] : []),
	];
	let isEnded = false;
	const rounds = parts.map(async (part) => {
		while (!isEnded) {
			await part.renew().catch((error: Error) => console.error(`registering failed; will retry: ${error.message}`));
			await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS).unref());
		}
	});
	void Promise.all(rounds);
	return async () => {
		isEnded = true;
		await Promise.all(parts.map((part) => part.withdraw().catch(() => undefined)));
	};
}

/** Asks one server after the other until one answers. */
async function ask(servers: readonly string[], path: string, init: RequestInit): Promise<string> {
	let last: unknown;
	for (const server of servers) {
		try {
			const base = server.includes("://") ? server : `http://${server}`;
			const response = await fetch(base + path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
			const text = await response.text();
			if (response.ok) return text;
			last = new Error(`${server}: ${response.status} ${text}`);
		} catch (error) {
			last = error;
		}
	}
	throw last;
}

class EtcdRecord {
	private readonly registration: Registration;
	private readonly key: string;
	private readonly value: string;
	private lease: string | undefined;

	constructor(registration: Registration, port: number) {
		const { service: name, address, etcdPrefix } = registration;
		this.registration = registration;
		const id = `${address}:${port}`;
		this.key = Buffer.from(`${etcdPrefix}/${name}/${id}`).toString("base64");
		this.value = Buffer.from(JSON.stringify({ id, name, address, port, weight: 1, metadata: {} })).toString("base64");
	}

	async renew(): Promise<void> {
		if (this.lease !== undefined) {
			const { result } = await this.call("/v3/lease/keepalive", { ID: this.lease });
			if (Number((result as { TTL?: string })?.TTL ?? 0) === 0) this.lease = undefined;
		}
		const { count = "0" } =
			this.lease === undefined ? {} : await this.call("/v3/kv/range", { key: this.key, count_only: true });
		// Also when somebody has deleted it under a living lease.
		if (count !== "0") return;
		const lease = this.lease ?? ((await this.call("/v3/lease/grant", { TTL: LEASE_S }))["ID"] as string);
		await this.call("/v3/kv/put", { key: this.key, value: this.value, lease });
		this.lease = lease;
	}

	async withdraw(): Promise<void> {
		if (this.lease !== undefined) await this.call("/v3/lease/revoke", { ID: this.lease });
	}

	private async call(path: string, body: object): Promise<Record<string, unknown>> {
		return JSON.parse(await ask(this.registration.etcd, path, { method: "POST", body: JSON.stringify(body) }));
	}
}

class NacosInstance {
	private readonly registration: Registration;
	private readonly query: URLSearchParams;
	private readonly beat: string;

	constructor(registration: Registration, port: number) {
		const { service: serviceName, address: ip } = registration;
		this.registration = registration;
		this.query = new URLSearchParams({ serviceName, ip, port: String(port), ephemeral: "true", healthy: "true" });
		this.beat = JSON.stringify({
			serviceName: `DEFAULT_GROUP@@${serviceName}`,
			ip,
			port,
			cluster: "DEFAULT",
			weight: 1,
		});
	}

	async renew(): Promise<void> {
		const beat = new URLSearchParams({ ...Object.fromEntries(this.query), beat: this.beat });
		const answer = await this.call("PUT", "/nacos/v1/ns/instance/beat", beat).catch(() => undefined);
		// 20404: it is not known there.
		if (answer === undefined || answer.includes("20404")) await this.call("POST", "/nacos/v1/ns/instance", this.query);
	}

	async withdraw(): Promise<void> {
		await this.call("DELETE", "/nacos/v1/ns/instance", this.query);
	}

	private call(method: string, path: string, query: URLSearchParams): Promise<string> {
		return ask(this.registration.nacos, `${path}?${query}`, { method });
	}
}
