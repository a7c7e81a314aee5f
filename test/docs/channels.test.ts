// docs/channels.md: its configuration starts a gateway, its programs run against that, and its tables are those of the code.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createClient } from "../../client/index.ts";
import { pushContracts } from "../../protocol/gen/schema.ts";
import { namespaceOptions } from "../../services/channels/options.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { codeBlocks, page, section, table } from "./markdown.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const text = page("docs/channels.md");
const ADDRESS = "127.0.0.1:8080";

describe("your own channels", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-docs-channels-"));
	// In the repository, as the programs import from it.
	const project = mkdtempSync(join(root, "docs", ".channels-"));
	let gateway: GatewayProcess;
	let token = "";

	before(async () => {
		const file = join(directory, "framegate.yaml");
		writeFileSync(file, codeBlocks(text, "yaml")[0] ?? "");
		gateway = await startGateway({ args: ["--config", file] });
		const client = createClient({ url: gateway.url });
		await client.connect();
		await client.auth.register({ username: "ann", password: "correct horse battery" });
		await client.login({ username: "ann", password: "correct horse battery" });
		token = client.tokens?.accessToken ?? "";
		client.close();
	});
	after(async () => {
		await gateway.kill9();
		for (const path of [directory, project]) rmSync(path, { recursive: true });
	});

	const here = (block: string) => block.replaceAll(ADDRESS, new URL(gateway.httpUrl).host);

	it("has programs that run", async () => {
		const outputs: string[] = [];
		for (const [index, block] of codeBlocks(text, "ts").entries()) {
			const file = join(project, `program${index}.ts`);
			writeFileSync(file, here(block).replaceAll('"../client/', '"../../client/'));
			const { stdout } = await run(process.execPath, [file], { timeout: 30_000 });
			outputs.push(stdout);
		}
		assert.match(outputs[0] ?? "", /1 \{ title: 'Hello' \}\n1 \{ offset: 1, epoch: '[^']+' \}/);
		assert.equal(outputs[1], "3\n");
	});

	it("has commands that work", async () => {
		const commands = codeBlocks(text, "sh").map(here);
		assert.equal(commands.length, 1);
		const env = { ...process.env, TOKEN: token };
		const { stdout } = await run("sh", ["-c", commands[0] ?? ""], { env, timeout: 30_000 });
		assert.match(stdout, /"offset":2/);
		assert.match(stdout, /"publication_id":"1"/);
	});

	it("names the keys of a namespace with their defaults, and the pushes", () => {
		const keys = table(section(text, "A namespace"));
		const defaults = new Map(Object.entries(namespaceOptions({})));
		const shown = (value: unknown) => {
			if (Array.isArray(value)) return "none";
			return JSON.stringify(value).replaceAll('"', "").replaceAll(":", ": ");
		};
		const rows = keys.filter((row) => row["key"] !== undefined);
		assert.deepEqual(
			rows.map((row) => [row["key"]?.replaceAll("`", ""), row["default"]?.replaceAll("`", "").replaceAll(", ", ",")]),
			[...defaults].map(([key, value]) => [key, shown(value)]),
		);
		for (const row of table(section(text, "What is pushed"))) {
			assert.equal(pushContracts.get(Number(row["number"]))?.name, row["push"]);
		}
	});
});
