// `framegate probe` against a running gateway, one that refuses, one that is silent and one that is not there.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { addressesOf } from "../../../server/cli/probe/probe-target.ts";
import type { ProbeReport } from "../../../server/cli/probe-command.ts";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import { freePort } from "../../support/real-server.ts";
import { tied } from "../../support/tied-process.ts";

const MAIN = fileURLToPath(new URL("../../../server/main.ts", import.meta.url));
const NO_LOGIN = ["http.health", "http.ready", "ws.connect"];

interface Outcome {
	readonly code: number;
	readonly report: ProbeReport | undefined;
	readonly stderr: string;
}

async function probe(args: readonly string[], input = ""): Promise<Outcome> {
	const child = spawn(...tied(process.execPath, ["--no-warnings", MAIN, "probe", ...args]), {
		env: { PATH: process.env["PATH"] },
	});
	child.stdin.end(input);
	const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
	return { code, report: stdout === "" ? undefined : (JSON.parse(stdout) as ProbeReport), stderr };
}

const names = (report: ProbeReport | undefined) => report?.steps.map(({ name }) => name);
const failed = (report: ProbeReport | undefined) => report?.steps.find(({ ok }) => !ok);

describe("framegate probe", () => {
	let gateway: GatewayProcess;
	before(async () => {
		gateway = await startGateway({ env: { FRAMEGATE_AUTH_DEFAULT_ROLE: "engineer" } });
	});
	after(() => gateway.kill9());

	it("registers, logs in, subscribes, reads and acknowledges, over WebSocket and HTTP", async () => {
		const { code, report, stderr } = await probe(
			[gateway.url, "--register", "--username", "prober", "--password-stdin", "--ack"],
			"a long password\n",
		);
		assert.equal(failed(report)?.error, undefined, stderr);
		assert.equal(code, 0);
		assert.equal(report?.ok, true);
		const webSocket = [
			"connect",
			"register",
			"login",
			"heartbeat",
			"subscribe",
			"data",
			"read",
			"alarms",
			"ack",
			"logout",
		];
		const http = ["health", "ready", "login", "heartbeat", "read", "alarms"];
		const expected = [...webSocket.map((name) => `ws.${name}`), ...http.map((name) => `http.${name}`)];
		assert.deepEqual(names(report)?.slice(0, expected.length), expected);
		for (const name of ["ws.data", "ws.read", "http.read"]) {
			const detail = report?.steps.find((step) => step.name === name)?.detail;
			assert.ok(Number(detail?.["points"]) > 0, name);
		}
	});

	it("takes an account that there is, and leaves the box out with --no-edge", async () => {
		const args = ["--username", "prober", "--password-stdin", "--no-edge"];
		const { code, report } = await probe([gateway.httpUrl, ...args], "a long password");
		assert.equal(code, 0, JSON.stringify(failed(report)));
		assert.deepEqual(names(report), [
			...["http.health", "http.ready", "http.login", "http.heartbeat", "http.read", "http.logout"],
			...["ws.connect", "ws.login", "ws.heartbeat", "ws.read", "ws.logout"],
		]);
	});

	it("does without a login, and finds a path of its own for the WebSocket", async () => {
		const { code, report } = await probe([gateway.httpUrl]);
		assert.deepEqual([code, names(report)], [0, NO_LOGIN]);
		const other = await probe([`${gateway.httpUrl}/elsewhere`]);
		assert.equal(other.code, 1);
		assert.equal(failed(other.report)?.name, "ws.connect");
	});

	it("names the step that failed and why, in each part, without the password", async () => {
		const { code, report } = await probe(
			[gateway.httpUrl, "--username", "nobody", "--password-stdin"],
			"not-the-password",
		);
		assert.equal(code, 1);
		assert.deepEqual(
			report?.steps.filter(({ ok }) => !ok).map(({ name }) => name),
			["http.login", "ws.login"],
		);
		assert.match(failed(report)?.error ?? "", /^status 401: unauthenticated: /);
		assert.ok(!JSON.stringify(report).includes("not-the-password"));
	});

	it("fails at once where nothing listens", async () => {
		const { code, report } = await probe([`http://127.0.0.1:${await freePort()}`]);
		assert.equal(code, 1);
		assert.deepEqual(names(report), ["http.health", "ws.connect"]);
		assert.match(failed(report)?.error ?? "", /ECONNREFUSED/);
	});

	it("ends at its deadline where something listens and says nothing", async () => {
		const silent: Server = createServer(() => {});
		silent.listen(0, "127.0.0.1");
		await once(silent, "listening");
		const { port } = silent.address() as { port: number };
		const { code, report } = await probe([`http://127.0.0.1:${port}`, "--timeout-ms", "300"]);
		silent.close();
		assert.equal(code, 1);
		for (const { error } of report?.steps ?? []) assert.equal(error, "not done within 300 ms");
	});

	it("refuses addresses and options that make no sense", async () => {
		for (const args of [
			["localhost:8080"],
			["ftp://host"],
			["http://host?x=1"],
			["http://host", "--password-stdin"],
			[],
		]) {
			const { code, report } = await probe(args);
			assert.deepEqual([code, report], [2, undefined], args.join(" "));
		}
	});

	it("makes both addresses of either", () => {
		const addresses = { httpUrl: "https://host", webSocketUrl: "wss://host/ws" };
		for (const url of ["https://host", "https://host/", "wss://host/ws"]) assert.deepEqual(addressesOf(url), addresses);
	});
});
