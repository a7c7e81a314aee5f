// A generation for a share of users: who gets it, what it shares with the one beside it, how it ends, and what becomes of it when processes
// come, go, and fail.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { unavailable } from "../../../protocol/error.ts";
import type { ReloadReport } from "../../../services/modules/reload-report.ts";
import { until } from "../../support/until.ts";
import { CanaryCluster, type CanaryNode, TRIAL, user } from "./canary-fixture.ts";
import { moduleSource } from "./module-fixture.ts";

const REQUEST = { origin: "request", by: "ann" } as const;
const HALF = { share: 0.5, calls: 0, durationMs: 0 };
const USERS = Array.from({ length: 40 }, (_, index) => `user-${index}`);
const version = (number: number, more = "", first = "") =>
	moduleSource({ run: `${first} return { version: ${number} };`, more });

describe("canaries", { timeout: 60_000 }, () => {
	let cluster: CanaryCluster;
	let one: CanaryNode;
	let other: CanaryNode;

	beforeEach(async () => {
		cluster = new CanaryCluster();
		[one, other] = [cluster.add("one"), cluster.add("other")];
		cluster.write("shop.ts", version(1));
		for (const { rounds } of cluster.nodes) {
			await rounds.start();
			await rounds.join();
		}
	});
	afterEach(() => cluster.close());

	const versionOf = async ({ fixture }: CanaryNode, caller = user("nobody")): Promise<number> =>
		((await fixture.call("shop.get", {}, caller)) as { version: number }).version;
	const versions = async (node: CanaryNode) =>
		await Promise.all(USERS.map(async (id) => await versionOf(node, user(id))));
	const begin = async (text: string, wish = HALF): Promise<ReloadReport> => {
		cluster.write("shop.ts", text);
		return await one.rounds.canary("shop", wish, REQUEST);
	};
	const takes = (id: string) => one.fixture.host.canaries.of("shop")?.takes(user(id)) === true;
	const problemOf = ({ problems }: ReloadReport) => problems[0]?.message ?? "";
	const isAll = async (number: number) =>
		(await Promise.all(cluster.nodes.map(versions))).flat().every((found) => found === number);

	it("answers a share of users, the same on every process, and no one else", async () => {
		const report = await begin(version(2));
		assert.deepEqual(report.problems, []);
		assert.deepEqual(
			report.loaded.map(({ module, generation, share }) => [module, generation, share]),
			[["shop", 2, 0.5]],
		);
		const [here, there] = [await versions(one), await versions(other)];
		assert.deepEqual(here, there);
		assert.deepEqual(await versions(one), here);
		const taken = here.filter((found) => found === 2).length;
		assert.ok(taken > 8 && taken < 32, String(here));
		const member = USERS.find(takes) ?? "";
		assert.equal(await versionOf(one, { identity: undefined, ip: "", traceId: "" }), 1, "who is not logged in");
		const key = { id: "", name: "" } as never;
		assert.equal(await versionOf(one, user(member, { key })), 1, "an API key");
		const [status] = one.fixture.host.status();
		assert.deepEqual(
			[status?.generation, status?.canary?.generation, status?.canary?.by, status?.canary?.canary.calls],
			[1, 2, "ann", 2 * taken],
		);
	});

	it("is promoted by hand, on all processes, with the state of the one beside it; its periodic work begins then", async () => {
		const counting = (step: number) =>
			moduleSource({
				top: "let count = 0; let ticks = 0;",
				output: "version: z.number(), count: z.number(), ticks: z.number()",
				run: `count++; return { version: ${step}, count, ticks };`,
				more: "load: (context) => { context.every(10, () => { ticks++; }); }, exportState: () => ({ count }), importState: (state) => { count = state.count; },",
			});
		cluster.write("shop.ts", counting(1));
		assert.deepEqual((await one.rounds.reload({ ...REQUEST, acceptContractChanges: true })).problems, []);
		const call = async (id: string) =>
			(await one.fixture.call("shop.get", {}, user(id))) as { version: number; count: number; ticks: number };
		await call("a");
		assert.deepEqual((await begin(counting(2))).problems, []);
		const [member = "", outsider = ""] = [USERS.find(takes), USERS.find((id) => !takes(id))];
		await until(async () => (await call(outsider)).ticks > 1);
		const { version: found, count, ticks } = await call(member);
		assert.deepEqual([found, count, ticks], [2, 2, 0], "it began with a copy of the state, and does no periodic work");
		const before = (await call(outsider)).count;
		const report = await other.rounds.promote("shop", REQUEST);
		assert.deepEqual(report.problems, []);
		assert.deepEqual(
			report.nodes.map(({ outcome }) => outcome),
			["switched", "switched"],
		);
		const after = await call(outsider);
		assert.deepEqual([after.version, after.count], [2, before + 1]);
		await until(async () => (await call(outsider)).ticks > 0);
		assert.deepEqual((await one.rounds.reload(REQUEST)).unchanged, ["shop"]);
		assert.deepEqual((await one.rounds.rollback("shop", "", REQUEST)).problems, []);
		assert.equal((await call(outsider)).version, 1);
	});

	it("goes back by hand, and unchanged files do not bring it back", async () => {
		await begin(version(2));
		const report = await other.rounds.rollback("shop", "", { origin: "rollback", by: "bob" });
		assert.deepEqual(report.problems, []);
		assert.ok(await isAll(1));
		assert.deepEqual((await one.rounds.reload(REQUEST)).unchanged, ["shop"]);
		assert.ok(await isAll(1));
		assert.deepEqual((await begin(version(2))).problems, [], "it may be tried again");
	});

	it("goes back by itself when its calls fail, everywhere, and the other users see none of it", async () => {
		await begin(version(2, "", 'if (true) throw new Error("worse");'));
		const [members, others] = [USERS.filter(takes), USERS.filter((id) => !takes(id))];
		const failed: string[] = [];
		for (let index = 0; index < 400 && one.fixture.host.canaries.of("shop") !== undefined; index++) {
			const id = members[index % members.length] ?? "";
			await versionOf(one, user(id)).catch(() => failed.push(id));
			assert.equal(await versionOf(one, user(others[index % others.length] ?? "")), 1);
		}
		assert.equal(failed.length, TRIAL.minCalls);
		await until(() => other.fixture.host.canaries.of("shop") === undefined);
		assert.ok(await isAll(1));
		const line = one.fixture.lines.find(({ message }) => message === "a canary is withdrawn");
		assert.deepEqual(
			[line?.["generation"], line?.["beside"], line?.["reason"]],
			[2, 1, "100.0 % of 10 calls failed, beside it were 0.0 %"],
		);
	});

	it("is judged by the sum of all processes", async () => {
		await begin(version(2, "", 'throw new Error("worse");'));
		const [member = ""] = USERS.filter(takes);
		for (const node of [one, other]) {
			for (let index = 0; index < 6; index++) await versionOf(node, user(member)).catch(() => {});
		}
		assert.notEqual(one.fixture.host.canaries.of("shop"), undefined, "six calls on each say nothing");
		await until(async () => {
			cluster.announce();
			return cluster.nodes.every(({ fixture }) => fixture.host.canaries.of("shop") === undefined);
		});
		assert.ok(await isAll(1));
	});

	it("is promoted by itself after enough calls on all processes, once", async () => {
		await begin(version(2), { ...HALF, calls: 20 });
		const [member = ""] = USERS.filter(takes);
		for (const node of [one, other]) for (let index = 0; index < 10; index++) await versionOf(node, user(member));
		await until(async () => {
			cluster.announce();
			return await isAll(2);
		});
		const generations = cluster.nodes.map(({ fixture }) => fixture.host.generations[0]?.parts.number);
		assert.deepEqual(generations, [2, 2]);
	});

	it("when its time is over it serves all, or goes back when it had too few calls", async () => {
		await begin(version(2), { ...HALF, durationMs: 1 });
		await until(async () => {
			cluster.announce();
			return cluster.nodes.every(({ fixture }) => fixture.host.canaries.of("shop") === undefined);
		});
		assert.ok(await isAll(1));
		assert.ok(
			one.fixture.lines.concat(other.fixture.lines).some(({ reason }) => /it had \d calls in/.test(String(reason))),
		);
	});

	it("is refused when its routes, pushes or hooks differ, with what differs; all stay as they are", async () => {
		const changes = {
			"get: number 7001 became 7002": moduleSource({ number: 7002 }),
			"when it goes back, get: input.size is gone": moduleSource({ input: "size: z.string().optional()" }),
			"get: output.version is gone": moduleSource({ output: "other: z.number()" }),
			"get: permission is public instead of session": moduleSource({ options: 'permission: "public",' }),
			"get: cost is 2 instead of 1": moduleSource({ options: "cost: 2," }),
			'get: rest is \\["GET /api/v1/x"\\] instead of \\[\\]': moduleSource({
				options: 'rest: { method: "GET", path: "/api/v1/x" },',
			}),
			"pushes are shop.sold \\(7501\\) instead of none": moduleSource({
				more: "pushes: { sold: definePush({ number: 7501, body: z.object({}) }) },",
			}),
			"hooks are login \\(order 0, refuse\\) instead of none": moduleSource({ more: "hooks: { login: () => {} }," }),
			"more \\(7009\\) is new": version(1).replace(
				"functions: {",
				"functions: { more: defineFunction({ number: 7009, input: z.object({}), output: z.object({}), run: () => ({}) }),",
			),
		};
		for (const [text, source] of Object.entries(changes)) {
			const report = await begin(source);
			assert.deepEqual(report.loaded, []);
			assert.match(problemOf(report), new RegExp(`called in the same way as the generation beside it .*: .*${text}`));
			assert.equal(cluster.nodes.filter(({ fixture }) => fixture.host.canaries.of("shop")).length, 0);
		}
		assert.ok(await isAll(1));
		const limits = moduleSource({ options: "timeoutMs: 5," });
		assert.deepEqual((await begin(limits)).problems, [], "what is not on the wire may differ");
	});

	it("begins on all or on none", async () => {
		cluster.write("shop.ts", version(2));
		other.fixture.write("shop.ts", version(2, 'load() { throw new Error("not here"); },'));
		const report = await one.rounds.canary("shop", HALF, REQUEST);
		assert.match(problemOf(report), /node other could not load it: not here/);
		assert.equal(one.fixture.host.canaries.of("shop"), undefined);
		other.fixture.write("shop.ts", version(3));
		assert.match(problemOf(await one.rounds.canary("shop", HALF, REQUEST)), /different code of it/);
		assert.match(problemOf(await one.rounds.canary("cart", HALF, REQUEST)), /no generation of it serves/);
		cluster.write("shop.ts", version(1));
		assert.match(problemOf(await one.rounds.canary("shop", HALF, REQUEST)), /its files are those that serve/);
		assert.match(problemOf(await one.rounds.promote("shop", REQUEST)), /no canary of it/);
	});

	it("meanwhile a reload leaves its module as it is, and says so when its files have changed again", async () => {
		await begin(version(2));
		assert.deepEqual((await one.rounds.reload(REQUEST)).unchanged, ["shop"]);
		assert.match(problemOf(await begin(version(3))), /a canary of it is on trial/);
		assert.match(problemOf(await one.rounds.reload(REQUEST)), /a canary of it is on trial/);
		for (const { fixture } of cluster.nodes) fixture.remove("shop.ts");
		assert.deepEqual((await one.rounds.reload(REQUEST)).removed, ["shop"]);
		for (const { fixture } of cluster.nodes) {
			assert.deepEqual([fixture.served, fixture.host.canaries.isEmpty], [[], true]);
		}
	});

	it("a process that starts meanwhile serves both, though its files are those of the canary", async () => {
		await begin(version(2));
		const late = cluster.add("late");
		cluster.write("shop.ts", version(2));
		await late.rounds.start();
		await late.rounds.join();
		assert.deepEqual(await versions(late), await versions(one));
		assert.deepEqual((await one.rounds.promote("shop", REQUEST)).problems, []);
		assert.ok(await isAll(2));
	});

	it("a process that starts after it went back does not serve its code either", async () => {
		await begin(version(2));
		await one.rounds.rollback("shop", "", { origin: "rollback" });
		const late = cluster.add("late");
		cluster.write("shop.ts", version(2));
		await late.rounds.start();
		assert.equal(await versionOf(late), 1);
		cluster.write("shop.ts", version(3));
		await late.rounds.join();
		await one.rounds.reload(REQUEST);
		assert.ok(await isAll(3));
	});

	it("a process that misses the end does the same later; one that cannot say so goes back by itself", async () => {
		await begin(version(2));
		const { end } = cluster.board;
		cluster.board.end = () => Promise.reject(unavailable("Redis", 1000));
		await one.rounds.canaries.withdraw(one.fixture.host.canaries.of("shop") as never, "worse");
		assert.equal(one.fixture.host.canaries.of("shop"), undefined);
		assert.notEqual(other.fixture.host.canaries.of("shop"), undefined);
		cluster.board.end = end;
		await until(() => {
			cluster.announce();
			return other.fixture.host.canaries.of("shop") === undefined;
		});
		assert.ok(await isAll(1));
	});

	it("the first word about its end stands: one that is withdrawn while it is promoted is withdrawn on all", async () => {
		await begin(version(2));
		const { id } = one.fixture.host.canaries.of("shop")?.parts.plan ?? { id: "" };
		await cluster.board.end(id, "shop", "withdrawn", "");
		const report = await one.rounds.promote("shop", REQUEST);
		assert.deepEqual(report.loaded, []);
		await until(() => {
			cluster.announce();
			return cluster.nodes.every(({ fixture }) => fixture.host.canaries.of("shop") === undefined);
		});
		assert.ok(await isAll(1));
	});

	it("hooks run on the generation of the user whose event it is", async () => {
		const hooked = (number: number) =>
			moduleSource({
				more: `hooks: { login: ({ user }) => { throw new CallError("CONFLICT", "${number} " + user.id); } },`,
			});
		cluster.write("shop.ts", hooked(1));
		await one.rounds.reload(REQUEST);
		await begin(hooked(2));
		const messageFor = async (userId: string) => {
			const event = { userId, username: "", roles: [], sessionId: "", deviceId: "", deviceName: "", ip: "" };
			return await one.fixture.hooks.login?.(event).then(
				() => "",
				(error: Error) => error.message,
			);
		};
		for (const id of USERS) assert.equal(await messageFor(id), `${takes(id) ? 2 : 1} ${id}`);
	});
});

describe("a canary in threads", { timeout: 120_000 }, () => {
	it("answers its share, is promoted with the state of the others, and its thread outlives neither", async () => {
		const isolated = { threads: 1, maxHeapMb: 64, stallMs: 60_000, maxCalls: 100, access: [] };
		const cluster = new CanaryCluster({ isolated: { shop: isolated } });
		const { fixture, rounds } = cluster.add("one");
		try {
			const source = (number: number) =>
				moduleSource({
					top: "let count = 0;",
					run: `count++; return { version: ${number} * 1000 + count };`,
					more: "exportState: () => count, importState: (state) => { count = state; },",
				});
			fixture.write("shop.ts", source(1));
			await rounds.start();
			await rounds.join();
			fixture.write("shop.ts", source(2));
			assert.deepEqual((await rounds.canary("shop", HALF, REQUEST)).problems, []);
			const canary = fixture.host.canaries.of("shop");
			const member = USERS.find((id) => canary?.takes(user(id))) ?? "";
			const outsider = USERS.find((id) => !canary?.takes(user(id))) ?? "";
			const call = (id: string) => fixture.call("shop.get", {}, user(id)) as Promise<{ version: number }>;
			assert.deepEqual([await call(member), await call(outsider)], [{ version: 2001 }, { version: 1001 }]);
			await call(outsider);
			assert.deepEqual((await rounds.promote("shop", REQUEST)).problems, []);
			assert.deepEqual(await call(outsider), { version: 2003 });
			assert.deepEqual(await call(member), { version: 2004 });
		} finally {
			await cluster.close();
		}
	});
});
