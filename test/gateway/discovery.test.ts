// A gateway that registers itself, in a real etcd and at a contract double of Nacos: when it is ready, with the settings and pages of
// the older services; again after an outage; withdrawn before its clients are asked to go.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type EtcdCluster, startEtcd } from "../support/etcd-server.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { type NacosDouble, startNacosDouble } from "../support/nacos-double.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const ADMIN = "an-admin-token-of-a-test";
/** Reports each package of gRPC that a process loads. */
const REPORT_GRPC = [
	"--import",
	"data:text/javascript,import{registerHooks}from'node:module';registerHooks({resolve(s,c,n){if(s.includes('@grpc'))console.error('LOADED',s);return n(s,c)}})",
];

interface Answer {
	readonly status: number;
	// biome-ignore lint/suspicious/noExplicitAny: answers as they are; what they hold is what the tests ask.
	readonly body: any;
}

describe("a gateway with etcd and Nacos", () => {
	let etcd: EtcdCluster;
	let nacos: NacosDouble;
	let gateway: GatewayProcess;

	before(async () => {
		[etcd, nacos] = await Promise.all([startEtcd(), startNacosDouble()]);
		gateway = await startGateway({
			nodeFlags: REPORT_GRPC,
			env: {
				ETCD_ENDPOINTS: etcd.endpoints.join(","),
				FRAMEGATE_DISCOVERY_ETCD_LEASE_MS: "2000",
				// The settings of the Flask service's table.
				NACOS_SERVER_ADDR: `127.0.0.1:${nacos.port}`,
				NACOS_NAMESPACE: "public",
				NACOS_GROUP: "DEFAULT_GROUP",
				NACOS_SERVICE_NAME: "flask-api",
				NACOS_SERVICE_IP: "10.9.8.7",
				NACOS_SERVICE_PORT: "5000",
				NACOS_HEARTBEAT_INTERVAL: "5",
				NACOS_DEREGISTER_TIME: "10",
				GATEWAY_ID: "gateway-001",
				ADMIN_TOKENS: ADMIN,
				FRAMEGATE_LIMITS_DRAIN_WINDOW_MS: "4000",
			},
		});
	});
	after(async () => {
		await gateway.kill9();
		await Promise.all([etcd.stop(), nacos.stop()]);
	});

	const inEtcd = () => etcd.json.list("/services/flask-api/");

	async function ask(method: "GET" | "POST", path: string, token?: string): Promise<Answer> {
		const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
		const response = await fetch(`${gateway.httpUrl}${path}`, { method, headers });
		return { status: response.status, body: await response.json() };
	}

	test("registers itself as configured", async () => {
		await until(async () => (await inEtcd()).size === 1 && nacos.seen("flask-api").length === 1);
		const [[key, value] = ["", ""]] = await inEtcd();
		assert.equal(key, "/services/flask-api/gateway-001");
		const { metadata, ...record } = JSON.parse(value);
		assert.deepEqual(record, { id: "gateway-001", name: "flask-api", address: "10.9.8.7", port: 5000, weight: 1 });
		assert.match(metadata.version, /^\d+\.\d+\.\d+/);
		const [instance] = nacos.seen("flask-api");
		assert.deepEqual([instance?.ip, instance?.port], ["10.9.8.7", 5000]);
		assert.equal(instance?.metadata["preserved.heart.beat.interval"], "5000");
		assert.equal(instance?.metadata["preserved.ip.delete.timeout"], "10000");
	});

	test("shows how it is registered, to anybody who may see its status", async () => {
		for (const kind of ["etcd", "nacos"]) {
			const { status, body } = await ask("GET", `/monitoring/${kind}/service`);
			assert.equal(status, 200);
			assert.deepEqual([body.service_name, body.registered], ["flask-api", true]);
			assert.deepEqual([body.instance.ip, body.instance.port], ["10.9.8.7", 5000]);
			assert.equal(body.heartbeat.status, "ok");
			assert.ok(Date.now() - Date.parse(body.heartbeat.last) < 60_000);
		}
		const { body } = await ask("GET", "/monitoring/nacos/service");
		assert.deepEqual([body.namespace, body.group, body.heartbeat.interval_seconds], ["public", "DEFAULT_GROUP", 5]);
	});

	test("lists instances, registers and deregisters for administrators alone", async () => {
		for (const kind of ["etcd", "nacos"]) {
			const base = `/monitoring/${kind}/service`;
			for (const [method, path] of [
				["GET", `${base}/flask-api/instances`],
				["POST", `${base}/register`],
				["POST", `${base}/deregister`],
			] as const) {
				assert.deepEqual(
					[(await ask(method, path)).status, (await ask(method, path, "another")).status],
					[401, 403],
					path,
				);
			}
			const listed = await ask("GET", `${base}/flask-api/instances`, ADMIN);
			assert.equal(listed.status, 200);
			assert.deepEqual([listed.body.count, listed.body.instances[0].ip], [1, "10.9.8.7"]);
			assert.deepEqual((await ask("GET", `${base}/nobody/instances`, ADMIN)).body.instances, []);
			assert.equal((await ask("GET", `${base}/a%20b/instances`, ADMIN)).status, 422);
			assert.equal((await ask("GET", `${base}/register`, ADMIN)).status, 405);

			const removed = await ask("POST", `${base}/deregister`, ADMIN);
			assert.deepEqual(
				[removed.body.success, removed.body.data.registered, removed.body.data.heartbeat.status],
				[true, false, "stopped"],
			);
			assert.equal((await ask("GET", `${base}/flask-api/instances`, ADMIN)).body.count, 0);
			const back = await ask("POST", `${base}/register`, ADMIN);
			assert.deepEqual([back.body.success, back.body.data.registered], [true, true]);
			assert.equal((await ask("GET", `${base}/flask-api/instances`, ADMIN)).body.count, 1);
		}
	});

	test("counts what it does", async () => {
		const text = await (await fetch(`${gateway.httpUrl}/metrics`)).text();
		assert.match(text, /^framegate_discovery_registered\{registry="etcd"\} 1$/m);
		assert.match(text, /^framegate_discovery_registered\{registry="nacos"\} 1$/m);
		assert.match(text, /^framegate_discovery_registrations_total\{registry="nacos",outcome="published"\} 2$/m);
	});

	test("is there again by itself when a server comes back with nothing", async () => {
		await etcd.kill(0);
		await nacos.stop();
		await Promise.all([etcd.start(0, true), nacos.start()]);
		await until(async () => (await inEtcd()).size === 1);
		await until(() => nacos.seen("flask-api").length === 1);
		await until(async () => (await ask("GET", "/monitoring/etcd/service")).body.registered);
	});

	test("is withdrawn first when it stops: while its clients are still connected", async () => {
		const { client } = await WireClient.member(gateway.url, "ann");
		await until(() => gateway.log().includes("LOADED @grpc/grpc-js"));
		const exit = gateway.stop();
		let isOver = false;
		void exit.then(() => {
			isOver = true;
		});
		await until(async () => (await inEtcd()).size === 0 && nacos.seen("flask-api").length === 0);
		assert.equal(isOver, false);
		assert.equal(client.socket.readyState, client.socket.OPEN);
		assert.deepEqual(await exit, { code: 0, signal: null });
	});
});

describe("a gateway", () => {
	test("starts without its discovery server, and registers when that is there", async () => {
		const etcd = await startEtcd();
		await etcd.kill(0);
		const gateway = await startGateway({
			env: { ETCD_ENDPOINTS: etcd.endpoints.join(","), FRAMEGATE_DISCOVERY_REGISTRATION_SERVICE: "late" },
		});
		await until(() => gateway.log().includes("registering the gateway failed; retrying"));
		await etcd.start(0);
		await until(async () => (await etcd.json.list("/services/late/")).size === 1);
		const [record = ""] = (await etcd.json.list("/services/late/")).values();
		assert.deepEqual([JSON.parse(record).address, JSON.parse(record).port], ["127.0.0.1", gateway.port]);
		await gateway.kill9();
		await etcd.stop();
	});

	test("without discovery loads nothing of it, and has no pages of it", async () => {
		const gateway = await startGateway({ nodeFlags: REPORT_GRPC });
		for (const path of [
			"/monitoring/nacos/service",
			"/monitoring/etcd/service",
			"/monitoring/nacos/service/x/instances",
		]) {
			assert.equal((await fetch(`${gateway.httpUrl}${path}`)).status, 404, path);
		}
		assert.doesNotMatch(gateway.log(), /LOADED/);
		await gateway.kill9();
	});
});
