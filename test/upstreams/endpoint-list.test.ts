// What a source may and may not do to the endpoints in use.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allowedNetworks } from "../../upstreams/allowed-networks.ts";
import { EndpointList } from "../../upstreams/endpoint-list.ts";
import type { Endpoint } from "../../upstreams/endpoint-source.ts";
import { DnsEndpoints } from "../../upstreams/endpoint-source-dns.ts";
import { isAddress, parseAddress } from "../../upstreams/endpoint-source-static.ts";
import { deferred } from "../support/deferred.ts";
import { endpoint } from "./scripted-endpoints.ts";

function list(isAllowed: (endpoint: Endpoint) => boolean = () => true) {
	let used: string[] = [];
	const problems: string[] = [];
	const made = new EndpointList({
		isAllowed,
		maxEndpoints: 8,
		protectedShare: 0.5,
		holdMs: 60_000,
		onChange: (endpoints) => {
			used = [...endpoints.keys()];
		},
		onProblem: (problem) => problems.push(problem),
	});
	const update = (count: number, nowMs = 0) => {
		made.update(
			Array.from({ length: count }, (_, index) => endpoint(`10.0.0.${index + 1}:50051`)),
			nowMs,
		);
	};
	return { list: made, problems, update, used: () => used };
}

describe("endpoint list", () => {
	it("keeps all endpoints when the source names none, until it names some", () => {
		const { list: made, update, used, problems } = list();
		update(4);
		update(0);
		assert.equal(used().length, 4);
		assert.equal(made.protectedCount, 4);
		made.tick(1_000_000_000);
		assert.equal(used().length, 4);
		assert.equal(problems.length, 1);
		update(3);
		assert.deepEqual([used().length, made.protectedCount], [3, 0]);
	});

	it("takes out half of them at once, and more than half after a minute", () => {
		const { list: made, update, used } = list();
		update(4);
		update(2);
		assert.equal(used().length, 2);
		update(4);
		update(1, 1000);
		assert.deepEqual([used().length, made.protectedCount], [4, 3]);
		// Said again and again, it is still the minute since the first time.
		update(1, 50_000);
		made.tick(60_999);
		assert.equal(used().length, 4);
		made.tick(61_000);
		assert.deepEqual([used().length, made.protectedCount], [1, 0]);
	});

	it("uses new endpoints of a short list at once", () => {
		const { list: made, used } = list();
		made.update(
			[1, 2, 3, 4].map((index) => endpoint(`10.0.0.${index}:1`)),
			0,
		);
		made.update([endpoint("10.0.9.9:1")], 0);
		assert.deepEqual(used(), ["10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1", "10.0.9.9:1"]);
	});

	it("leaves out what has no weight, what is not allowed and what is too much", () => {
		const { list: made, used, problems } = list(({ host }) => host !== "10.0.0.2");
		made.update([endpoint("10.0.0.1:1", 0), endpoint("10.0.0.2:1"), endpoint("10.0.0.3:1")], 0);
		assert.deepEqual(used(), ["10.0.0.3:1"]);
		assert.equal(made.refusedCount, 1);
		made.update(
			Array.from({ length: 20 }, (_, index) => endpoint(`10.0.1.${index}:1`)),
			0,
		);
		assert.equal(used().length, 8);
		assert.equal(problems.length, 2);
	});
});

describe("allowed networks", () => {
	const may = (networks: string[], host: string, names = false) =>
		allowedNetworks(networks, names)(endpoint(`${host}:80`));

	it("never has link-local, multicast and unspecified addresses", () => {
		for (const host of [
			"169.254.169.254",
			"0.0.0.0",
			"224.0.0.1",
			"255.255.255.255",
			"[fe80::1]",
			"[::]",
			"[fd00:ec2::254]",
		]) {
			assert.equal(may([], host, true), false, host);
			assert.equal(may(["0.0.0.0/0", "::/0"], host, true), false, host);
		}
		// An IPv4 address within IPv6 is what it is.
		assert.equal(may([], "[::ffff:169.254.169.254]"), false);
	});

	it("has addresses of the networks that are given, and names only where they are allowed", () => {
		assert.equal(may(["10.1.0.0/16", "192.168.7.7"], "10.1.200.3"), true);
		assert.equal(may(["10.1.0.0/16", "192.168.7.7"], "192.168.7.7"), true);
		assert.equal(may(["10.1.0.0/16"], "10.2.0.1"), false);
		assert.equal(may(["fd12::/32"], "[fd12::5]"), true);
		assert.equal(may([], "orders.internal", true), true);
		assert.equal(may([], "orders.internal", false), false);
	});
});

describe("addresses", () => {
	it("are host and port, with IPv6 in brackets", () => {
		assert.deepEqual(parseAddress("[::1]:50051"), { host: "::1", port: 50_051 });
		assert.deepEqual(parseAddress("orders:1"), { host: "orders", port: 1 });
		for (const text of ["orders", "orders:0", "orders:65536", "::1:50051", "http://orders:1", "orders:1/x", ":1"]) {
			assert.equal(isAddress(text), false, text);
			assert.throws(() => parseAddress(text), /is not host:port/);
		}
	});
});

describe("endpoints by DNS", () => {
	it("reports addresses when they change, and not when they come in another order or not at all", async () => {
		const answers: (readonly string[] | Error)[] = [
			["10.0.0.2", "10.0.0.1"],
			["10.0.0.1", "10.0.0.2"],
			new Error("no"),
			["10.0.0.1"],
		];
		const asked = deferred<void>();
		const lists: string[][] = [];
		const errors: string[] = [];
		const source = new DnsEndpoints({
			intervalMs: 1,
			onError: (name) => errors.push(name),
			resolver: {
				addresses: async () => {
					const answer = answers.shift();
					if (answer === undefined) asked.resolve();
					if (answer instanceof Error) throw answer;
					return answer ?? ["10.0.0.1"];
				},
				services: async () => [],
			},
		});
		const watch = source.watch("orders:50051", (endpoints) => lists.push(endpoints.map(({ host }) => host)));
		await asked.promise;
		await watch.close();
		assert.deepEqual(lists, [["10.0.0.1", "10.0.0.2"], ["10.0.0.1"]]);
		assert.deepEqual(errors, ["orders:50051"]);
	});

	it("takes the SRV records of the best priority, with their weights", async () => {
		const got = deferred<readonly Endpoint[]>();
		const source = new DnsEndpoints({
			intervalMs: 60_000,
			onError: (_name, error) => got.reject(error),
			resolver: {
				addresses: async () => [],
				services: async () => [
					{ name: "b.internal", port: 2, weight: 0, priority: 10 },
					{ name: "c.internal", port: 3, weight: 5, priority: 20 },
					{ name: "a.internal", port: 1, weight: 3, priority: 10 },
				],
			},
		});
		const watch = source.watch("_grpc._tcp.orders.internal", got.resolve);
		const endpoints = (await got.promise).map(({ host, port, weight }) => [host, port, weight]);
		assert.deepEqual(endpoints, [
			["a.internal", 1, 3],
			["b.internal", 2, 1],
		]);
		await watch.close();
	});
});
