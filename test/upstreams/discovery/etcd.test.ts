// The client of etcd on real members: one, and a cluster of three whose leader is killed; compaction, leases that expire, users, TLS.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { type TlsFileNames, TlsFiles } from "../../../common/tls-files.ts";
import type { DiscoveryClient, Registration } from "../../../upstreams/discovery/discovery-client.ts";
import { EtcdClient, type EtcdClientOptions } from "../../../upstreams/discovery/etcd/etcd-client.ts";
import { parseServerAddress } from "../../../upstreams/discovery/server-address.ts";
import { tlsOf } from "../../../upstreams/discovery/tls-files.ts";
import { makeCertificates } from "../../support/certificates.ts";
import { type EtcdCluster, startEtcd, untilEtcdWrites } from "../../support/etcd-server.ts";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import { until } from "../../support/until.ts";
import { clientContract, ListRecorder } from "./client-contract.ts";

const layout = { id: "id", name: "name", host: "address", port: "port", weight: "weight", metadata: "metadata" };
const clients: DiscoveryClient[] = [];

function etcdClient(endpoints: readonly string[], options: Partial<EtcdClientOptions> = {}): EtcdClient {
	const client = new EtcdClient({
		servers: endpoints.map((endpoint) => parseServerAddress(endpoint, 2379)),
		tls: { ca: undefined, cert: undefined, key: undefined, serverName: undefined },
		username: undefined,
		password: undefined,
		timeoutMs: 5000,
		prefix: "/services",
		layout,
		leaseMs: 60_000,
		maxEndpoints: 100,
		onRejected: () => undefined,
		...options,
	});
	clients.push(client);
	return client;
}

function tlsFrom({ serverName, ...names }: TlsFileNames & { readonly serverName?: string }) {
	return tlsOf(new TlsFiles("discovery.etcd", names), serverName);
}

async function closeClients(): Promise<void> {
	await Promise.all(clients.splice(0).map((client) => client.close()));
}

const gateway: Registration = { service: "gateway", id: "g1", host: "10.1.1.1", port: 8080, weight: 1, metadata: {} };
const record = (host: string, port = 9001) => JSON.stringify({ id: host, address: host, port });

clientContract("etcd, one member", async () => {
	const cluster = await startEtcd();
	return {
		client: () => etcdClient(cluster.endpoints),
		seen: async (service) => {
			const found = await cluster.json.list(`/services/${service}/`);
			return [...found.values()].map((text) => {
				const { address: host, ...rest } = JSON.parse(text);
				return { host, ...rest };
			});
		},
		add: (service, host, port) => cluster.json.put(`/services/${service}/${host}`, record(host, port)),
		remove: (service, host) => cluster.json.delete(`/services/${service}/${host}`),
		stop: () => cluster.kill(0),
		startEmpty: () => cluster.start(0, true),
		close: async () => {
			await closeClients();
			await cluster.stop();
		},
	};
});

describe("one member of etcd", () => {
	let cluster: EtcdCluster;
	before(async () => {
		cluster = await startEtcd();
	});
	afterEach(closeClients);
	after(() => cluster.stop());

	test("the record ends with its lease when nobody renews it", async () => {
		const client = etcdClient(cluster.endpoints, { leaseMs: 2000 });
		await client.publish({ ...gateway, service: "mortal" });
		assert.equal((await cluster.json.list("/services/mortal/")).size, 1);
		await until(async () => (await cluster.json.list("/services/mortal/")).size === 0);
		assert.equal(await client.renew({ ...gateway, service: "mortal" }), false);
		await client.publish({ ...gateway, service: "mortal" });
		assert.equal((await cluster.json.list("/services/mortal/")).size, 1);
	});

	test("a key that was deleted, or that another process took over, is published again", async () => {
		const client = etcdClient(cluster.endpoints);
		await client.publish(gateway);
		await cluster.json.delete("/services/gateway/g1");
		assert.equal(await client.renew(gateway), false);
		await client.publish(gateway);
		assert.equal(await client.renew(gateway), true);
		await cluster.json.put("/services/gateway/g1", "another");
		assert.equal(await client.renew(gateway), false);
		// It is not ours to delete.
		await client.withdraw(gateway);
		assert.equal((await cluster.json.list("/services/gateway/")).get("/services/gateway/g1"), "another");
		await cluster.json.delete("/services/gateway/g1");
	});

	test("reads everything again where the revision to go on from is compacted", async () => {
		const proxy = await startTcpProxy(Number(cluster.endpoints[0]?.split(":")[1]));
		const recorder = new ListRecorder();
		await cluster.json.put("/services/old/a", record("10.0.0.1"));
		const subscription = etcdClient([`127.0.0.1:${proxy.port}`]).subscribe("old", recorder);
		await recorder.untilLast("10.0.0.1:9001");
		await proxy.cut();
		await until(() => recorder.unavailable > 0);
		await cluster.json.delete("/services/old/a");
		await cluster.json.put("/services/old/b", record("10.0.0.2"));
		await cluster.json.put("/services/old/b", record("10.0.0.3"));
		await cluster.json.compact(await cluster.json.revision());
		await proxy.restore();
		await recorder.untilLast("10.0.0.3:9001");
		// Nothing in between was reported: it was read, not replayed.
		assert.deepEqual(recorder.lists, [["10.0.0.1:9001"], ["10.0.0.3:9001"]]);
		await subscription.close();
		await proxy.close();
	});

	test("goes on from the last revision after an outage: each change of that time is there, in its order", async () => {
		const proxy = await startTcpProxy(Number(cluster.endpoints[0]?.split(":")[1]));
		const recorder = new ListRecorder();
		await cluster.json.put("/services/resumed/a", record("10.0.0.1"));
		const subscription = etcdClient([`127.0.0.1:${proxy.port}`]).subscribe("resumed", recorder);
		await recorder.untilLast("10.0.0.1:9001");
		await proxy.cut();
		await until(() => recorder.unavailable > 0);
		await cluster.json.put("/services/resumed/b", record("10.0.0.2"));
		await cluster.json.delete("/services/resumed/a");
		await proxy.restore();
		await recorder.untilLast("10.0.0.2:9001");
		assert.ok(recorder.available > 0);
		await subscription.close();
		await proxy.close();
	});

	test("records of another layout, and bare addresses, are read; what is no record is left out and reported", async () => {
		const rejected: string[] = [];
		const client = etcdClient(cluster.endpoints, {
			prefix: "",
			layout: { id: "", name: "", host: "Addr", port: "", weight: "", metadata: "Metadata" },
			onRejected: (_service, key) => rejected.push(key),
		});
		await cluster.json.put("svc/1", '{"Op":0,"Addr":"10.0.0.1:9001","Metadata":{"zone":"a","n":1}}');
		await cluster.json.put("svc/2", "10.0.0.2:9002");
		await cluster.json.put("svc/3", "{}");
		await cluster.json.put("svc/4", `{"Addr":"10.0.0.4:1","x":"${"x".repeat(20_000)}"}`);
		await cluster.json.put("svc/5", '{"Addr":"10.0.0.5"}');
		const listed = await client.lookup("svc");
		assert.deepEqual(listed, [
			{ host: "10.0.0.1", port: 9001, weight: 1, metadata: { zone: "a", n: "1" }, isUsable: true },
			{ host: "10.0.0.2", port: 9002, weight: 1, metadata: {}, isUsable: true },
		]);
		assert.deepEqual(rejected, ["svc/3", "svc/4", "svc/5"]);
		await client.publish({ ...gateway, service: "svc", host: "::1" });
		assert.equal((await cluster.json.list("svc/")).get("svc/g1"), '{"Addr":"[::1]:8080","Metadata":{}}');
	});

	test("of more endpoints than are allowed, the first ones are read", async () => {
		for (const name of ["a", "b", "c"])
			await cluster.json.put(`/services/many/${name}`, record(`10.0.0.${name.charCodeAt(0)}`));
		const client = etcdClient(cluster.endpoints, { maxEndpoints: 2 });
		assert.equal((await client.lookup("many")).length, 2);
		const recorder = new ListRecorder();
		const subscription = client.subscribe("many", recorder);
		await until(() => recorder.last?.length === 2);
		await cluster.json.put("/services/many/d", record("10.0.0.4"));
		await cluster.json.delete("/services/many/a");
		await until(() => recorder.last?.length === 1);
		await subscription.close();
	});
});

describe("three members of etcd", () => {
	let cluster: EtcdCluster;
	before(async () => {
		cluster = await startEtcd({ members: 3 });
		await untilEtcdWrites(cluster);
	});
	afterEach(closeClients);
	after(() => cluster.stop());

	test("goes on with the others when the leader is killed: the record is kept, and the list has each change", async () => {
		const client = etcdClient(cluster.endpoints);
		const recorder = new ListRecorder();
		await client.publish(gateway);
		await cluster.json.put("/services/logic/a", record("10.0.0.1"));
		// One client begins at each member, so that one of them is at the leader.
		const subscriptions = cluster.endpoints.map((_, firstServer) => {
			const own = new ListRecorder();
			return { own, subscription: etcdClient(cluster.endpoints, { firstServer }).subscribe("logic", own) };
		});
		const subscription = client.subscribe("logic", recorder);
		await recorder.untilLast("10.0.0.1:9001");
		const leader = await cluster.leader();
		await cluster.kill(leader);
		await until(async () => await client.renew(gateway));
		await untilEtcdWrites(cluster);
		await cluster.json.put("/services/logic/b", record("10.0.0.2"));
		await recorder.untilLast("10.0.0.1:9001", "10.0.0.2:9001");
		for (const { own } of subscriptions) await own.untilLast("10.0.0.1:9001", "10.0.0.2:9001");
		assert.ok((await cluster.json.list("/services/gateway/")).has("/services/gateway/g1"));
		await Promise.all([subscription.close(), ...subscriptions.map((one) => one.subscription.close())]);
		await cluster.start(leader);
	});
});

describe("etcd with users", () => {
	let cluster: EtcdCluster;
	before(async () => {
		cluster = await startEtcd();
		await cluster.json.enableAuth([{ name: "gateway", password: "a good password" }], "/services/");
	});
	afterEach(closeClients);
	after(() => cluster.stop());

	test("works as a user, and gets another token when etcd has forgotten the one it gave", async () => {
		const user = { username: "gateway", password: "a good password" };
		const client = etcdClient(cluster.endpoints, user);
		const recorder = new ListRecorder();
		await client.publish(gateway);
		const subscription = client.subscribe("gateway", recorder);
		await recorder.untilLast("10.1.1.1:8080");
		// Tokens of the simple kind live in the memory of a member.
		await cluster.kill(0);
		await cluster.start(0);
		await until(async () => await client.renew(gateway));
		const other = etcdClient(cluster.endpoints, user);
		await other.publish({ ...gateway, id: "g2", host: "10.1.1.2" });
		await recorder.untilLast("10.1.1.1:8080", "10.1.1.2:8080");
		await subscription.close();
	});

	test("a wrong password, no user, and a key that the user may not write fail in words of etcd, without the password", async () => {
		const wrong = etcdClient(cluster.endpoints, { username: "gateway", password: "a wrong password" });
		await assert.rejects(
			() => wrong.publish(gateway),
			(error: Error) => /authentication failed/.test(error.message) && !error.message.includes("a wrong password"),
		);
		await assert.rejects(() => etcdClient(cluster.endpoints).lookup("gateway"), /user name is empty/);
		const user = { username: "gateway", password: "a good password" };
		await assert.rejects(
			() => etcdClient(cluster.endpoints, { ...user, prefix: "/other" }).publish(gateway),
			/permission denied/,
		);
	});
});

describe("etcd with TLS", () => {
	let cluster: EtcdCluster;
	let directory: string;
	before(async () => {
		directory = mkdtempSync(join(tmpdir(), "framegate-etcd-tls-"));
		cluster = await startEtcd({ tls: makeCertificates(directory) });
	});
	afterEach(closeClients);
	after(async () => {
		await cluster.stop();
		rmSync(directory, { recursive: true });
	});

	test("trusts the authority that is configured, for the name that is expected, and nobody else; and shows its certificate", async () => {
		const file = (name: string) => join(directory, name);
		const files = { caFile: file("ca.pem"), certFile: file("cert.pem"), keyFile: file("key.pem") };
		const endpoints = cluster.endpoints.map((endpoint) => `https://${endpoint}`);
		const named = etcdClient(endpoints, { tls: tlsFrom({ ...files, serverName: "localhost" }) });
		await named.publish(gateway);
		assert.equal((await named.lookup("gateway")).length, 1);
		const options = { timeoutMs: 2000 };
		for (const wrong of [
			files,
			{ ...files, caFile: undefined, serverName: "localhost" },
			// This etcd asks for a certificate of its clients.
			{ caFile: files.caFile, serverName: "localhost" },
		]) {
			const client = etcdClient(endpoints, { ...options, tls: tlsFrom(wrong) });
			await assert.rejects(() => client.lookup("gateway"), JSON.stringify(wrong));
		}
		await assert.rejects(() => etcdClient(cluster.endpoints, options).lookup("gateway"));
	});

	test("is believed with an authority that came while the gateway runs, and a broken file changes nothing", async () => {
		const caFile = join(directory, "renewed.pem");
		const certificates = makeCertificates(join(directory, "stranger"));
		copyFileSync(certificates.caFile, caFile);
		const own = { certFile: join(directory, "cert.pem"), keyFile: join(directory, "key.pem") };
		const files = new TlsFiles("discovery.etcd", { ...own, caFile });
		const endpoints = cluster.endpoints.map((endpoint) => `https://${endpoint}`);
		const client = etcdClient(endpoints, { timeoutMs: 2000, tls: tlsOf(files, "localhost") });
		await assert.rejects(() => client.lookup("gateway"));
		copyFileSync(join(directory, "ca.pem"), caFile);
		assert.equal(files.renew(), true);
		await until(() =>
			client.lookup("gateway").then(
				() => true,
				() => false,
			),
		);
		writeFileSync(caFile, "no certificate");
		assert.throws(() => files.renew(), /^Error: discovery\.etcd\.caFile: /);
		await cluster.kill(0);
		await cluster.start(0);
		await until(() =>
			client.lookup("gateway").then(
				() => true,
				() => false,
			),
		);
	});
});
