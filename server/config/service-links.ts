// Variables that orchestrators put beside ours: Kubernetes describes every Service of a namespace to its pods, in the form that
// links of Docker once had (kubelet, pkg/kubelet/envvars). A Service called `framegate` makes FRAMEGATE_PORT=tcp://10.0.0.1:80 and a dozen more, one called
// `redis` REDIS_PORT. They describe what runs beside the gateway, and are no settings.
import type { Environment } from "./config.ts";

/** Where a Service is, as `PREFIX_PORT` says. */
export interface ServiceAddress {
	readonly host: string;
	readonly port: number;
}

const ADDRESS = /^(tcp|udp|sctp):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([^/:[\]]+)):(\d{1,5})$/;
const PORT_SUFFIX = /^_PORT(?:_\d{1,5}_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?$/;

/** The Services that an environment describes, by the prefix of their variables: `FRAMEGATE`, `REDIS`. */
export class ServiceLinks {
	private readonly services = new Map<string, ServiceAddress>();
	private readonly env: Environment;

	/** @param env - of the process: nobody writes links to `.env`. */
	constructor(env: Environment) {
		this.env = env;
		for (const [name, value] of Object.entries(env)) {
			const prefix = /^(.+)_PORT$/.exec(name)?.[1];
			const [, protocol = "", v6, host = v6, port = ""] = ADDRESS.exec(value ?? "") ?? [];
			if (prefix === undefined || host === undefined) continue;
			// An orchestrator says it twice; a person who takes PORT for an address does not.
			if (env[`${prefix}_PORT_${port}_${protocol.toUpperCase()}`] !== value) continue;
			this.services.set(prefix, { host, port: Number(port) });
		}
	}

	/** Whether an orchestrator made the variable. What only looks like one of its names, such as a mistyped one, is not. */
	has(name: string): boolean {
		for (const [prefix, { host, port }] of this.services) {
			if (!name.startsWith(prefix)) continue;
			const suffix = name.slice(prefix.length);
			if (PORT_SUFFIX.test(suffix)) return true;
			if (suffix === "_SERVICE_HOST" && this.env[name] === host) return true;
			if (suffix === "_SERVICE_PORT" && this.env[name] === `${port}`) return true;
			// A port with a name.
			if (suffix.startsWith("_SERVICE_PORT_") && /^\d{1,5}$/.test(this.env[name] ?? "")) return true;
		}
		return false;
	}

	addressOf(prefix: string): ServiceAddress | undefined {
		return this.services.get(prefix);
	}
}
