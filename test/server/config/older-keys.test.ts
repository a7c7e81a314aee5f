// The YAML file of an older IM gateway: its keys become ours, and what has no counterpart is an error that names its line.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { ConfigError } from "../../../server/config/config.ts";
import { loadConfig } from "../../../server/config/load.ts";

const SECRET = "qN3v8Zr1Lk6Wt0Yx5Hb2Jd9Gs4Pf7Ma-";
let cwd = "";

beforeEach(() => {
	cwd = mkdtempSync(join(tmpdir(), "framegate-older-keys-"));
});

afterEach(() => rmSync(cwd, { recursive: true }));

function load(yaml: string, env: Record<string, string> = {}) {
	writeFileSync(join(cwd, "config.yaml"), yaml);
	return loadConfig({ env, cwd, file: "config.yaml" });
}

function problems(yaml: string): string[] {
	try {
		load(yaml);
	} catch (error) {
		assert.ok(error instanceof ConfigError);
		return error.problems.map(({ key, message, source }) => `${key}: ${message} (${source})`);
	}
	return assert.fail("the file was accepted");
}

test("older keys become ours", () => {
	const { server, limits, auth } = load(
		`server:\n  http_addr: ":8081"\n  ws_path: "/ws"\n  write_timeout: 30s\n` +
			`jwt:\n  secret: "${SECRET}"\n  access_token_expire: 24h\n  refresh_token_expire: 168h\n`,
	);
	assert.deepEqual([server.host, server.port, limits.requestTimeoutMs], ["0.0.0.0", 8081, 30_000]);
	assert.deepEqual([auth.accessTokenTtlMs, auth.refreshTokenTtlMs], [86_400_000, 604_800_000]);
	assert.deepEqual(auth.keys, [{ id: "default", secret: SECRET }]);
});

test("addresses and times are read in all their forms", () => {
	const address = (text: string) => {
		const { host, port } = load(`server:\n  http_addr: "${text}"\n`).server;
		return `${host} ${port}`;
	};
	assert.equal(address("127.0.0.1:9000"), "127.0.0.1 9000");
	assert.equal(address("[::1]:9000"), "::1 9000");
	assert.equal(load("server:\n  write_timeout: 1m2.5s300ms\n").limits.requestTimeoutMs, 62_800);
});

test("our own keys, the environment and the command line win over older ones", () => {
	const yaml = `server:\n  http_addr: ":8081"\n  port: 8082\n`;
	assert.equal(load(yaml).server.port, 8082);
	assert.equal(load(`server:\n  http_addr: ":8081"\n`, { PORT: "8083" }).server.port, 8083);
});

test("what cannot be taken is an error with its line", () => {
	const yaml =
		`server:\n  http_addr: "8081"\n  ws_path: /im\n  read_timeout: 3s\n  write_timeout: 30\n  http_adr: ":1"\n` +
		`jwt:\n  access_token_expire: soon\n  algorithm: HS512\n`;
	assert.deepEqual(
		problems(yaml).map((line) => line.replace(/: .*\((.*)\)$/, " $1")),
		[
			"server.http_addr config.yaml:2",
			"server.ws_path config.yaml:3",
			"server.write_timeout config.yaml:5",
			"server.read_timeout config.yaml:4",
			"jwt.access_token_expire config.yaml:8",
			"server.http_adr config.yaml:6",
			"jwt config.yaml:7",
		],
	);
	assert.match(
		problems(`server:\n  http_addr: ":99999"\n`)[0] ?? "",
		/^server\.port: .*65535, got 99999 \(config\.yaml:2\)$/,
	);
	assert.deepEqual(problems("jwt: secret\n"), ["jwt: unknown key (config.yaml:1)"]);
});

test("the file of the older gateway's page is taken whole", () => {
	const { server, limits, discovery, kafka, upstreams } = load(`server:
  http_addr: ":8080"
  ws_path: "/ws"
  read_timeout: 30s
  write_timeout: 30s

jwt:
  secret: "${SECRET}"
  access_token_expire: 24h
  refresh_token_expire: 168h

grpc:
  logic:
    service_name: "im-logic"
    direct_addr: "localhost:9001"

kafka:
  brokers:
    - "localhost:9092"

coordinator:
  endpoints:
    - "localhost:2379"
`);
	assert.deepEqual([server.port, limits.requestTimeoutMs], [8080, 30_000]);
	assert.deepEqual([discovery.etcd.endpoints, kafka.brokers], [["localhost:2379"], ["localhost:9092"]]);
	assert.deepEqual(upstreams.services["im-logic"]?.addresses, ["localhost:9001"]);
});

test("the logic service is an upstream: at its address, or where etcd has it", () => {
	const etcd = 'coordinator:\n  endpoints: ["localhost:2379"]\n';
	const { services } = load(`${etcd}grpc:\n  logic:\n    service_name: chat\n`).upstreams;
	assert.deepEqual(services["chat"]?.discover, { from: "etcd", name: "chat" });
	const of = (logic: string) => problems(`grpc:\n  logic: ${logic}\n`)[0] ?? "";
	assert.match(of("{ service_name: chat, adress: x }"), /^grpc\.logic: has an unknown key, adress \(config\.yaml:2\)/);
	assert.match(of("{ direct_addr: 9001 }"), /^upstreams\.services/);
	assert.match(of("chat"), /^grpc\.logic: expected service_name/);
});

test("a secret under its older key is not shown in errors", () => {
	assert.doesNotMatch(problems(`jwt:\n  secret: [hunter2]\n`).join(), /hunter2/);
});
