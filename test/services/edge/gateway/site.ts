// A field site for tests: a box's Redis, written by redis-cli as field services write it, and gateways in front of it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import type { Command } from "../../../../client/edge/edge-commands.ts";
import { type Client, createClient } from "../../../../client/index.ts";
import { type GatewayProcess, type GatewayProcessOptions, startGateway } from "../../../support/gateway.ts";
import { findProgram } from "../../../support/programs.ts";
import type { RealServer } from "../../../support/real-server.ts";
import { type RedisOptions, startRedis } from "../../../support/redis-server.ts";
import { tied } from "../../../support/tied-process.ts";

export const PASSWORD = "correct horse battery";
export const redisCli = findProgram("redis-cli");

/** What makes tests with many clients from one address quick; nothing of it is about boxes. */
const QUICK = {
	FRAMEGATE_AUTH_DEFAULT_ROLE: "engineer",
	FRAMEGATE_AUTH_PASSWORD_HASH_MEMORY_KIB: "8",
	FRAMEGATE_AUTH_ATTEMPTS_REGISTER_PER_IP_POINTS: "1000",
	FRAMEGATE_AUTH_ATTEMPTS_LOGIN_PER_IP_POINTS: "1000",
	FRAMEGATE_RATES_CONNECTS_PER_IP_PER_SECOND: "0",
	FRAMEGATE_RATES_FAULTS_PER_IP_PER_SECOND: "0",
};

export class Site {
	/** Another one after `restart`. */
	box: RealServer;
	readonly gateways: GatewayProcess[] = [];
	private readonly clients: Client[] = [];
	private readonly further: (() => unknown)[] = [];

	private constructor(box: RealServer) {
		this.box = box;
	}

	static async open(redis: RedisOptions = {}): Promise<Site> {
		return new Site(await startRedis(redis));
	}

	/** The first gateway. */
	get gateway(): GatewayProcess {
		return this.gateways[0] as GatewayProcess;
	}

	/** Starts a gateway whose box this is, unless `env` names another way to it. */
	async serve(
		env: Readonly<Record<string, string>> = {},
		options: Omit<GatewayProcessOptions, "env"> = {},
	): Promise<GatewayProcess> {
		const all = { EDGE_REDIS_URL: this.box.url, ...QUICK, ...env };
		const gateway = await startGateway({ ...options, env: all });
		this.gateways.push(gateway);
		return gateway;
	}

	/**
	 * Starts gateways that share a Redis of their own and a database, as the nodes of one site do.
	 *
	 * @param envs - further environment variables of each gateway.
	 * @returns what a program needs beside them to work on the same data.
	 */
	async serveTogether(...envs: readonly Readonly<Record<string, string>>[]): Promise<Readonly<Record<string, string>>> {
		const directory = mkdtempSync(path.join(tmpdir(), "framegate-site-"));
		const shared = await startRedis();
		this.further.push(
			() => rmSync(directory, { recursive: true, force: true }),
			() => shared.stop(),
		);
		const common = { REDIS_URL: shared.url, DATABASE_URL: `sqlite:${path.join(directory, "shared.db")}` };
		// One after the other: the first makes the tables.
		for (const env of envs) await this.serve({ ...common, ...env }, { dataDirectory: directory });
		return { ...common, FRAMEGATE_DATA_DIR: directory };
	}

	/** What is to be ended with the site, after its gateways. */
	endLater(end: () => unknown): void {
		this.further.push(end);
	}

	/**
	 * Says commands to the box, in redis-cli's notation, where `"\xff"` is a byte.
	 *
	 * @returns what it printed. @throws Error when the box refused one.
	 */
	field(...commands: readonly string[]): Promise<string> {
		return this.say(this.box.url, ...commands);
	}

	/** The same with another Redis. */
	async say(url: string, ...commands: readonly string[]): Promise<string> {
		const child = spawn(...tied(redisCli, ["-e", "-u", url]));
		let printed = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream.on("data", (chunk: Buffer) => {
				printed += chunk.toString();
			});
		}
		child.stdin.end(`${commands.join("\n")}\n`);
		const [code] = (await once(child, "close")) as [number | null];
		if (code !== 0) throw new Error(`redis-cli: ${printed}`);
		return printed.trim();
	}

	/** Says that a device carried a command out, and waits until its client knows. */
	async executed(channel: number, { id, ended }: Command): Promise<void> {
		await this.field(`HSET comsrv:cmd:${id} status executed`, `PUBLISH comsrv:ack:${channel} ${id}`);
		await ended;
	}

	/** A logged-in client of a gateway. An account of that name is made if there is none. */
	async operator(name: string, gateway = this.gateway): Promise<Client> {
		const client = createClient({ url: gateway.url, backoff: { minMs: 50, maxMs: 1000 } });
		this.clients.push(client);
		await client.connect();
		await client.auth.register({ username: name, password: PASSWORD }).catch(() => undefined);
		await client.login({ username: name, password: PASSWORD });
		return client;
	}

	/** How many of a kind of command the box has carried out. */
	async calls(command: string): Promise<number> {
		const stats = await this.field("INFO commandstats");
		return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
	}

	/** A connection for writers that are programs themselves. */
	writer(database = 0): Redis {
		const redis = new Redis(this.box.url, { db: database });
		this.further.push(() => redis.disconnect());
		return redis;
	}

	/** Starts an empty box again at the same port. */
	async restart(redis: RedisOptions = {}): Promise<void> {
		this.box = await startRedis({ ...redis, port: this.box.port });
	}

	async close(): Promise<void> {
		for (const client of this.clients) client.close();
		await Promise.all(this.gateways.map((gateway) => gateway.kill9()));
		await Promise.all(this.further.map((end) => end()));
		await this.box.stop();
	}
}
