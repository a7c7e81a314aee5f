// Rules over the keys of `discovery`: what is wrong is named, and a password in plain text is warned of.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ConfigError } from "../../../server/config/config.ts";
import { loadConfig } from "../../../server/config/load.ts";
import { configWarnings } from "../../../server/config/rules.ts";

let cwd: string;
before(() => {
	cwd = mkdtempSync(join(tmpdir(), "framegate-discovery-"));
});
after(() => rmSync(cwd, { recursive: true }));

const load = (discovery: object) => loadConfig({ cwd, env: {}, overrides: { discovery } });

function problemsOf(discovery: object): string[] {
	try {
		load(discovery);
	} catch (error) {
		assert.ok(error instanceof ConfigError, String(error));
		return error.problems.map(({ key, message }) => `${key}: ${message}`);
	}
	return assert.fail("the configuration was accepted");
}

describe("the configuration of discovery", () => {
	test("is off as it is installed", () => {
		const { etcd, nacos } = loadConfig({ cwd, env: {} }).discovery;
		assert.deepEqual([etcd.endpoints, nacos.servers], [[], []]);
	});

	test("names what is wrong", () => {
		assert.match(
			problemsOf({ etcd: { endpoints: ["etcd:2379/v3"] } })[0] ?? "",
			/^discovery\.etcd\.endpoints: .*expected host:port/,
		);
		assert.match(problemsOf({ nacos: { servers: ["nacos:0"] } })[0] ?? "", /^discovery\.nacos\.servers: /);
		assert.deepEqual(problemsOf({ etcd: { username: "gateway" } }), [
			"discovery.etcd.password: username and password belong together",
		]);
		assert.deepEqual(problemsOf({ nacos: { certFile: "x" } }).sort(), [
			"discovery.nacos.certFile: cannot read x (ENOENT)",
			"discovery.nacos.keyFile: certFile and keyFile belong together",
		]);
		assert.match(problemsOf({ nacos: { heartbeatMs: 5000, deregisterMs: 9999 } })[0] ?? "", /at least twice/);
		assert.match(problemsOf({ allowedNetworks: ["10.0.0.0/8", "logic"] })[0] ?? "", /no IP address or CIDR range/);
		assert.match(problemsOf({ registration: { service: "a/b" } })[0] ?? "", /^discovery\.registration\.service: /);
	});

	test("never shows a password, and warns where it goes over the network in plain text", () => {
		const user = { username: "gateway", password: "a good password" };
		const plain = configWarnings(
			load({ etcd: { endpoints: ["etcd:2379"], ...user }, nacos: { servers: ["nacos"], ...user } }),
		);
		assert.equal(plain.filter((text) => text.includes("without TLS")).length, 2);
		const safe = configWarnings(load({ etcd: { endpoints: ["https://etcd:2379"], ...user } }));
		assert.equal(safe.filter((text) => text.includes("without TLS")).length, 0);
		assert.ok(!plain.join().includes(user.password));
	});
});
