// What the scenarios of hostile clients are made of: their names, their measure, and the process that attacks.
import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { AttackerProcess } from "../../../bench/prove/hostile/attacker-process.ts";
import { attacks } from "../../../bench/prove/hostile/attacks/index.ts";
import { dialects, heavy, LONGEST_BYTES, login } from "../../../bench/prove/hostile/frames.ts";
import { Samples } from "../../../bench/prove/hostile/samples-in-time.ts";
import { scenarios } from "../../../bench/prove/scenarios/index.ts";
import { page } from "../../docs/markdown.ts";

test("every scenario has a name of its own, and every attack runs on both profiles", () => {
	const names = scenarios.map(({ name }) => name);
	assert.equal(new Set(names).size, names.length);
	for (const { name } of attacks) {
		assert.ok(names.includes(`${name}-box`) && names.includes(`${name}-cluster`), name);
	}
});

test("the short form has some of every kind of hostility", () => {
	const short = scenarios.filter(({ isLongOnly }) => isLongOnly !== true).map(({ name }) => name);
	for (const kind of [/^login-frames/, /^pings/, /^fragments/, /^subscriptions/, /^history/, /^box-/]) {
		assert.ok(
			short.some((name) => kind.test(name)),
			String(kind),
		);
	}
});

test("the bench's page has every scenario, and no other", () => {
	const readme = page("bench/README.md");
	const proof = readme.slice(readme.indexOf("# Proof"));
	const listed = [...proof.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = ""]) => {
		return [...cell.matchAll(/`([a-z-]+)(…?)`/g)].flatMap(([, name = "", more]) => {
			return more === "" ? [name] : [`${name}box`, `${name}cluster`];
		});
	});
	assert.deepEqual(listed.toSorted(), scenarios.map(({ name }) => name).toSorted());
});

test("frames of attackers are as long as is taken, and no longer", () => {
	for (const dialect of dialects) {
		const { length } = heavy(dialect);
		assert.ok(length > LONGEST_BYTES - 500 && length < 65_536, `${dialect}: ${length}`);
		assert.notDeepEqual(login(dialect, "a"), login(dialect, "b"));
	}
});

test("the p99 is of what was begun within the time asked for", () => {
	const samples = new Samples();
	const nowMs = performance.now();
	for (let index = 0; index < 100; index++) samples.add(nowMs - index);
	assert.equal(samples.count(nowMs - 50), 51);
	assert.equal(samples.p99(nowMs + 1), 0);
	const p99Ms = samples.p99(nowMs - 1000);
	assert.ok(p99Ms >= 98 && p99Ms - samples.p99(nowMs - 10) >= 80, String(p99Ms));
});

test("an attack is prepared, done, counted, and over", async () => {
	const sockets = new Set<Socket>();
	// Takes everything, answers nothing: half requests get no further anywhere.
	const server = await listening((socket) => {
		sockets.add(socket);
		socket.on("error", () => {});
		socket.resume();
	});
	const { port } = server.address() as { port: number };
	const attacker = await AttackerProcess.start("half-requests", { ports: [port] });
	const counts = await attacker.attack(1);
	assert.ok((counts["halves"] ?? 0) > 0, JSON.stringify(counts));
	for (const socket of sockets) socket.destroy();
	await new Promise((resolve) => server.close(resolve));
	await assert.rejects(AttackerProcess.start("no such attack", { ports: [port] }), /no such attack/);
});

function listening(onConnection: (socket: Socket) => void): Promise<Server> {
	const server = createServer(onConnection);
	return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}
