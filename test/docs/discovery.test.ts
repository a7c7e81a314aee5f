// The page about discovery: its settings load, and mean what it says; its table of variables is that of the schema.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { loadConfig } from "../../server/config/load.ts";
import { configReference } from "../../server/config/reference.ts";
import { codeBlocks, page, section, table } from "./markdown.ts";

const text = page("docs/discovery.md");
let cwd: string;

before(() => {
	cwd = mkdtempSync(join(tmpdir(), "framegate-discovery-"));
	writeFileSync(join(cwd, "etcd-ca.pem"), "");
	writeFileSync(join(cwd, "password"), "a good password\n");
});
after(() => rmSync(cwd, { recursive: true }));

function load(yaml: string, env: Record<string, string> = {}) {
	writeFileSync(join(cwd, "framegate.yaml"), yaml.replace("/etc/framegate/", "./"));
	return loadConfig({ cwd, env }).discovery;
}

test("the settings of etcd and Nacos are taken as they are", () => {
	const [etcd = ""] = codeBlocks(section(text, "etcd"), "yaml");
	const loaded = load(etcd, { ETCD_PASSWORD_FILE: join(cwd, "password") });
	assert.equal(loaded.etcd.endpoints.length, 3);
	assert.equal(loaded.etcd.password, "a good password");
	assert.equal(loaded.registration.service, "im-gateway");
	const [nacos = ""] = codeBlocks(section(text, "Nacos"), "yaml");
	assert.deepEqual(load(nacos).nacos.servers, ["nacos-0:8848", "nacos-1:8848"]);
	const [networks = ""] = codeBlocks(section(text, "Which endpoints are used"), "yaml");
	assert.deepEqual(load(networks).allowedNetworks, ["10.20.0.0/16"]);
});

test("the variables of Kubernetes are", () => {
	const [block = ""] = codeBlocks(section(text, "Kubernetes"), "yaml");
	const { env } = parse(block) as { env: { name: string; value?: string }[] };
	const values = env.map(({ name, value = "10.0.0.7" }) => [
		name,
		name.endsWith("_FILE") ? join(cwd, "password") : value,
	]);
	const loaded = load("", Object.fromEntries(values) as Record<string, string>);
	assert.equal(loaded.registration.host, "10.0.0.7");
	assert.deepEqual(loaded.etcd.endpoints, ["https://etcd.etcd.svc:2379"]);
});

test("the variables of older services are those of the schema, and those in seconds count so", () => {
	const rows = table(section(text, "Variables of older services"));
	assert.equal(rows.length, 8);
	const keys = new Map(configReference().flatMap(({ key, env }) => env.map((name) => [name, key] as const)));
	for (const row of rows) assert.equal(row["here"], keys.get(row["variable"] ?? ""), row["variable"]);
	const { nacos } = load("", { NACOS_HEARTBEAT_INTERVAL: "5", NACOS_DEREGISTER_TIME: "10.5" });
	assert.deepEqual([nacos.heartbeatMs, nacos.deregisterMs], [5000, 10_500]);
	assert.equal(load("", { FRAMEGATE_DISCOVERY_NACOS_HEARTBEAT_MS: "700" }).nacos.heartbeatMs, 700);
	assert.throws(() => load("", { NACOS_HEARTBEAT_INTERVAL: "soon" }), /discovery\.nacos\.heartbeatMs/);
});
