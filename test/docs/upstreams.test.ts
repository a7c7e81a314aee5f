// docs/upstreams.md: its service and its configuration start, its commands work against them, and its tables are those of the code.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { upstreamServiceDefaults, upstreamsSection } from "../../upstreams/options.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf } from "../support/http-client.ts";
import { freePort } from "../support/real-server.ts";
import { tied } from "../support/tied-process.ts";
import { codeBlocks, page, section, table } from "./markdown.ts";

const run = promisify(execFile);
const text = page("docs/upstreams.md");
const ADDRESS = "127.0.0.1:8080";
const SERVICE = "127.0.0.1:50051";

describe("your own services behind the gateway", () => {
	// In the repository, as the service imports from it.
	const project = mkdtempSync(fileURLToPath(new URL("../../docs/.upstreams-", import.meta.url)));
	let gateway: GatewayProcess;
	let stop: () => Promise<unknown>;
	let token = "";

	before(async () => {
		const service = `127.0.0.1:${await freePort()}`;
		const write = (name: string, block = "") => writeFileSync(join(project, name), block.replaceAll(SERVICE, service));
		write("greeter.proto", codeBlocks(text, "proto")[0]);
		write("greeter.mjs", codeBlocks(text, "js")[0]);
		write(
			"framegate.yaml",
			codeBlocks(text, "yaml")[0]?.replace(/proto: .*/, `proto: ${join(project, "greeter.proto")}`),
		);
		const child = spawn(...tied(process.execPath, ["greeter.mjs"]), {
			cwd: project,
			stdio: ["ignore", "pipe", "inherit"],
		});
		const exited = once(child, "exit");
		stop = () => {
			child.kill("SIGKILL");
			return exited;
		};
		await once(child.stdout, "data");
		gateway = await startGateway({ args: ["--config", join(project, "framegate.yaml")] });
		token = await accessTokenOf(gateway.httpUrl, "ann");
	});
	after(async () => {
		await gateway.kill9();
		await stop();
		rmSync(project, { recursive: true });
	});

	it("has commands that work", async () => {
		const host = new URL(gateway.httpUrl).host;
		const commands = codeBlocks(text, "sh").join("\n").replaceAll(ADDRESS, host);
		const { stdout } = await run("sh", ["-c", commands], { env: { ...process.env, TOKEN: token }, timeout: 30_000 });
		assert.match(stdout, /^\{"success":true,"data":\{"text":"Hello, Ada!","user_id":"[0-9a-f-]{36}"\}/);
		assert.match(stdout, /\{"text":"Hello, Ada!","userId":"[0-9a-f-]{36}"\}$/);
	});

	it("has a frame that is answered, and a stream", async () => {
		const socket = new WebSocket(gateway.url, ["framegate.v1.json"]);
		const frames: string[] = [];
		const all = new Promise<void>((resolve) => {
			socket.onmessage = ({ data }) => {
				frames.push(String(data));
				if (frames.length === 6) resolve();
			};
		});
		await new Promise((resolve) => {
			socket.onopen = resolve;
		});
		socket.send(JSON.stringify({ protocol: 1000, seq: 1, body: { accessToken: token } }));
		socket.send(codeBlocks(text, "json")[0] ?? "");
		socket.send('{"protocol":9001,"seq":3,"body":{"to":2}}');
		await all;
		socket.close();
		const bodies = frames.map((frame) => JSON.parse(frame).body);
		assert.ok(bodies.some((body) => body.text === "Hello, Ada!"));
		const streamed = bodies.filter((body) => body.streamId !== undefined);
		assert.deepEqual(streamed, [
			{ streamId: 3, body: { number: 1 } },
			{ streamId: 3, body: { number: 2 } },
			{ streamId: 3, end: true },
		]);
	});

	it("names the keys of a service and of routes, with their defaults", () => {
		const defaults: Readonly<Record<string, unknown>> = upstreamServiceDefaults;
		const rows = table(section(text, "A service"));
		for (const { key = "", default: value = "" } of rows) {
			if (value === "none" || value === "") continue;
			assert.equal(value, String(defaults[key]), key);
		}
		const named = rows.map(({ key }) => key);
		for (const key of Object.keys(defaults)) assert.ok(named.includes(key), key);
		for (const [key, value] of Object.entries({
			...(defaults["ejection"] as object),
			...(defaults["breaker"] as object),
		})) {
			assert.match(section(text, "A service"), new RegExp(`\`${key}\` ${String(value)}\\b`), key);
		}
		const [, refused] = /Unrecognized keys?: (.*)/.exec(
			String(
				upstreamsSection.safeParse({
					routes: [Object.fromEntries(table(section(text, "Routes")).map(({ key }) => [key, {}]))],
				}).error,
			),
		) ?? [undefined, ""];
		assert.equal(refused, "", "every key of the table is one of routes");
	});
});
