// Variables that Kubernetes puts into a pod about the Services of its namespace are no settings, and no errors either; a
// mistyped setting beside them still is one.
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { describe, test } from "node:test";
import { ConfigError } from "../../../server/config/config.ts";
import { loadConfig } from "../../../server/config/load.ts";
import { serviceLinks } from "../../support/service-links.ts";

const cwd = tmpdir();
const load = (env: Record<string, string>) => loadConfig({ env, cwd });

function unknown(env: Record<string, string>): string[] {
	try {
		load(env);
	} catch (error) {
		assert.ok(error instanceof ConfigError, String(error));
		return error.problems.map(({ key }) => key).sort();
	}
	return [];
}

describe("Services beside the gateway", () => {
	const own = serviceLinks("framegate", "10.96.0.17", [
		{ name: "websocket", port: 80 },
		{ name: "metrics-udp", port: 9090, protocol: "UDP" },
	]);

	test("one with the gateway's own name changes nothing, and keeps nothing from starting", () => {
		assert.equal(own["FRAMEGATE_PORT"], "tcp://10.96.0.17:80");
		assert.equal(load(own).server.port, 8080);
		assert.equal(load({ ...own, PORT: "9000" }).server.port, 9000);
		load(serviceLinks("framegate", "fd00::17", [{ port: 80 }]));
		load(serviceLinks("framegate-redis-master", "10.96.0.18", [{ name: "tcp-redis", port: 6379 }]));
	});

	test("one whose variable has the name of a setting is not taken for it", () => {
		const links = {
			...serviceLinks("framegate-server", "10.96.0.19", [{ port: 80 }]),
			...serviceLinks("framegate-server-metrics", "10.96.0.20", [{ port: 9464 }]),
		};
		assert.match(links["FRAMEGATE_SERVER_PORT"] ?? "", /^tcp:/);
		const { port, metricsPort } = load(links).server;
		assert.deepEqual([port, metricsPort], [8080, 0]);
	});

	test("a mistyped setting is still an error, also one that looks like a link", () => {
		assert.deepEqual(unknown({ ...own, FRAMEGATE_SERVER_PROT: "9000" }), ["FRAMEGATE_SERVER_PROT"]);
		assert.deepEqual(unknown({ ...own, FRAMEGATE_SERVICE_PORT: "9000" }), ["FRAMEGATE_SERVICE_PORT"]);
		const alone = { FRAMEGATE_PORT: "tcp://10.96.0.17:80", FRAMEGATE_SERVICE_HOST: "10.96.0.17" };
		assert.deepEqual(unknown(alone), ["FRAMEGATE_PORT", "FRAMEGATE_SERVICE_HOST"]);
	});

	test("an address where a port belongs, set by hand, is an error", () => {
		assert.deepEqual(unknown({ PORT: "tcp://10.96.0.17:80" }), ["server.port"]);
	});
});

describe("a Service called redis", () => {
	const links = serviceLinks("redis", "10.96.0.21", [{ name: "redis", port: 6380 }]);

	test("is not used unless it is configured", () => assert.equal(load(links).redis.url, undefined));

	test("its REDIS_PORT is the port of that Service, and of no other host", () => {
		const url = (host: string, more = {}) => load({ ...links, REDIS_HOST: host, ...more }).redis.url;
		assert.equal(url("redis"), "redis://redis:6380");
		assert.equal(url("redis.default.svc.cluster.local"), "redis://redis.default.svc.cluster.local:6380");
		assert.equal(url("10.96.0.21"), "redis://10.96.0.21:6380");
		assert.equal(url("cache.example.com"), "redis://cache.example.com:6379");
		assert.equal(url("redis", { REDIS_PORT: "7000" }), "redis://redis:7000");
		assert.equal(url("fd00::21"), "redis://[fd00::21]:6379");
	});
});
