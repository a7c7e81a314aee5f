// The clients of Nacos in its three protocols, on a contract double: the answers of v1 and of gRPC were recorded from a real server,
// which test/conformance/nacos.ts runs; those of v3 are those of its documentation.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import type { DiscoveryClient, Registration } from "../../../upstreams/discovery/discovery-client.ts";
import { NacosGrpc } from "../../../upstreams/discovery/nacos/nacos-grpc.ts";
import { NacosHttpV1 } from "../../../upstreams/discovery/nacos/nacos-http-v1.ts";
import { NacosHttpV3 } from "../../../upstreams/discovery/nacos/nacos-http-v3.ts";
import type { NacosOptions } from "../../../upstreams/discovery/nacos/nacos-instance.ts";
import { type NacosDouble, startNacosDouble } from "../../support/nacos-double.ts";
import { until } from "../../support/until.ts";
import { clientContract, ListRecorder } from "./client-contract.ts";

const PROTOCOLS = { grpc: NacosGrpc, "HTTP v1": NacosHttpV1, "HTTP v3": NacosHttpV3 };
const clients: DiscoveryClient[] = [];

function nacosOptions(ports: readonly number[], options: Partial<NacosOptions> = {}): NacosOptions {
	return {
		servers: ports.map((port) => ({ host: "127.0.0.1", port, isTls: false })),
		tls: { ca: undefined, cert: undefined, key: undefined, serverName: undefined },
		namespace: "public",
		group: "DEFAULT_GROUP",
		cluster: "DEFAULT",
		username: undefined,
		password: undefined,
		contextPath: "/nacos",
		grpcPortOffset: 1000,
		timeoutMs: 5000,
		heartbeatMs: 200,
		deregisterMs: 30_000,
		pollMs: 50,
		...options,
	};
}

function open(
	Client: (typeof PROTOCOLS)[keyof typeof PROTOCOLS],
	ports: readonly number[],
	options: Partial<NacosOptions> = {},
) {
	const client = new Client(nacosOptions(ports, options));
	clients.push(client);
	return client;
}

async function closeClients(): Promise<void> {
	await Promise.all(clients.splice(0).map((client) => client.close()));
}

const gateway: Registration = {
	service: "gateway",
	id: "g1",
	host: "10.1.1.1",
	port: 8080,
	weight: 1,
	metadata: { zone: "a" },
};

for (const [name, Client] of Object.entries(PROTOCOLS)) {
	clientContract(`Nacos by ${name}`, async () => {
		const double = await startNacosDouble();
		return {
			client: () => open(Client, [double.port]),
			seen: async (service) => double.seen(service).map(({ ip: host, ...rest }) => ({ host, ...rest })),
			add: async (service, host, port) => double.add(service, host, port),
			remove: async (service, host, port) => double.remove(service, host, port),
			stop: () => double.stop(),
			startEmpty: () => double.start(),
			close: async () => {
				await closeClients();
				await double.stop();
			},
		};
	});

	describe(`Nacos by ${name}, with users and two servers`, () => {
		let double: NacosDouble;
		let other: NacosDouble;
		before(async () => {
			double = await startNacosDouble({ requiresLogin: true });
			other = await startNacosDouble({ requiresLogin: true });
		});
		afterEach(closeClients);
		after(() => Promise.all([double.stop(), other.stop()]));

		test("logs in once, and again when its token is no longer good", async () => {
			const client = open(Client, [double.port], double.user);
			const { logins } = double;
			await client.publish(gateway);
			await client.lookup("gateway");
			assert.equal(double.logins - logins, 1);
			double.revokeTokens();
			assert.equal((await client.lookup("gateway")).length, 1);
			assert.equal(double.logins - logins, 2);
			await client.withdraw(gateway);
		});

		test("a wrong password is an error that does not show it", async () => {
			const client = open(Client, [double.port], { username: "nacos", password: "a wrong password", timeoutMs: 500 });
			await assert.rejects(
				() => client.publish(gateway),
				(error: Error) => /40[13]/.test(error.message) && !error.message.includes("a wrong password"),
			);
		});

		test("goes on with the other server when one ends", async () => {
			const client = open(Client, [double.port, other.port], double.user);
			await client.publish(gateway);
			const used = double.seen("gateway").length === 1 ? double : other;
			const spare = used === double ? other : double;
			await used.stop();
			await until(async () => {
				if (!(await client.renew(gateway))) await client.publish(gateway);
				return spare.seen("gateway").length === 1;
			});
			await used.start();
			await client.withdraw(gateway);
			assert.deepEqual(spare.seen("gateway"), []);
		});
	});
}

describe("the connection of gRPC", () => {
	let double: NacosDouble;
	before(async () => {
		double = await startNacosDouble();
	});
	afterEach(closeClients);
	after(() => double.stop());

	test("when it breaks, the record may be gone: that is reported at once, and all is done again on the next one", async () => {
		const client = open(NacosGrpc, [double.port], { heartbeatMs: 60_000, pollMs: 60_000 });
		const recorder = new ListRecorder();
		let doubts = 0;
		client.onDoubt(() => doubts++);
		await client.publish(gateway);
		const subscription = client.subscribe("gateway", recorder);
		await recorder.untilLast("10.1.1.1:8080");
		double.dropConnections();
		await until(() => doubts === 1);
		assert.equal(await client.renew(gateway), false);
		await client.publish(gateway);
		assert.equal(await client.renew(gateway), true);
		double.add("gateway", "10.1.1.2", 8080);
		await recorder.untilLast("10.1.1.1:8080", "10.1.1.2:8080");
		await subscription.close();
	});

	test("is made again when the server asks for it, and its questions are answered meanwhile", async () => {
		const client = open(NacosGrpc, [double.port], { heartbeatMs: 60_000 });
		await client.publish(gateway);
		double.send("ClientDetectionRequest", { requestId: "7", module: "internal" });
		assert.equal(await client.renew(gateway), true);
		double.send("ConnectResetRequest", { requestId: "8", module: "internal", serverIp: "", serverPort: "" });
		await until(async () => !(await client.renew(gateway)));
		await client.publish(gateway);
		const own = () => double.seen("gateway").filter(({ ip }) => ip === gateway.host);
		assert.equal(own().length, 1);
		await client.close();
		await until(() => own().length === 0);
	});

	test("a record that went although the connection stands is noticed after a few renewals", async () => {
		const client = open(NacosGrpc, [double.port], { heartbeatMs: 60_000 });
		await client.publish(gateway);
		double.remove("gateway", gateway.host, gateway.port);
		const kept: boolean[] = [];
		while (!kept.includes(false) && kept.length < 20) kept.push(await client.renew(gateway));
		assert.equal(kept.length, 6);
		await client.withdraw(gateway);
	});

	test("pushes of other groups, without a list or older than the last one change nothing", async () => {
		const client = open(NacosGrpc, [double.port], { pollMs: 60_000 });
		const recorder = new ListRecorder();
		double.add("pushed", "10.0.0.1", 1);
		const subscription = client.subscribe("pushed", recorder);
		await recorder.untilLast("10.0.0.1:1");
		const { length } = recorder.lists;
		const push = (groupName: string, serviceInfo: object | null) => {
			double.send("NotifySubscriberRequest", { requestId: "1", groupName, serviceName: "pushed", serviceInfo });
		};
		push("OTHER", { hosts: [] });
		push("DEFAULT_GROUP", null);
		push("DEFAULT_GROUP", { hosts: [], lastRefTime: 1 });
		double.add("pushed", "10.0.0.2", 1);
		await recorder.untilLast("10.0.0.1:1", "10.0.0.2:1");
		assert.equal(recorder.lists.length, length + 1);
		await subscription.close();
	});

	test("a server whose clock went ahead and back again is believed by the next read", async () => {
		const client = open(NacosGrpc, [double.port], { pollMs: 20 });
		const recorder = new ListRecorder();
		double.add("ahead", "10.0.0.1", 1);
		const subscription = client.subscribe("ahead", recorder);
		await recorder.untilLast("10.0.0.1:1");
		const hosts = [{ ip: "10.0.0.9", port: 9, weight: 1, healthy: true, enabled: true }];
		const serviceInfo = { hosts, lastRefTime: Date.now() + 86_400_000 };
		const named = { groupName: "DEFAULT_GROUP", serviceName: "ahead", serviceInfo };
		double.send("NotifySubscriberRequest", { requestId: "1", ...named });
		await until(() => recorder.lists.some((list) => list.includes("10.0.0.9:9")));
		await recorder.untilLast("10.0.0.1:1");
		await subscription.close();
	});

	test("pushes without end are reported a few times, and the last one is", async () => {
		const client = open(NacosGrpc, [double.port], { pollMs: 60_000 });
		const recorder = new ListRecorder();
		const subscription = client.subscribe("flooded", recorder);
		await until(() => recorder.lists.length === 1);
		for (let index = 1; index <= 2000; index++) {
			const hosts = [{ ip: "10.0.0.9", port: index, weight: 1, healthy: true, enabled: true }];
			const serviceInfo = { hosts, lastRefTime: Date.now() + index };
			const named = { groupName: "DEFAULT_GROUP", serviceName: "flooded", serviceInfo };
			double.send("NotifySubscriberRequest", { requestId: String(index), ...named });
		}
		await recorder.untilLast("10.0.0.9:2000");
		assert.ok(recorder.lists.length < 1000, `${recorder.lists.length} lists`);
		await subscription.close();
	});
});

describe("the HTTP interface v1", () => {
	let double: NacosDouble;
	before(async () => {
		double = await startNacosDouble();
	});
	afterEach(closeClients);
	after(() => double.stop());

	test("sends what the SDKs of 1.x send: register, beat, deregister", async () => {
		const client = open(NacosHttpV1, [double.port], { heartbeatMs: 5000, deregisterMs: 10_000 });
		double.requests.length = 0;
		await client.publish(gateway);
		assert.equal(await client.renew(gateway), true);
		await client.withdraw(gateway);
		const forms = double.requests.map((line) => {
			const [path = "", query] = line.split("?");
			return { path, ...Object.fromEntries(new URLSearchParams(query)) };
		}) as Record<string, string>[];
		const metadata = {
			zone: "a",
			"preserved.heart.beat.interval": "5000",
			"preserved.heart.beat.timeout": "10000",
			"preserved.ip.delete.timeout": "10000",
		};
		const instance = {
			serviceName: "DEFAULT_GROUP@@gateway",
			groupName: "DEFAULT_GROUP",
			namespaceId: "public",
			clusterName: "DEFAULT",
			ip: "10.1.1.1",
			port: "8080",
			ephemeral: "true",
		};
		const [registered, beat, removed] = forms;
		assert.deepEqual(registered, {
			path: "POST /nacos/v1/ns/instance",
			...instance,
			weight: "1",
			enabled: "true",
			healthy: "true",
			metadata: JSON.stringify(metadata),
		});
		assert.equal(beat?.["path"], "PUT /nacos/v1/ns/instance/beat");
		assert.deepEqual(JSON.parse(beat?.["beat"] ?? ""), {
			serviceName: "DEFAULT_GROUP@@gateway",
			ip: "10.1.1.1",
			port: 8080,
			weight: 1,
			cluster: "DEFAULT",
			metadata,
			scheduled: false,
		});
		assert.deepEqual(removed, { path: "DELETE /nacos/v1/ns/instance", ...instance });
	});
});
