// deploy/redis/users.acl: two nodes and a box that run with exactly those rights are refused nothing, and may do nothing else.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import {
	authRoutes,
	chatRoutes,
	DataType,
	edgeAlarmRoutes,
	edgeControlRoutes,
	edgeModelRoutes,
	edgeTelemetryRoutes,
	gameRoutes,
	MessageKind,
	RoomAction,
} from "../../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import type { RealServer } from "../../support/real-server.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import { WireClient } from "../../support/wire-client.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const rules = readFileSync(join(root, "deploy/redis/users.acl"), "utf8");
const passwords = { admin: "admin-secret", gateway: "gateway-secret", box: "box-secret" };

interface Answer {
	readonly code?: number | undefined;
	readonly error?: { readonly message?: string | undefined } | null | undefined;
}

/** Commands that the scripts in a folder call, in lower case. */
function scripted(...folders: readonly string[]): Set<string> {
	const files = folders.flatMap((folder) =>
		readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
	);
	const sources = files
		.filter((name) => name.endsWith(".ts") && !(name.startsWith("services/edge") && !folders.includes(EDGE)))
		.map((name) => readFileSync(join(root, name), "utf8"));
	return new Set(
		sources.flatMap((text) => [...text.matchAll(/redis\.p?call\('(\w+)'/g)].map(([, name = ""]) => name.toLowerCase())),
	);
}

const EDGE = "services/edge/redis";

describe("every command of a script", () => {
	for (const [user, folders] of [
		["framegate", ["messaging", "stores", "services"]],
		["framegate-box", [EDGE]],
	] as const) {
		it(`is among the rights of ${user}`, () => {
			const line = rules.split("\n").find((each) => each.startsWith(`user ${user} `)) ?? "";
			const commands = scripted(...folders);
			assert.ok(commands.size > 10);
			assert.deepEqual(
				[...commands].filter((name) => !line.includes(` +${name}`)),
				[],
			);
		});
	}
});

describe("the rights of the gateway in Redis", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-acl-"));
	let redis: RealServer;
	let admin: Redis;
	const nodes: GatewayProcess[] = [];
	const clients: WireClient[] = [];

	const urlOf = (user: string, password: string) => redis.url.replace("://", `://${user}:${password}@`);

	async function member(node: GatewayProcess, name: string) {
		const { client, login } = await WireClient.member(node.url, name);
		clients.push(client);
		return { client, login };
	}

	const succeeded = (reply: Answer) => assert.equal(reply.code ?? 0, 0, reply.error?.message ?? "");

	before(async () => {
		const file = join(directory, "users.acl");
		const filled = Object.entries(passwords).reduce(
			(text, [who, password]) => text.replace(`CHANGE-ME-${who}`, password),
			rules,
		);
		writeFileSync(file, filled);
		redis = await startRedis({ args: ["--aclfile", file] });
		admin = new Redis(urlOf("admin", passwords.admin));
		await admin.hset("comsrv:1001:T", "1", "25.5", "_timestamp", String(Date.now()));
		await admin.hset("alarmsrv:a1", { id: "a1", title: "Hot", level: "High", status: "Active", timestamp: "1" });
		await admin.sadd("alarmsrv:index", "a1");
		await admin.set("modsrv:model:m1", '{"id":"m1","name":"pump","template":"t"}');
		await admin.sadd("modsrv:models", "m1");
		await admin.hset("modsrv:model:m1:measurement", "flow", "1");
		await admin.set("rulesrv:rule:r1", '{"id":"r1","name":"stop"}');
		await admin.sadd("rulesrv:rules", "r1");
		await admin.hset("rulesrv:rule:r1:state", "status", "idle");
		const env = {
			REDIS_URL: urlOf("framegate", passwords.gateway),
			EDGE_REDIS_URL: urlOf("framegate-box", passwords.box),
			DATABASE_URL: `sqlite:${directory}/shared.db`,
			FRAMEGATE_AUTH_DEFAULT_ROLE: "engineer",
			FRAMEGATE_EDGE_ALARMS_POLL_MS: "500",
		};
		for (let i = 0; i < 2; i++) nodes.push(await startGateway({ env, dataDirectory: directory }));
	});
	after(async () => {
		await Promise.all(clients.map((client) => client.close()));
		for (const node of nodes) await node.kill9();
		admin.disconnect();
		await redis.stop();
		rmSync(directory, { recursive: true, force: true });
	});

	it("suffice for accounts, chat, games and a box, on two nodes", async () => {
		const [first, second] = nodes as [GatewayProcess, GatewayProcess];
		const { client: ada, login } = await member(first, "ada");
		const { client: bob, login: bobs } = await member(second, "bob");
		succeeded(await ada.ask(authRoutes.heartbeat, {}));
		succeeded(await ada.ask(authRoutes.refreshToken, { refreshToken: login.tokens?.refreshToken ?? "" }));
		await talk(ada, bob, bobs.user?.id ?? "");
		await play(ada, bob);
		await operate(ada);
		succeeded(await bob.ask(authRoutes.logout, {}));
		for (const node of nodes) assert.equal((await fetch(`${node.httpUrl}/ready`)).status, 200);
		const denied = (await admin.call("ACL", "LOG")) as string[][];
		assert.deepEqual(denied, []);
	});

	async function talk(ada: WireClient, bob: WireClient, bobId: string): Promise<void> {
		const created = await ada.ask(chatRoutes.createChatRoom, { name: "plant", isPublic: true });
		succeeded(created);
		const roomId = chatRoutes.createChatRoom.reply.decode(created.body ?? new Uint8Array()).room?.id ?? "";
		succeeded(await bob.ask(chatRoutes.joinChatRoom, { roomId }));
		const received = bob.pushes.length;
		succeeded(
			await ada.ask(chatRoutes.sendMessage, {
				roomId,
				clientMsgId: "m1",
				content: { kind: MessageKind.TEXT, text: "hello" },
			}),
		);
		await until(() => bob.pushes.length > received);
		succeeded(await bob.ask(chatRoutes.presence, { userIds: [bobId] }));
		succeeded(await bob.ask(chatRoutes.getHistory, { roomId }));
		succeeded(await bob.ask(chatRoutes.leaveChatRoom, { roomId }));
	}

	async function play(ada: WireClient, bob: WireClient): Promise<void> {
		const created = await ada.ask(gameRoutes.createRoom, { name: "duel", game: "gomoku" });
		succeeded(created);
		const roomId = gameRoutes.createRoom.reply.decode(created.body ?? new Uint8Array()).room?.id ?? "";
		succeeded(await bob.ask(gameRoutes.joinRoom, { roomId }));
		succeeded(await bob.ask(gameRoutes.listRooms, {}));
		for (const client of [ada, bob]) {
			succeeded(await client.ask(gameRoutes.gameAction, { roomId, action: RoomAction.READY }));
		}
		succeeded(await ada.ask(gameRoutes.gameAction, { roomId, action: RoomAction.START }));
		for (const client of [bob, ada]) succeeded(await client.ask(gameRoutes.leaveRoom, { roomId }));
	}

	async function operate(client: WireClient): Promise<void> {
		succeeded(await client.ask(edgeTelemetryRoutes.listChannels, { source: "comsrv" }));
		succeeded(await client.ask(edgeTelemetryRoutes.readNow, { channels: [1001], dataTypes: [DataType.TELEMETRY] }));
		succeeded(await client.ask(edgeTelemetryRoutes.subscribe, { channels: [1001], dataTypes: [DataType.TELEMETRY] }));
		const target = { channel: 1001, dataType: DataType.CONTROL, pointId: 5 };
		const write = { target, value: 1, commandId: "c1" };
		succeeded(await client.ask(edgeControlRoutes.writePoint, write));
		assert.equal(await admin.llen("comsrv:trigger:1001:C"), 1);
		await until(async () => ((await client.ask(edgeAlarmRoutes.alarmAck, { alarmId: "a1" })).code ?? 0) === 0);
		succeeded(await client.ask(edgeAlarmRoutes.alarmClear, { alarmId: "a1" }));
		succeeded(await client.ask(edgeAlarmRoutes.alarmSubscribe, {}));
		succeeded(await client.ask(edgeModelRoutes.modelList, {}));
		succeeded(await client.ask(edgeModelRoutes.modelValues, { modelId: "m1" }));
		succeeded(await client.ask(edgeModelRoutes.ruleList, {}));
		succeeded(await client.ask(edgeModelRoutes.ruleState, { ruleId: "r1" }));
	}

	it("end there", async () => {
		const refused = async (user: string, password: string, ...command: [string, ...string[]]) => {
			const client = new Redis(urlOf(user, password));
			try {
				await assert.rejects(client.call(...command), /NOPERM/, `${user}: ${command.join(" ")}`);
			} finally {
				client.disconnect();
			}
		};
		for (const command of [["FLUSHALL"], ["KEYS", "*"], ["CONFIG", "GET", "*"], ["SET", "comsrv:1001:T", "1"]]) {
			await refused("framegate", passwords.gateway, ...(command as [string]));
		}
		for (const command of [["FLUSHDB"], ["DEL", "alarmsrv:a1"], ["HGETALL", "framegate:session:x"]]) {
			await refused("framegate-box", passwords.box, ...(command as [string]));
		}
	});
});

describe("the list of rights", () => {
	const allowed = (user: string) => {
		const line = rules.split("\n").find((each) => each.startsWith(`user ${user} `)) ?? "";
		return new Set([...line.matchAll(/ \+([a-z|]+)/g)].map(([, name]) => name as string));
	};
	/** What talks to the Redis of the gateway, or to that of a box. */
	const sourcesOf = (user: string) => {
		const files = ["core", "messaging", "services", "stores"]
			.flatMap((folder) =>
				readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((f) => join(folder, f)),
			)
			.filter((file) => /redis/.test(file) && file.endsWith(".ts"));
		const isOfBox = (file: string) => file.startsWith("services/edge/redis/");
		const own = files.filter(
			(file) => file.startsWith("stores/redis/") || isOfBox(file) === (user === "framegate-box"),
		);
		assert.ok(own.length > 10);
		return own.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
	};
	const inScripts = (text: string) =>
		new Set(
			[...text.matchAll(/redis\.p?call\((?:[^'()]*)'([A-Z]+)'(?: or '([A-Z]+)')?/g)].flatMap(([, a, b]) => [a, b]),
		);

	for (const user of ["framegate", "framegate-box"]) {
		it(`of ${user} has every command of its scripts`, () => {
			// The probe of stores/redis/ runs at the gateway's Redis only.
			const text = user === "framegate" ? sourcesOf(user) : sourcesOf(user).replaceAll(/redis\.call\('SET'/g, "");
			const missing = [...inScripts(text)].filter((name) => name && !allowed(user).has(name.toLowerCase()));
			assert.deepEqual(missing, []);
		});

		it(`gives ${user} nothing that neither the sources nor the driver use`, () => {
			const text = sourcesOf(user).toLowerCase();
			const driver = ["auth", "hello", "info", "select", "client|setname", "cluster|slots"];
			// The scripts of rate-limiter-flexible.
			const limiter = ["set", "incrby", "pttl", "expire", "del"];
			const unused = [...allowed(user)].filter((name) => {
				const word = name.split("|")[0] as string;
				const isNamed = new RegExp(`[."']${word}(?:buffer)?["'(<]`).test(text);
				return !isNamed && !driver.includes(name) && !limiter.includes(name);
			});
			assert.deepEqual(unused, []);
		});
	}
});
