// What operators read of a module's calls names the module and the generation that answered: lines of requests and errors, metrics, spans.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { authRoutes, createClient, RoomAction } from "../../client/index.ts";
import { moduleSource } from "../services/modules/module-fixture.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { get, post } from "../support/http-client.ts";
import { startCollector, type TraceCollector } from "../support/tracing/trace-collector.ts";
import { tracingTo } from "../support/tracing/tracing-env.ts";
import { until } from "../support/until.ts";
import { PASSWORD } from "../support/wire-client.ts";

const ADMIN = "an-admin-token-of-a-test";

/** Fails in three places: in its schema, in a move, and in what it makes of its state. */
const GAME = `import { defineGame, defineModule, z } from "framegate/module";
export default defineModule({
	games: {
		dice: defineGame({
			minPlayers: 1,
			maxPlayers: 2,
			move: z.object({ how: z.string().transform((how) => { if (how === "schema") throw new Error("schema"); return how; }) }),
			start: () => ({}),
			act(state, { how }) {
				if (how === "throw") throw new Error("move");
				state.of = 1n;
			},
			view: () => ({}),
		}),
	},
});
`;

interface Line {
	readonly msg: string;
	readonly route?: string;
	readonly module?: string;
	readonly generation?: number;
	readonly code?: string;
}

describe("names of generations", { timeout: 120_000 }, () => {
	const dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
	let collector: TraceCollector;
	let gateway: GatewayProcess;
	const write = (name: string, number: number, version: number) =>
		writeFileSync(
			join(dir, `${name}.ts`),
			moduleSource({
				number,
				input: "how: z.string().optional()",
				options: 'permission: "public",',
				run: `if (input.how === "throw") throw new Error("broken"); return { version: ${version} };`,
			}),
		);
	const call = async (path: string, body: object = {}) => (await post(`${gateway.httpUrl}${path}`, body)).status;
	const lines = (msg: string): Line[] =>
		gateway
			.log()
			.split("\n")
			.filter((line) => line.includes(`"msg":"${msg}"`))
			.map((line) => JSON.parse(line) as Line);
	const namesOf = (all: readonly Line[]) => all.map(({ module, generation }) => `${module} ${generation}`);
	const named = (msg: string) => namesOf(lines(msg));

	before(async () => {
		write("shop", 7001, 1);
		write("cart", 7002, 1);
		writeFileSync(join(dir, "arcade.ts"), GAME);
		collector = await startCollector();
		gateway = await startGateway({
			env: tracingTo(collector, {
				FRAMEGATE_MODULES_DIR: dir,
				FRAMEGATE_MODULES_ISOLATED: '{"cart":{}}',
				ADMIN_TOKENS: ADMIN,
				ENABLE_REQUEST_LOGGING: "true",
				LOG_LEVEL: "info",
			}),
		});
		for (const version of [1, 2]) {
			if (version === 2) {
				for (const [name, number] of [["shop", 7001] as const, ["cart", 7002] as const]) write(name, number, version);
				await post(`${gateway.httpUrl}/api/reload`, { token: ADMIN });
			}
			for (const path of ["/shop/get", "/cart/get"]) {
				assert.deepEqual([await call(path), await call(path, { how: "throw" })], [200, 500]);
			}
		}
	});
	after(async () => {
		await gateway.kill9();
		await collector.stop();
		rmSync(dir, { recursive: true });
	});

	it("are in the lines of requests, and in those of what failed", async () => {
		// A failure is logged when its call is answered, behind the line of its request.
		const failed = () => lines("request failed").filter(({ route }) => route?.endsWith(".get"));
		await until(() => lines("request cart.get").length === 4 && failed().length === 4);
		assert.deepEqual(named("request shop.get"), ["shop 1", "shop 1", "shop 2", "shop 2"]);
		assert.deepEqual(named("request cart.get"), ["cart 1", "cart 1", "cart 2", "cart 2"]);
		assert.deepEqual(namesOf(failed()), ["shop 1", "cart 1", "shop 2", "cart 2"]);
	});

	it("are in the line of a move that failed in a game's code, although its route is the gateway's", async () => {
		const client = createClient({ url: gateway.url });
		try {
			await client.connect();
			await client.request(authRoutes.register, { username: "dora", password: PASSWORD });
			await client.login({ username: "dora", password: PASSWORD });
			const { room } = await client.rooms.create({ name: "dice", game: "dice" });
			const roomId = room?.id ?? "";
			await client.rooms.action({ roomId, action: RoomAction.START });
			for (const how of ["schema", "throw", "state"]) {
				await assert.rejects(client.rooms.input(roomId, { how }), /internal error/);
			}
		} finally {
			client.close();
		}
		const moves = () => lines("request failed").filter(({ route }) => route === "game.gameAction");
		await until(() => moves().length === 3);
		assert.deepEqual(namesOf(moves()), ["arcade 1", "arcade 1", "arcade 1"]);
	});

	it("are labels of the calls that a generation has taken, while it is there", async () => {
		const page = (await get(`${gateway.httpUrl}/metrics`)).body as string;
		for (const module of ["shop", "cart"]) {
			assert.match(page, new RegExp(`framegate_module_calls_total\\{module="${module}",generation="2"\\} 2`));
			assert.match(page, new RegExp(`framegate_module_faults_total\\{module="${module}",generation="2"\\} 1`));
		}
		// The one before is gone: a series for each of a thousand reloads would be kept by who scrapes them.
		const ofFirst = /module="(?:shop|cart)",generation="1"/;
		await until(async () => !ofFirst.test((await get(`${gateway.httpUrl}/metrics`)).body as string));
	});

	it("are attributes of spans", async () => {
		const spans = await collector.untilSpans((all) => all.filter(({ kind }) => kind === "server").length >= 8);
		const of = (route: string) =>
			spans
				.filter(({ name }) => name === route)
				.map(
					({ attributes }) =>
						`${String(attributes["framegate.module"])} ${String(attributes["framegate.module.generation"])}`,
				)
				.sort();
		assert.deepEqual(of("shop.get"), ["shop 1", "shop 1", "shop 2", "shop 2"]);
		assert.deepEqual(of("cart.get"), ["cart 1", "cart 1", "cart 2", "cart 2"]);
	});

	it("are not said of routes of the gateway", async () => {
		await call("/auth/login", { username: "nobody", password: "nothing-of-anybody" });
		// The other is of who plays.
		await until(() => lines("request auth.login").length === 2);
		assert.deepEqual(named("request auth.login"), ["undefined undefined", "undefined undefined"]);
	});
});
