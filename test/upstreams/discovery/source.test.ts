// The source that upstreams get: one subscription for each service, the last good list through outages, figures for metrics.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { EndpointFeed, FeedListener, ListedEndpoint } from "../../../upstreams/discovery/discovery-client.ts";
import { EndpointRules } from "../../../upstreams/discovery/endpoint-rules.ts";
import { GuardedSource, MAX_SERVICES } from "../../../upstreams/discovery/guarded-source.ts";
import type { Endpoint } from "../../../upstreams/endpoint-source.ts";
import { handClock } from "../../support/hand-clock.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { until } from "../../support/until.ts";

class FeedFixture implements EndpointFeed {
	readonly listeners = new Map<string, FeedListener>();
	closed = 0;
	subscribe(service: string, listener: FeedListener) {
		this.listeners.set(service, listener);
		return {
			close: async () => {
				this.closed++;
				this.listeners.delete(service);
			},
		};
	}
	async lookup() {
		return [];
	}
	list(service: string, ...hosts: string[]): void {
		const listed = hosts.map((host): ListedEndpoint => ({ host, port: 80, weight: 1, metadata: {}, isUsable: true }));
		this.listeners.get(service)?.onList(listed);
	}
}

function open(holdMs = 60_000) {
	const feed = new FeedFixture();
	const clock = handClock();
	const logger = quietLogger();
	const rules = new EndpointRules({ allowedNetworks: [], maxEndpoints: 100 });
	const protection = { minShare: 0.5, holdMs };
	const source = new GuardedSource({ kind: "etcd", feed, rules, protection, clock, logger });
	const lists: string[][] = [];
	const listener = (endpoints: readonly Endpoint[]) => {
		lists.push(endpoints.map(({ host }) => host).sort());
	};
	return { feed, clock, logger, source, lists, listener };
}

describe("endpoints of a service", () => {
	test("are reported when they change, and to a further listener at once; one subscription for all", async () => {
		const { feed, source, lists, listener } = open();
		const first = source.watch("logic", listener);
		assert.deepEqual(lists, []);
		feed.list("logic", "a", "b");
		feed.list("logic", "b", "a");
		assert.deepEqual(lists, [["a", "b"]]);
		const second = source.watch("logic", listener);
		assert.deepEqual(lists, [
			["a", "b"],
			["a", "b"],
		]);
		assert.equal(feed.listeners.size, 1);
		await first.close();
		assert.equal(feed.closed, 0);
		await second.close();
		assert.equal(feed.closed, 1);
		await second.close();
		assert.equal(feed.closed, 1);
		assert.deepEqual(source.figures(), []);
	});

	test("stay in use through an outage, which is counted and logged once", () => {
		const { feed, source, lists, listener, clock, logger } = open();
		source.watch("logic", listener);
		feed.list("logic", "a", "b");
		feed.listeners.get("logic")?.onUnavailable(new Error("no route"));
		clock.advance(5000);
		feed.listeners.get("logic")?.onUnavailable(new Error("no route"));
		clock.advance(2000);
		assert.deepEqual(source.figures(), [{ service: "logic", endpoints: 2, withheld: 0, staleMs: 7000 }]);
		assert.deepEqual(lists, [["a", "b"]]);
		feed.list("logic", "a", "b");
		assert.equal(source.figures()[0]?.staleMs, 0);
		assert.deepEqual(
			logger.lines.map(({ level, message }) => [level, message]),
			[
				["warn", "the discovery server is unavailable; the last endpoints stay in use"],
				["info", "the discovery server is available"],
			],
		);
	});

	test("stay in use when the server lists none, until the time is over; each is logged", async () => {
		const { feed, source, lists, listener, clock, logger } = open(50);
		source.watch("logic", listener);
		feed.list("logic", "a", "b", "c");
		feed.list("logic");
		assert.deepEqual(lists, [["a", "b", "c"]]);
		assert.deepEqual(source.figures(), [{ service: "logic", endpoints: 3, withheld: 3, staleMs: 0 }]);
		clock.advance(50);
		await until(() => lists.length === 2);
		assert.deepEqual(lists.at(-1), []);
		assert.deepEqual(
			logger.lines.map(({ level }) => level),
			["warn", "info"],
		);
	});

	test("that must not be used are left out, counted, and logged once for the same ones", () => {
		const { feed, source, lists, listener, logger } = open();
		source.watch("logic", listener);
		feed.list("logic", "10.0.0.1", "169.254.169.254");
		feed.list("logic", "10.0.0.1", "10.0.0.2", "169.254.169.254");
		assert.deepEqual(lists, [["10.0.0.1"], ["10.0.0.1", "10.0.0.2"]]);
		assert.deepEqual(source.counts, { lists: 2, rejected: 2 });
		assert.equal(logger.lines.length, 1);
	});

	test("a server whose lists change all the time does not fill the log", () => {
		const { feed, source, listener, logger } = open();
		source.watch("logic", listener);
		for (let index = 0; index < 500; index++) feed.list("logic", "10.0.0.1", `169.254.${index % 256}.${index >> 8}`);
		for (let index = 0; index < 500; index++) feed.list("logic", ...(index % 2 === 0 ? [] : ["10.0.0.1", "10.0.0.2"]));
		assert.ok(logger.lines.length <= 20, `${logger.lines.length} lines`);
	});

	test("a name that no service has, and one service too many, are errors", () => {
		const { source, listener } = open();
		for (const name of ["", "a/b", "../x", "a b", "x".repeat(300)])
			assert.throws(() => source.watch(name, listener), name);
		for (let index = 0; index < MAX_SERVICES; index++) source.watch(`service-${index}`, listener);
		assert.throws(() => source.watch("one-more", listener), /more than 64/);
	});

	test("nothing is reported after the source is closed", async () => {
		const { feed, source, lists, listener } = open();
		source.watch("logic", listener);
		const kept = feed.listeners.get("logic");
		await source.close();
		kept?.onList([{ host: "a", port: 1, weight: 1, metadata: {}, isUsable: true }]);
		assert.deepEqual(lists, []);
	});
});
