// A real Redis for tests.
import { writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { findProgram } from "./programs.ts";
import { accepts, dataDirectory, freePort, launch, type RealServer } from "./real-server.ts";

export interface RedisOptions {
	/** More command line arguments: `["--requirepass", "x"]`. */
	readonly args?: readonly string[];
	/** Take this port, as a server that comes back does. */
	readonly port?: number;
	/** Be a Sentinel, with this configuration. */
	readonly sentinel?: string;
}

/** Starts redis-server without persistence. */
export async function startRedis(options: RedisOptions = {}): Promise<RealServer> {
	const command = findProgram("redis-server");
	const port = options.port ?? (await freePort());
	const directory = dataDirectory("redis");
	const persistence = ["--save", "", "--appendonly", "no"];
	// A Sentinel keeps its state in its configuration file.
	const file = path.join(directory, "sentinel.conf");
	if (options.sentinel !== undefined) writeFileSync(file, `${options.sentinel}\n`);
	return await launch({
		name: "redis-server",
		command,
		args: [
			...(options.sentinel === undefined ? persistence : [file, "--sentinel"]),
			...["--port", String(port), "--bind", "127.0.0.1", "--dir", directory],
			...(options.args ?? []),
		],
		directory,
		port,
		url: `redis://127.0.0.1:${port}`,
		// A TLS or password-protected server answers PING its own way; that it answers is what counts.
		ready: () => (options.args?.includes("--tls-port") ? accepts(port) : answersPing(port)),
	});
}

function answersPing(port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		const socket = net.connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
		socket.once("data", (data) => {
			socket.destroy();
			const text = data.toString();
			if (text.startsWith("+PONG") || text.startsWith("-NOAUTH")) resolve();
			else reject(new Error(text));
		});
		socket.once("error", reject);
	});
}
