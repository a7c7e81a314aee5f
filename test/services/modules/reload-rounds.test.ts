// Reloads of several hosts that agree: all switch or none, whatever one of them finds, and whichever is gone.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { defineModule, type ModuleDefinition } from "../../../module/index.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { unavailable } from "../../../protocol/error.ts";
import { MemoryCanaryBoard } from "../../../services/modules/canary-board-memory.ts";
import { MemoryReloadBarrier } from "../../../services/modules/reload-barrier-memory.ts";
import { ReloadRounds } from "../../../services/modules/reload-rounds.ts";
import { until } from "../../support/until.ts";
import { ModuleFixture, moduleSource } from "./module-fixture.ts";

const version = (number: number, more = "") => moduleSource({ run: `return { version: ${number} };`, more });
const REQUEST = { origin: "request" } as const;

describe("rounds of reloads", { timeout: 60_000 }, () => {
	let barrier: MemoryReloadBarrier;
	let board: MemoryCanaryBoard;
	let nodes: { readonly fixture: ModuleFixture; readonly rounds: ReloadRounds }[];

	/** @param definitions - modules of its program. */
	async function add(nodeId: string, definitions?: ReadonlyMap<string, ModuleDefinition>) {
		const fixture = new ModuleFixture({}, undefined, definitions);
		const rounds = new ReloadRounds({
			host: fixture.host,
			barrier,
			board,
			nodeId,
			timeoutMs: 2000,
			keptBundles: 3,
			announce: () => {
				for (const other of nodes) other.rounds.onAnnounced();
			},
			logger: fixture.logger({}),
			monotonic: () => performance.now(),
		});
		nodes.push({ fixture, rounds });
		await rounds.join();
	}

	beforeEach(async () => {
		barrier = new MemoryReloadBarrier(() => performance.now());
		board = new MemoryCanaryBoard(() => performance.now());
		nodes = [];
		for (const nodeId of ["a", "b", "c"]) await add(nodeId);
	});
	afterEach(async () => {
		for (const { fixture, rounds } of nodes) {
			await rounds.close();
			await fixture.close();
		}
	});

	const write = (text: string, which = nodes) => {
		for (const { fixture } of which) fixture.write("shop.ts", text);
	};
	const served = async () =>
		await Promise.all(
			nodes.map(async ({ fixture }) => ((await fixture.call("shop.get")) as { version: number }).version),
		);
	const [first, second] = [() => nodes[0] as (typeof nodes)[number], () => nodes[1] as (typeof nodes)[number]];

	it("switches all, and says so of each", async () => {
		write(version(1));
		const report = await first().rounds.reload(REQUEST);
		assert.deepEqual(
			report.loaded.map(({ module }) => module),
			["shop"],
		);
		assert.deepEqual(
			report.nodes.map(({ node, outcome, loaded }) => [node, outcome, loaded]),
			["a", "b", "c"].map((node) => [node, "switched", ["shop"]]),
		);
		assert.deepEqual(await served(), [1, 1, 1]);
		const again = await second().rounds.reload(REQUEST);
		assert.deepEqual(
			[again.unchanged, again.nodes.map(({ outcome }) => outcome)],
			[["shop"], ["kept", "kept", "kept"]],
		);
	});

	it("a process that cannot load keeps all on the old code, and modules apart from it switch", async () => {
		write(version(1));
		await first().rounds.reload(REQUEST);
		write(version(2));
		second().fixture.write("shop.ts", version(2, 'load() { throw new Error("not here"); },'));
		for (const { fixture } of nodes) fixture.write("cart.ts", moduleSource({ number: 7002 }));
		const report = await first().rounds.reload(REQUEST);
		assert.deepEqual(
			report.loaded.map(({ module }) => module),
			["cart"],
		);
		assert.match(report.problems[0]?.message ?? "", /^node b could not load it: not here/);
		assert.match(report.nodes[1]?.problems[0]?.message ?? "", /not here/);
		assert.deepEqual(await served(), [1, 1, 1]);
	});

	it("processes with different code stay, and so they do when it is gone on some", async () => {
		write(version(1));
		await first().rounds.reload(REQUEST);
		write(version(2), [first()]);
		const { loaded, problems } = await first().rounds.reload(REQUEST);
		assert.deepEqual(loaded, []);
		assert.match(problems[0]?.message ?? "", /different code of it \(a: [0-9a-f]{16}, b: [0-9a-f]{16}, c: /);
		assert.deepEqual(await served(), [1, 1, 1]);
		write(version(1));
		first().fixture.remove("shop.ts");
		assert.deepEqual((await second().rounds.reload(REQUEST)).removed, []);
		assert.deepEqual(await served(), [1, 1, 1]);
		for (const { fixture } of nodes.slice(1)) fixture.remove("shop.ts");
		assert.deepEqual((await second().rounds.reload(REQUEST)).removed, ["shop"]);
	});

	it("goes back everywhere, also where the earlier bundle is not kept", async () => {
		write(version(1));
		await first().rounds.reload(REQUEST);
		write(version(2));
		await first().rounds.reload({ ...REQUEST, by: "ann" });
		const late = new ModuleFixture();
		late.write("shop.ts", version(2));
		await late.reload();
		const rounds = new ReloadRounds({
			host: late.host,
			barrier,
			board,
			nodeId: "late",
			timeoutMs: 2000,
			keptBundles: 3,
			announce: () => {},
			logger: late.logger({}),
			monotonic: () => performance.now(),
		});
		await rounds.join();
		nodes.push({ fixture: late, rounds });
		const report = await first().rounds.rollback("shop", "", { origin: "rollback", by: "bob" });
		assert.deepEqual(
			report.nodes.map(({ outcome }) => outcome),
			["switched", "switched", "switched", "switched"],
		);
		assert.deepEqual(await served(), [1, 1, 1, 1]);
		const [status] = first().fixture.host.status();
		assert.deepEqual([status?.by, status?.kept[0]?.by, status?.kept[0]?.origin], ["bob", "ann", "request"]);
		assert.match(
			(await first().rounds.rollback("shop", "ffff", REQUEST)).problems[0]?.message ?? "",
			/no earlier bundle/,
		);
	});

	it("an opener that is gone switches nothing: the others decide so", async () => {
		write(version(1));
		await first().rounds.reload(REQUEST);
		write(version(2));
		await barrier.join("x/1", 100);
		assert.ok(await barrier.open("lost", "x/1", JSON.stringify({ kind: "reload", request: REQUEST }), 60_000));
		for (const { rounds } of nodes) rounds.onAnnounced();
		await until(async () => (await barrier.read("lost"))?.done.size === 3);
		assert.match((await barrier.last())?.decision ?? "", /the process that asked for it is gone/);
		assert.deepEqual(await served(), [1, 1, 1]);
	});

	it("a process that died is not waited for for long, and one that is silent keeps all", async () => {
		write(version(1));
		await barrier.join("dead/1", 50);
		const { nodes: outcomes } = await first().rounds.reload(REQUEST);
		assert.deepEqual(outcomes.find(({ node }) => node === "dead")?.outcome ?? "gone", "gone");
		assert.deepEqual(await served(), [1, 1, 1]);
		write(version(2));
		await barrier.join("silent/1", 60_000);
		const { problems } = await first().rounds.reload(REQUEST);
		assert.match(problems[0]?.message ?? "", /node silent did not answer in time/);
		assert.deepEqual(await served(), [1, 1, 1]);
	});

	it("when state cannot be handed over on one of them, the others go back", async () => {
		const counting = (step: number) =>
			moduleSource({
				top: `let sold = 0; const fails = () => (globalThis as { framegateFails?: string }).framegateFails;`,
				run: `return { version: ${step} };`,
				more: `exportState: () => ({ sold }), importState: () => { if (${step} === 2 && __dirname === fails()) throw new Error("not this"); },`,
			});
		write(counting(1));
		await first().rounds.reload(REQUEST);
		(globalThis as { framegateFails?: string }).framegateFails = second().fixture.dir;
		write(counting(2));
		const { nodes: outcomes } = await first().rounds.reload(REQUEST);
		assert.match(outcomes[1]?.problems[0]?.message ?? "", /could not be taken over: not this/);
		assert.deepEqual(await served(), [1, 1, 1]);
	});

	it("what is part of the program of one of them is no matter of the others", async () => {
		await add("d", new Map([["own", defineModule({})]]));
		write(version(1));
		const { loaded, problems } = await first().rounds.reload(REQUEST);
		assert.deepEqual([loaded.map(({ module }) => module), problems], [["shop"], []]);
		const names = nodes.map(({ fixture }) => fixture.served.map(({ name }) => name).sort());
		assert.deepEqual(names, [["shop"], ["shop"], ["shop"], ["own", "shop"]]);
		const again = await nodes[3]?.rounds.reload(REQUEST);
		assert.deepEqual([again?.problems, again?.unchanged], [[], ["own", "shop"]]);
	});

	it("a process that stops waits for none of the others, and switches nothing", async () => {
		const own = new MemoryReloadBarrier(() => performance.now());
		await own.join("silent/1", 600_000);
		const fixture = new ModuleFixture();
		const rounds = new ReloadRounds({
			...{ host: fixture.host, barrier: own, board, nodeId: "d", timeoutMs: 600_000, keptBundles: 3 },
			...{ announce: () => {}, logger: fixture.logger({}), monotonic: () => performance.now() },
		});
		fixture.write("shop.ts", version(1));
		await rounds.start();
		await rounds.join();
		fixture.write("shop.ts", version(2));
		const reloading = rounds.reload(REQUEST);
		await until(() => fixture.lines.some(({ message }) => message.startsWith("modules are prepared")));
		await rounds.close();
		await fixture.close();
		const { loaded, nodes: outcomes } = await reloading;
		assert.deepEqual(
			[loaded, outcomes.map(({ node, outcome }) => `${node} ${outcome}`).sort()],
			[[], ["d kept", "silent silent"]],
		);
	});

	it("one that missed a round does the same later", async () => {
		write(version(1));
		await first().rounds.reload(REQUEST);
		const { rounds, fixture } = second();
		await rounds.close();
		write(version(2));
		await first().rounds.reload(REQUEST);
		assert.deepEqual(await served(), [2, 1, 2]);
		const back = new ReloadRounds({
			host: fixture.host,
			barrier,
			board,
			nodeId: "b",
			timeoutMs: 2000,
			keptBundles: 3,
			announce: () => {},
			logger: fixture.logger({}),
			monotonic: () => performance.now(),
		});
		nodes[1] = { fixture, rounds: back };
		// As after a cut: it was there before, and knows an earlier round.
		(back as unknown as { isJoined: boolean }).isJoined = true;
		back.onAnnounced();
		await until(async () => (await served()).join() === "2,2,2");
	});

	it("without the store nothing is loaded, and the caller may repeat", async () => {
		write(version(1));
		await first().rounds.reload(REQUEST);
		write(version(2));
		barrier.open = () => Promise.reject(unavailable("Redis", 1000));
		await assert.rejects(first().rounds.reload(REQUEST), { code: ErrorCode.UNAVAILABLE });
		assert.deepEqual(await served(), [1, 1, 1]);
	});
});
