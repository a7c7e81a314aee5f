// Sentinels with users and TLS of their own: real ones, in front of servers that want another password.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import tls from "node:tls";
import { Redis } from "ioredis";
import { openRedis } from "../../stores/redis/connection.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { freePort } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until, untilReady } from "../support/until.ts";

const SERVER_PASSWORD = "of the servers";
const SENTINEL_PASSWORD = "s&=+ntinel";

async function startServer(t: TestContext, ...args: readonly string[]) {
	const server = await startRedis({
		args: ["--requirepass", SERVER_PASSWORD, "--masterauth", SERVER_PASSWORD, ...args],
	});
	t.after(() => server.stop());
	return server;
}

/** @param lines - further ones of its configuration. */
async function startSentinel(t: TestContext, masterPort: number, ...lines: readonly string[]) {
	const port = await freePort();
	const configuration = [
		`sentinel monitor main 127.0.0.1 ${masterPort} 1`,
		`sentinel auth-pass main "${SERVER_PASSWORD}"`,
		"sentinel down-after-milliseconds main 300",
		"sentinel failover-timeout main 2000",
		...lines,
	];
	const sentinel = await startRedis({ port, sentinel: configuration.join("\n") });
	t.after(() => sentinel.stop());
	return port;
}

function open(t: TestContext, port: number, parameters: string) {
	const logger = quietLogger();
	const url = `redis+sentinel://:${encodeURIComponent(SERVER_PASSWORD)}@127.0.0.1:${port}/main/3${parameters}`;
	const redis = openRedis({ url, maxReconnectDelayMs: 50, connectTimeoutMs: 1000, commandTimeoutMs: 1000 }, logger);
	t.after(() => redis.close());
	const reasons = () => logger.lines.map(({ fields }) => String((fields as { err?: Error }).err?.message ?? ""));
	return { redis, reasons };
}

const password = `sentinelPassword=${encodeURIComponent(SENTINEL_PASSWORD)}`;

test("with a password: the master is found, and after a fail-over the next one", async (t) => {
	const master = await startServer(t);
	const replica = await startServer(t, "--replicaof", "127.0.0.1", String(master.port));
	const port = await startSentinel(t, master.port, `requirepass "${SENTINEL_PASSWORD}"`);
	const watcher = new Redis(port, { password: SENTINEL_PASSWORD });
	t.after(() => watcher.disconnect());
	await until(async () => {
		const [[, ...fields]] = (await watcher.call("SENTINEL", "REPLICAS", "main")) as [string[]];
		return fields[fields.indexOf("master-link-status") + 1] === "ok";
	});
	const { redis } = open(t, port, `?${password}`);
	await untilReady(redis);
	await redis.probe.check();
	const portOf = async () => Number(/tcp_port:(\d+)/.exec(await redis.run((client) => client.info("server")))?.[1]);
	assert.equal(await portOf(), master.port);
	// A further connection, as subscriptions have.
	const further = redis.open();
	await until(() => further?.status === "ready");
	await master.stop();
	await until(async () => (await portOf()) === replica.port);
	// The Sentinel ends the connections of a server once more when it has become the master.
	await until(async () => {
		await redis.probe.check();
		return true;
	});
});

test("with a user that may ask for the master and nothing else", async (t) => {
	const master = await startServer(t);
	const rights = "-@all +auth +hello +sentinel|get-master-addr-by-name +sentinel|sentinels";
	const port = await startSentinel(
		t,
		master.port,
		"user default off",
		"user keeper on nopass ~* &* +@all",
		"sentinel sentinel-user keeper",
		`user watch on >${SENTINEL_PASSWORD} resetchannels ${rights}`,
	);
	const { redis } = open(t, port, `?sentinelUsername=watch&${password}`);
	await untilReady(redis);
	await redis.probe.check();
});

test("without the right password the log names it, and there is a connection as soon as it is right", async (t) => {
	const master = await startServer(t);
	const port = await startSentinel(t, master.port, `requirepass "${SENTINEL_PASSWORD}"`);
	const names = (code: string) => (text: string) => text.startsWith(`Sentinel 127.0.0.1:${port} refused: ${code} `);
	const without = open(t, port, "");
	await until(() => without.reasons().some(names("NOAUTH")));
	assert.equal(without.redis.isReady, false);
	const { redis, reasons } = open(t, port, "?sentinelPassword=guessed");
	await until(() => reasons().some(names("WRONGPASS")));
	assert.ok(!reasons().join().includes("guessed"));
	const admin = new Redis(port, { password: SENTINEL_PASSWORD });
	t.after(() => admin.disconnect());
	await admin.call("ACL", "SETUSER", "default", ">guessed");
	await untilReady(redis);
});

test("over TLS: Sentinels and servers, or one of them", async (t) => {
	const directory = mkdtempSync(path.join(tmpdir(), "framegate-tls-"));
	t.after(() => rmSync(directory, { recursive: true }));
	const [key, cert] = [path.join(directory, "key.pem"), path.join(directory, "cert.pem")];
	const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
	const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
	const files = ["-keyout", key, "-out", cert];
	execFileSync("openssl", ["req", "-x509", "-nodes", "-days", "2", ...curve, ...subject, ...files], {
		stdio: "ignore",
	});
	const before = tls.getCACertificates();
	tls.setDefaultCACertificates([...before, readFileSync(cert, "utf8")]);
	t.after(() => tls.setDefaultCACertificates(before));

	const encrypted = (port: number) =>
		["--port", "0", "--tls-port", String(port), "--tls-cert-file", cert, "--tls-key-file", key].concat([
			"--tls-ca-cert-file",
			cert,
			"--tls-auth-clients",
			"no",
		]);
	for (const [sentinelTls, serverTls] of [
		[true, true],
		[true, false],
		[false, true],
	]) {
		const [serverPort, port] = [await freePort(), await freePort()];
		const server = await startRedis({ port: serverPort, args: serverTls ? encrypted(serverPort) : [] });
		t.after(() => server.stop());
		const sentinel = await startRedis({
			port,
			args: sentinelTls ? encrypted(port) : [],
			sentinel: `sentinel monitor main 127.0.0.1 ${serverPort} 1`,
		});
		t.after(() => sentinel.stop());
		const scheme = serverTls ? "rediss" : "redis";
		const own = sentinelTls === serverTls ? "" : `?sentinelTls=${sentinelTls}`;
		const url = `${scheme}+sentinel://127.0.0.1:${port}/main${own}`;
		const redis = openRedis({ url, maxReconnectDelayMs: 50 }, quietLogger());
		t.after(() => redis.close());
		await untilReady(redis);
		await redis.probe.check();
	}
});
