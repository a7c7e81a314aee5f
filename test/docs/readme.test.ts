// The README, held to its word: its commands exist, its frames and its client run against a real gateway, its tables are
// those of the code.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { on, once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import WebSocket from "ws";
import { routeContracts } from "../../protocol/gen/schema.ts";
import { configKeys } from "../../server/config/keys.ts";
import { loadConfig } from "../../server/config/load.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { codeBlocks, page, section, table } from "./markdown.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = page("README.md");
const run = promisify(execFile);
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };

describe("the README", () => {
	let gateway: GatewayProcess;
	before(async () => {
		gateway = await startGateway();
	});
	after(() => gateway.kill9());

	it("names npm scripts that exist", () => {
		const named = [...readme.matchAll(/npm (?:run )?(start|test|[a-z]+)\b/g)].map(([, name]) => name as string);
		const missing = named.filter((name) => !["ci", "install", "pack", "run"].includes(name) && !(name in scripts));
		assert.deepEqual(missing, []);
		assert.ok(named.length > 5);
	});

	it("links to files that exist", () => {
		const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path as string);
		assert.ok(links.length > 5);
		assert.deepEqual(
			links.filter((path) => !existsSync(join(root, path))),
			[],
		);
	});

	it("shows frames that are answered with success: all at once, again one by one, and again all at once", async () => {
		const frames = codeBlocks(readme, "json").flatMap((block) => block.trim().split("\n"));
		assert.equal(frames.length, 3);
		for (const [run, isAtOnce] of [true, false, true].entries()) {
			const socket = new WebSocket(gateway.url);
			await once(socket, "open");
			const replies = on(socket, "message");
			const next = async () => JSON.parse(String((await replies.next()).value[0])) as { seq: number; code?: string };
			if (isAtOnce) for (const frame of frames) socket.send(frame);
			for (const [index, frame] of frames.entries()) {
				if (!isAtOnce) socket.send(frame);
				const { seq, code } = await next();
				const expected = run > 0 && index === 0 ? "ERROR_CODE_ALREADY_EXISTS" : undefined;
				assert.deepEqual([seq, code], [index + 1, expected], `run ${run}`);
			}
			socket.close();
		}
	});

	it("leaves a person time to type the frames, as `npm start` starts it", () => {
		const cwd = mkdtempSync(join(tmpdir(), "framegate-readme-"));
		try {
			const { limits } = loadConfig({ env: {}, cwd });
			assert.ok(limits.authTimeoutMs >= 120_000, `${limits.authTimeoutMs} ms until the login`);
		} finally {
			rmSync(cwd, { recursive: true });
		}
	});

	it("shows a client that runs", async () => {
		const [program = ""] = codeBlocks(readme, "ts");
		assert.ok(program.trim().split("\n").length <= 20, "a client in 20 lines");
		const scratch = mkdtempSync(join(tmpdir(), "framegate-readme-"));
		try {
			const file = join(scratch, "client.ts");
			const client = join(root, "client/index.ts");
			writeFileSync(file, program.replace("framegate/client", client).replace("ws://localhost:8080/ws", gateway.url));
			for (const expected of [/^now connecting/, /the user name is taken/]) {
				const { stdout } = await run(process.execPath, ["--no-warnings", file]);
				assert.match(stdout, expected);
				assert.match(stdout, /hello grace/);
				assert.match(stdout, /now ready/);
			}
		} finally {
			rmSync(scratch, { recursive: true });
		}
	});

	it("lists the routes of the .proto files", () => {
		const listed = table(section(readme, "Protocol numbers")).map(({ number, name, needs }) => [number, name, needs]);
		const sorted = [...routeContracts.values()].sort((a, b) => a.number - b.number);
		const routes = sorted.map(({ number, name, permission }) => [`${number}`, name, permission]);
		assert.deepEqual(listed, routes);
	});

	it("lists HTTP paths that answer", async () => {
		for (const { path } of table(section(readme, "HTTP"))) {
			const response = await fetch(`${gateway.httpUrl}${path}`);
			assert.equal(response.status, 200, path);
		}
	});

	it("lists configuration variables that exist", () => {
		const known = new Set(configKeys.flatMap(({ env, meta }) => [env, ...(meta.aliases ?? [])]));
		const listed = table(section(readme, "Configuration")).map(({ variable }) => variable as string);
		assert.ok(listed.length > 5);
		assert.deepEqual(
			listed.filter((name) => !known.has(name)),
			[],
		);
	});
});
