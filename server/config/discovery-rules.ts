// Rules over the keys of `discovery`, and what is worth a warning.
import { accessSync, constants } from "node:fs";
import { BlockList } from "node:net";
import { resolve } from "node:path";
import { addNetwork } from "../../upstreams/discovery/endpoint-rules.ts";
import type { Config } from "./config.ts";

interface Context {
	readonly config: Config;
	readonly cwd: string;
	report(keys: readonly [string, ...string[]], message: string): void;
}

export function checkDiscovery(context: Context): void {
	const { etcd, nacos, allowedNetworks } = context.config.discovery;
	checkServer(context, "discovery.etcd", etcd);
	checkServer(context, "discovery.nacos", nacos);
	if (nacos.deregisterMs < 2 * nacos.heartbeatMs) {
		const keys = ["discovery.nacos.deregisterMs", "discovery.nacos.heartbeatMs"] as const;
		context.report(keys, `must be at least twice discovery.nacos.heartbeatMs (${nacos.heartbeatMs})`);
	}
	for (const network of allowedNetworks) {
		try {
			addNetwork(new BlockList(), network);
		} catch (error) {
			context.report(["discovery.allowedNetworks"], (error as Error).message);
		}
	}
}

type ServerOptions = Pick<
	Config["discovery"]["etcd"],
	"username" | "password" | "caFile" | "certFile" | "keyFile" | "serverName"
>;

function checkServer({ cwd, report }: Context, group: string, options: ServerOptions): void {
	const { username, password, caFile, certFile, keyFile } = options;
	if ((username === undefined) !== (password === undefined)) {
		const missing = username === undefined ? "username" : "password";
		report([`${group}.${missing}`, `${group}.username`, `${group}.password`], "username and password belong together");
	}
	if ((certFile === undefined) !== (keyFile === undefined)) {
		const missing = certFile === undefined ? "certFile" : "keyFile";
		report([`${group}.${missing}`, `${group}.certFile`, `${group}.keyFile`], "certFile and keyFile belong together");
	}
	for (const [name, file] of Object.entries({ caFile, certFile, keyFile })) {
		if (file === undefined) continue;
		try {
			accessSync(resolve(cwd, file), constants.R_OK);
		} catch (error) {
			report([`${group}.${name}`], `cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
		}
	}
}

/** A password over a connection that anybody on the way can read. */
export function discoveryWarnings({ discovery: { etcd, nacos } }: Config): string[] {
	const isPlain = (servers: readonly string[]) => servers.some((server) => !server.startsWith("https://"));
	const warnings: string[] = [];
	if (etcd.password !== undefined && isPlain(etcd.endpoints)) {
		warnings.push("discovery.etcd: the password goes over a connection without TLS; https:// addresses encrypt it");
	}
	if (nacos.password !== undefined && isPlain(nacos.servers)) {
		warnings.push("discovery.nacos: the password goes over a connection without TLS; https:// addresses encrypt it");
	}
	return warnings;
}
