// The proof: the backends of docs/backend.md, in Node.js, Python, Go and curl, publish ten thousand messages to inboxes, and then as
// many to application channels, through three nodes while nodes are killed and started again. Prints what arrived; ends with 1
// unless each message came once and in its order.
//
// `npx node test/conformance/backends.ts [MESSAGES]`; takes Go, as `npm run conformance` does.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { applicationChannelRoutes } from "../../protocol/gen/schema.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import {
	type BackendProgram,
	backendCode,
	receivedTexts,
	runBackend,
	scriptedBackends,
} from "../support/backend-programs.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis-server.ts";
import { WireClient } from "../support/wire-client.ts";
import { goTools } from "./go-tools.ts";

const KEY = "the-key-of-the-backends-of-the-proof-1";
const KILL_EVERY_MS = 4000;
const scratch = mkdtempSync(join(tmpdir(), "framegate-backends-"));
const perBackend = Math.ceil(Number(process.argv[2] ?? 10_000) / 4);

async function goBackend(): Promise<BackendProgram> {
	const folder = join(scratch, "go");
	const tools = await goTools(folder);
	mkdirSync(join(folder, "backend"));
	writeFileSync(join(folder, "backend/main.go"), backendCode("Go", "go"));
	return { name: "go", command: [await tools.program("backend")] };
}

const programs = [...scriptedBackends(scratch), await goBackend()];
const redis = await startRedis();
const channels = ["user:", "prices:"];
const fixed = [{ name: "backends", secret: KEY, permissions: ["server.publish"], channels }];
const namespaces = { prices: { subscribe: ["session"], recovery: true, historySize: 1000 } };
const env = {
	...UNLIMITED,
	REDIS_URL: redis.url,
	FRAMEGATE_DATABASE_URL: `sqlite:${join(scratch, "accounts.db")}`,
	JWT_SECRET: "a secret for the nodes of a proof, long enough",
	FRAMEGATE_KEYS_FIXED: JSON.stringify(fixed),
	FRAMEGATE_APPLICATION_CHANNELS_NAMESPACES: JSON.stringify(namespaces),
};
const reader = await startGateway({ env });
const mortal: GatewayProcess[] = [await startGateway({ env }), await startGateway({ env })];
let kills = 0;
let isOver = false;

async function killAndStart(): Promise<void> {
	for (let turn = 0; !isOver; turn = 1 - turn) {
		await setTimeout(KILL_EVERY_MS);
		if (isOver) return;
		const { port } = mortal[turn] as GatewayProcess;
		await (mortal[turn] as GatewayProcess).kill9();
		kills++;
		mortal[turn] = await startGateway({ env, port });
	}
}

const targets = ["inbox", "application-channel"] as const;

/** The channel that a backend publishes to, with a client that receives what is published. */
async function subscribed(client: WireClient, userId: string, program: string, target: (typeof targets)[number]) {
	if (target === "inbox") return `user:${userId}`;
	const channel = `prices:${program}`;
	const { code, error } = await client.ask(applicationChannelRoutes.subscribeChannel, { channel });
	if (code) throw new Error(`subscribing to ${channel}: ${error?.message}`);
	return channel;
}

async function prove(program: BackendProgram, target: (typeof targets)[number]) {
	const { client, login } = await WireClient.member(reader.url, `reader-${program.name}`);
	const channel = await subscribed(client, login.user?.id ?? "", program.name, target);
	const lines = Array.from({ length: perBackend }, (_, index) => `${program.name} ${index}`);
	const texts = receivedTexts(client, perBackend);
	const startedAtMs = performance.now();
	const gateways = mortal.map(({ httpUrl }) => httpUrl);
	const run = { gateways, apiKey: KEY, channel, lines };
	const errors = await runBackend({ ...program, name: `${program.name}-${target}` }, run);
	const received = await texts;
	// What came twice would still be on its way: a last message comes behind it.
	const last = receivedTexts(client, 1);
	await runBackend({ ...program, name: `${program.name}-${target}-last` }, { ...run, lines: ["end"] });
	const isLast = (await last)[0] === "end";
	await client.close();
	return {
		backend: program.name,
		target,
		messages: perBackend,
		received: new Set(received).size,
		twice: received.length - new Set(received).size + (isLast ? 0 : 1),
		inOrder: received.every((text, index) => text === lines[index]),
		failedAttempts: errors === "" ? undefined : errors.trim().split("\n").length,
		seconds: Math.round((performance.now() - startedAtMs) / 100) / 10,
	};
}

const killing = killAndStart();
const results: Awaited<ReturnType<typeof prove>>[] = [];
for (const target of targets) results.push(...(await Promise.all(programs.map((program) => prove(program, target)))));
isOver = true;
await killing;
await Promise.all([reader, ...mortal].map((node) => node.kill9()));
await redis.stop();
rmSync(scratch, { recursive: true, force: true });
const isProven = results.every(({ received, twice, inOrder }) => received === perBackend && twice === 0 && inOrder);
process.stdout.write(`${JSON.stringify({ kills, isProven, results }, undefined, "\t")}\n`);
process.exitCode = isProven ? 0 : 1;
