// How the logic service of the examples is found: a key in etcd, an instance in Nacos, there again when they have forgotten it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { register } from "../../examples/im-logic/registration.ts";
import { startEtcd, untilEtcdWrites } from "../support/etcd-server.ts";
import { startNacosDouble } from "../support/nacos-double.ts";
import { until } from "../support/until.ts";

const SERVICE = { service: "im-logic", address: "127.0.0.1", etcdPrefix: "/services", etcd: [], nacos: [] };

describe("the logic service registers", { timeout: 120_000 }, () => {
	it("in etcd under a lease, again when its key is gone, and withdraws", async () => {
		const etcd = await startEtcd();
		try {
			await untilEtcdWrites(etcd);
			const dead = "127.0.0.1:1";
			const withdraw = register({ ...SERVICE, etcd: [dead, ...etcd.endpoints] }, 9001);
			const key = "/services/im-logic/127.0.0.1:9001";
			const entry = async () => (await etcd.json.list("/services/im-logic/")).get(key);
			await until(async () => (await entry()) !== undefined);
			const { address, port, name } = JSON.parse((await entry()) ?? "{}");
			assert.deepEqual([address, port, name], ["127.0.0.1", 9001, "im-logic"]);
			await etcd.json.delete(key);
			await until(async () => (await entry()) !== undefined);
			await withdraw();
			assert.equal(await entry(), undefined);
		} finally {
			await etcd.stop();
		}
	});

	it("in Nacos with beats, again when it is not known there, and withdraws", async () => {
		const nacos = await startNacosDouble();
		try {
			const withdraw = register({ ...SERVICE, nacos: [`127.0.0.1:${nacos.port}`] }, 9001);
			const isThere = () => nacos.seen("im-logic").some(({ ip, port }) => ip === "127.0.0.1" && port === 9001);
			await until(isThere);
			nacos.remove("im-logic", "127.0.0.1", 9001);
			await until(isThere);
			await withdraw();
			assert.ok(!isThere());
		} finally {
			await nacos.stop();
		}
	});
});
