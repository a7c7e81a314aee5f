// Lists that shrink too much at once are held back; endpoints that no service can have are left out.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { ListedEndpoint } from "../../../upstreams/discovery/discovery-client.ts";
import { EndpointGuard } from "../../../upstreams/discovery/endpoint-guard.ts";
import { EndpointRules } from "../../../upstreams/discovery/endpoint-rules.ts";
import type { Endpoint } from "../../../upstreams/endpoint-source.ts";

const endpoint = (host: string, port = 80): Endpoint => ({ host, port, weight: 1, metadata: {} });
const list = (...hosts: string[]): Endpoint[] => hosts.map((host) => endpoint(host));
const hosts = (endpoints: readonly Endpoint[]): string[] => endpoints.map(({ host }) => host).sort();

describe("the guard of a list", () => {
	const options = { minShare: 0.5, holdMs: 1000 };

	test("takes what grows, and what shrinks by no more than the share", () => {
		const guard = new EndpointGuard(options);
		assert.deepEqual(hosts(guard.onList(list("a"), 0).endpoints), ["a"]);
		assert.deepEqual(hosts(guard.onList(list("a", "b", "c", "d"), 1).endpoints), ["a", "b", "c", "d"]);
		const decision = guard.onList(list("a", "b"), 2);
		assert.deepEqual(hosts(decision.endpoints), ["a", "b"]);
		assert.equal(decision.untilMs, undefined);
	});

	test("keeps all of them beside an empty list, until the time is over", () => {
		const guard = new EndpointGuard(options);
		guard.onList(list("a", "b"), 0);
		assert.deepEqual(guard.onList([], 100), { endpoints: list("a", "b"), withheld: 2, untilMs: 1100 });
		// A further empty list does not begin another term.
		assert.equal(guard.onList([], 900).untilMs, 1100);
		assert.deepEqual(guard.expire(), { endpoints: [], withheld: 0, untilMs: undefined });
	});

	test("uses what is listed beside what is held back, and drops the rest as soon as the list is whole again", () => {
		const guard = new EndpointGuard(options);
		guard.onList(list("a", "b", "c", "d"), 0);
		const held = guard.onList(list("e"), 100);
		assert.deepEqual(hosts(held.endpoints), ["a", "b", "c", "d", "e"]);
		assert.equal(held.withheld, 4);
		const whole = guard.onList(list("a", "b", "e"), 200);
		assert.deepEqual(hosts(whole.endpoints), ["a", "b", "e"]);
		assert.equal(whole.withheld, 0);
	});

	test("keeps what was in use before, and not what came and went meanwhile, whatever the number of lists", () => {
		const guard = new EndpointGuard(options);
		const first = Array.from({ length: 10 }, (_, index) => `first-${index}`);
		guard.onList(list(...first), 0);
		for (let index = 0; index < 900; index++) guard.onList(list(`later-${index}`), index);
		assert.deepEqual(hosts(guard.onList(list("last"), 950).endpoints), [...first, "last"].sort());
	});

	test("takes every list where the share is 0", () => {
		const guard = new EndpointGuard({ minShare: 0, holdMs: 1000 });
		guard.onList(list("a", "b"), 0);
		assert.deepEqual(guard.onList([], 1).endpoints, []);
	});

	test("whatever is listed: what is listed is always in use, and what was in use never vanishes beyond the share at once", () => {
		const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"));
		fc.assert(
			fc.property(fc.array(names, { maxLength: 20 }), (lists) => {
				const guard = new EndpointGuard(options);
				let used: readonly Endpoint[] = [];
				for (const [index, listed] of lists.entries()) {
					const { endpoints, withheld } = guard.onList(list(...listed), index);
					for (const host of listed) assert.ok(endpoints.some((one) => one.host === host));
					assert.ok(endpoints.length >= used.length * options.minShare);
					assert.equal(endpoints.length, listed.length + withheld);
					used = endpoints;
				}
			}),
		);
	});
});

describe("the rules for endpoints", () => {
	const listed = (host: string, changes: Partial<ListedEndpoint> = {}): ListedEndpoint => {
		return { ...endpoint(host), isUsable: true, ...changes };
	};
	const accepts = (rules: EndpointRules, host: string): boolean => rules.usable([listed(host)]).endpoints.length === 1;

	test("leave out addresses that no service has: of cloud metadata, of groups, of any", () => {
		const rules = new EndpointRules({ allowedNetworks: [], maxEndpoints: 10 });
		const never = ["169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "fe80::1", "ff02::1"];
		for (const host of [...never, "::ffff:169.254.169.254", "fd00:ec2::254"])
			assert.equal(accepts(rules, host), false, host);
		for (const host of ["100.100.100.200", "168.63.129.16", "192.0.0.192", "fd20:ce::254", "64:ff9b::a9fe:a9fe"])
			assert.equal(accepts(rules, host), false, host);
		for (const host of [
			"10.0.0.1",
			"127.0.0.1",
			"192.168.1.1",
			"8.8.8.8",
			"2001:db8::1",
			"::1",
			"logic",
			"logic.prod.svc",
		]) {
			assert.equal(accepts(rules, host), true, host);
		}
	});

	test("leave out what is no host, and spellings of addresses that a resolver might read as one", () => {
		const rules = new EndpointRules({ allowedNetworks: [], maxEndpoints: 10 });
		const bad = [
			"",
			"a b",
			"a/b",
			"user@host",
			"host:80",
			"[::1]",
			"2852039166",
			"0xa9fea9fe",
			"169.254.43518",
			"a..b",
			"-a",
			"x".repeat(300),
		];
		for (const host of bad) assert.equal(accepts(rules, host), false, host);
	});

	test("hold addresses to the networks that are allowed, and take no names then", () => {
		const rules = new EndpointRules({ allowedNetworks: ["10.1.0.0/16", "192.168.7.7", "fd12::/16"], maxEndpoints: 10 });
		for (const host of ["10.1.2.3", "192.168.7.7", "fd12::5"]) assert.equal(accepts(rules, host), true, host);
		for (const host of ["10.2.0.1", "192.168.7.8", "127.0.0.1", "fd13::1", "logic"])
			assert.equal(accepts(rules, host), false, host);
		assert.throws(
			() => new EndpointRules({ allowedNetworks: ["logic"], maxEndpoints: 1 }),
			/no IP address or CIDR range/,
		);
	});

	test("leave out what is not usable, malformed or too many, and say so", () => {
		const rules = new EndpointRules({ allowedNetworks: [], maxEndpoints: 2 });
		const { endpoints, rejected, reasons } = rules.usable([
			listed("10.0.0.1", { port: 0 }),
			listed("10.0.0.2", { port: 70_000 }),
			listed("10.0.0.3", { weight: Number.NaN }),
			listed("10.0.0.4", { isUsable: false }),
			listed("10.0.0.5"),
			listed("10.0.0.5", { weight: 3 }),
			listed("10.0.0.6"),
			listed("10.0.0.7"),
		]);
		assert.deepEqual(
			endpoints.map(({ host, weight }) => [host, weight]),
			[
				["10.0.0.5", 3],
				["10.0.0.6", 1],
			],
		);
		assert.equal(rejected, 4);
		assert.match(reasons.at(-1) ?? "", /more than 2/);
	});

	test("count what they leave out of a list of a hundred thousand, and say why of a few", () => {
		const rules = new EndpointRules({ allowedNetworks: [], maxEndpoints: 1000 });
		const bad = Array.from({ length: 100_000 }, (_, index) => listed(`${index}!${"x".repeat(500)}`));
		const { endpoints, rejected, reasons } = rules.usable([...bad, listed("10.0.0.1")]);
		assert.deepEqual([hosts(endpoints), rejected, reasons.length], [["10.0.0.1"], 100_000, 5]);
		assert.ok(reasons.every((reason) => reason.length < 120));
	});
});
