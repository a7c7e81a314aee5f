// Discovery: a client for each discovery server that is configured, the endpoints that it lists as a source for upstreams, and the
// gateway's own record there. Without one, nothing of it is loaded.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import type { TlsFileSet } from "../../common/tls-files.ts";
import packageJson from "../../package.json" with { type: "json" };
import type { DiscoveryClient, Registration } from "../../upstreams/discovery/discovery-client.ts";
import { EndpointRules } from "../../upstreams/discovery/endpoint-rules.ts";
import { GuardedSource } from "../../upstreams/discovery/guarded-source.ts";
import type { RegistryFigures } from "../../upstreams/discovery/metrics.ts";
import { ETCD_PORT, NACOS_PORT } from "../../upstreams/discovery/options.ts";
import { ownAddress } from "../../upstreams/discovery/own-address.ts";
import { Registrar } from "../../upstreams/discovery/registrar.ts";
import { parseServerAddress, type ServerAddress } from "../../upstreams/discovery/server-address.ts";
import type { EndpointSource } from "../../upstreams/endpoint-source.ts";
import type { Config } from "../config/config.ts";
import { workerSlot } from "../config/worker-environment.ts";
import type { RegistryView } from "../http/discovery-routes.ts";

export type RegistryKind = "etcd" | "nacos";

export interface DiscoveryParts {
	readonly config: Config;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly tlsFiles: TlsFileSet;
}

/** Renewals within the term of a lease of etcd. */
const RENEWALS = 3;
const ANY_ADDRESS = new Set(["0.0.0.0", "::"]);
/** Of the workers behind one port, the first one registers it. */
const REGISTERING_WORKER = 1;

/** Makes the clients; nothing is connected yet. @throws Error when a file of certificates cannot be used. */
export async function openDiscovery(parts: DiscoveryParts): Promise<Discovery> {
	const { discovery } = parts.config;
	const hasEtcd = discovery.etcd.endpoints.length > 0;
	const hasNacos = discovery.nacos.servers.length > 0;
	if (!hasEtcd && !hasNacos) return new Discovery(parts, []);
	const { openEtcd, openNacos } = await import("../../upstreams/discovery/open-client.ts");
	const registries: Registry[] = [];
	if (hasEtcd) {
		const { prefix, leaseMs, register, endpoints } = discovery.etcd;
		const server = parseServerAddress(endpoints[0] as string, ETCD_PORT);
		const terms = { intervalMs: Math.floor(leaseMs / RENEWALS), ttlMs: leaseMs };
		const client = openEtcd(discovery, parts.logger, parts.tlsFiles);
		registries.push(new Registry("etcd", client, { ...terms, register, server, place: { prefix } }, parts));
	}
	if (hasNacos) {
		const { namespace, group, heartbeatMs, deregisterMs, register, servers } = discovery.nacos;
		const server = parseServerAddress(servers[0] as string, NACOS_PORT);
		const terms = { intervalMs: heartbeatMs, ttlMs: deregisterMs };
		const client = openNacos(discovery, parts.tlsFiles);
		registries.push(new Registry("nacos", client, { ...terms, register, server, place: { namespace, group } }, parts));
	}
	return new Discovery(parts, registries);
}

interface RegistrySettings {
	readonly intervalMs: number;
	readonly ttlMs: number;
	readonly register: boolean;
	/** The first one. */
	readonly server: ServerAddress;
	readonly place: Readonly<Record<string, string>>;
}

/** One discovery server. */
class Registry implements RegistryView, RegistryFigures {
	readonly kind: RegistryKind;
	readonly source: GuardedSource;
	readonly place: Readonly<Record<string, string>>;
	readonly intervalMs: number;
	readonly server: ServerAddress;
	registrar: Registrar | undefined;
	private readonly client: DiscoveryClient;
	private readonly settings: RegistrySettings;
	private readonly parts: DiscoveryParts;

	constructor(kind: RegistryKind, client: DiscoveryClient, settings: RegistrySettings, parts: DiscoveryParts) {
		const { clock, logger, config } = parts;
		const { protection, ...rules } = config.discovery;
		this.kind = kind;
		this.client = client;
		this.settings = settings;
		this.parts = parts;
		this.place = settings.place;
		this.intervalMs = settings.intervalMs;
		this.server = settings.server;
		this.source = new GuardedSource({ kind, feed: client, rules: new EndpointRules(rules), protection, clock, logger });
	}

	get registers(): boolean {
		return this.settings.register && (workerSlot() ?? REGISTERING_WORKER) === REGISTERING_WORKER;
	}

	lookup(service: string) {
		return this.client.lookup(service);
	}

	start(registration: Registration, isReady: () => Promise<boolean>): void {
		const { intervalMs, ttlMs } = this.settings;
		const { clock, logger } = this.parts;
		const { kind, client: store } = this;
		this.registrar = new Registrar({ kind, store, registration, intervalMs, ttlMs, isReady, clock, logger });
		this.registrar.start();
	}

	async close(): Promise<void> {
		const registrar = this.registrar?.close();
		await this.source.close();
		// Before an attempt to register is waited for: it fails at once without its client.
		await this.client.close();
		await registrar;
	}
}

export class Discovery {
	readonly registries: readonly Registry[];
	private readonly parts: DiscoveryParts;

	constructor(parts: DiscoveryParts, registries: readonly Registry[]) {
		this.parts = parts;
		this.registries = registries;
	}

	/** The endpoints that a discovery server lists. @throws Error when it is not configured. */
	source(kind: RegistryKind): EndpointSource {
		const registry = this.registries.find((one) => one.kind === kind);
		if (registry === undefined) {
			throw new Error(
				`${kind} is not configured: discovery.${kind}.${kind === "etcd" ? "endpoints" : "servers"} is empty`,
			);
		}
		return registry.source;
	}

	/**
	 * Registers the gateway as soon as it is ready; failures are logged and tried again.
	 *
	 * @param address - where it listens.
	 */
	async start(
		address: { readonly host: string; readonly port: number },
		isReady: () => Promise<boolean>,
	): Promise<void> {
		for (const registry of this.registries) {
			if (registry.registers) registry.start(await this.registration(address, registry.server), isReady);
		}
	}

	/** Removes the gateway's records, in `discovery.withdrawTimeoutMs` at most. Never throws. */
	async withdraw(): Promise<void> {
		const registrars = this.registries.flatMap(({ registrar }) => registrar ?? []);
		if (registrars.length === 0) return;
		let timer: NodeJS.Timeout | undefined;
		const timeout = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, this.parts.config.discovery.withdrawTimeoutMs);
		});
		// What went wrong is in the log by then.
		await Promise.race([Promise.allSettled(registrars.map((registrar) => registrar.withdraw())), timeout]);
		clearTimeout(timer);
	}

	async close(): Promise<void> {
		await Promise.all(this.registries.map((registry) => registry.close()));
	}

	private async registration(
		{ host, port }: { readonly host: string; readonly port: number },
		server: ServerAddress,
	): Promise<Registration> {
		const { discovery, node } = this.parts.config;
		const { service, id, weight, metadata, ...own } = discovery.registration;
		return {
			service,
			id: id ?? node.id,
			host: own.host ?? (ANY_ADDRESS.has(host) ? await ownAddress(server) : host),
			port: own.port === 0 ? port : own.port,
			weight,
			metadata: { version: packageJson.version, ...metadata },
		};
	}
}
