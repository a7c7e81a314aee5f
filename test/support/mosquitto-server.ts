// A real MQTT broker for tests.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { findProgram } from "./programs.ts";
import { accepts, dataDirectory, freePort, launch, ownedCopy, type RealServer } from "./real-server.ts";

export interface MosquittoOptions {
	/** Take this port, as a broker that comes back does. */
	readonly port?: number;
	/** Further lines of the configuration: `["allow_anonymous false", …]`. */
	readonly lines?: readonly string[];
	/** Lines of a file of permissions (mosquitto.conf(5), acl_file). */
	readonly acl?: readonly string[];
	readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

/** Starts mosquitto without persistence: what it retained is gone with it. */
export async function startMosquitto({ lines = [], acl, tls, ...options }: MosquittoOptions = {}): Promise<RealServer> {
	const port = options.port ?? (await freePort());
	const directory = dataDirectory("mosquitto");
	const file = path.join(directory, "mosquitto.conf");
	const aclFile = path.join(directory, "acl");
	if (acl !== undefined) writeFileSync(aclFile, `${acl.join("\n")}\n`, { mode: 0o700 });
	const keys = tls && [
		`certfile ${ownedCopy(tls.certFile, directory)}`,
		`keyfile ${ownedCopy(tls.keyFile, directory)}`,
	];
	const configuration = [
		`listener ${port} 127.0.0.1`,
		"persistence false",
		...(keys ?? []),
		...(lines.some((line) => line.startsWith("allow_anonymous")) ? [] : ["allow_anonymous true"]),
		...(acl === undefined ? [] : [`acl_file ${aclFile}`]),
		// Otherwise it becomes another user, who cannot read the directory.
		"user root",
		...lines,
	];
	writeFileSync(file, `${configuration.join("\n")}\n`);
	return await launch({
		name: "mosquitto",
		command: findProgram("mosquitto"),
		args: ["-c", file],
		directory,
		port,
		url: `${tls === undefined ? "mqtt" : "mqtts"}://127.0.0.1:${port}`,
		ready: () => accepts(port),
	});
}
