// CONTRIBUTING.md names the commands, folders and files that there are.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { page, section, table } from "./markdown.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const contributing = page("CONTRIBUTING.md");
const scripts: string[] = Object.keys(packageJson.scripts);

suite("CONTRIBUTING.md", () => {
	test("lists every script of package.json", () => {
		const listed = table(section(contributing, "Commands")).map((row) => row["command"]?.replace(/^npm (run )?/, ""));
		assert.deepEqual(listed.sort(), [...scripts].sort());
	});

	test("shows no script that is not there", () => {
		for (const [shown, name = ""] of contributing.matchAll(/npm run ([a-z-]+)/g)) {
			assert.ok(scripts.includes(name), shown);
		}
	});

	test("names folders that exist", () => {
		const cells = table(section(contributing, "Where things are")).map((row) => row["folder"] ?? "");
		const folders = cells.flatMap((cell) => cell.split(",")).map((cell) => cell.replaceAll("`", "").trim());
		assert.ok(folders.length > 10);
		for (const folder of folders) assert.ok(existsSync(join(root, folder)), folder);
	});

	test("links to files that exist", () => {
		for (const [, target = ""] of contributing.matchAll(/\]\(([^)]+)\)/g)) {
			assert.ok(existsSync(join(root, target)), target);
		}
	});
});
