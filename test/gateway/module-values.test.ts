// What functions of modules may return that no reply can be: each call is answered, over WebSocket and HTTP, inline and from a thread.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import WebSocket from "ws";
import { moduleSource } from "../services/modules/module-fixture.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { post } from "../support/http-client.ts";
import { until } from "../support/until.ts";

const TOP = `const nested = (depth: number) => { let value: object = {}; while (depth-- > 0) value = { value }; return value; };
const shared = (times: number) => { let value: unknown[] = ["x".repeat(2000)]; while (times-- > 0) value = [value, value]; return value; };
const cycle: { self?: object } = {};
cycle.self = cycle;
const values: Record<string, () => unknown> = {
	plain: () => 1,
	bigint: () => 2n ** 60n,
	functions: () => [() => 1, Symbol("s"), undefined],
	date: () => new Date(0),
	cycle: () => cycle,
	deepest: () => nested(100_000),
	shared: () => shared(12),
	throwing: () => ({ toJSON: () => { throw new Error("no JSON"); } }),
	long: () => "x".repeat(5_000_000),
};
`;
const source = (number: number) =>
	moduleSource({
		number,
		top: TOP,
		input: "how: z.string()",
		output: "value: z.any()",
		options: 'permission: "public",',
		run: "return { value: values[input.how]?.() };",
	});
const GOOD: Readonly<Record<string, unknown>> = {
	plain: 1,
	bigint: "1152921504606846976",
	functions: [null, null, null],
	date: "1970-01-01T00:00:00.000Z",
};
const BAD = ["cycle", "deepest", "shared", "throwing", "long"];

interface Answer {
	readonly seq: number;
	readonly code?: string;
	readonly body?: { readonly value: unknown };
}

describe("values that functions return", { timeout: 120_000 }, () => {
	const dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
	let gateway: GatewayProcess;
	before(async () => {
		writeFileSync(join(dir, "here.ts"), source(7001));
		writeFileSync(join(dir, "there.ts"), source(7002));
		gateway = await startGateway({
			env: {
				FRAMEGATE_MODULES_DIR: dir,
				FRAMEGATE_MODULES_ISOLATED: '{"there":{"stallMs":60000,"maxHeapMb":256}}',
				FRAMEGATE_LOG_LEVEL: "info",
			},
		});
	});
	after(async () => {
		await gateway.kill9();
		rmSync(dir, { recursive: true });
	});

	for (const [module, protocol] of [["here", 7001] as const, ["there", 7002] as const]) {
		it(`over HTTP, ${module === "here" ? "in the gateway's thread" : "in a thread of its own"}`, async () => {
			const call = (how: string) => post(`${gateway.httpUrl}/${module}/get`, { how });
			for (const [how, value] of Object.entries(GOOD)) {
				assert.deepEqual((await call(how)).body.data, { value }, how);
			}
			for (const how of BAD) {
				const { status, body } = await call(how);
				assert.deepEqual([status, body.code], [500, "INTERNAL"], how);
			}
			assert.equal((await call("plain")).status, 200);
		});

		it(`over WebSocket, ${module === "here" ? "in the gateway's thread" : "in a thread of its own"}`, async () => {
			const socket = new WebSocket(gateway.url, ["framegate.v1.json"]);
			const answers = new Map<number, Answer>();
			socket.on("message", (data: Buffer) => {
				const answer = JSON.parse(data.toString()) as Answer;
				answers.set(answer.seq, answer);
			});
			await new Promise((resolve) => socket.once("open", resolve));
			const all = [...Object.keys(GOOD), ...BAD];
			for (const [index, how] of all.entries()) {
				socket.send(JSON.stringify({ protocol, seq: index + 1, body: { how } }));
			}
			await until(() => answers.size === all.length);
			for (const [index, how] of all.entries()) {
				const { code, body } = answers.get(index + 1) as Answer;
				if (how in GOOD) assert.deepEqual(body, { value: GOOD[how] }, how);
				else assert.match(code ?? "", /INTERNAL/, how);
			}
			socket.close();
		});
	}
});
