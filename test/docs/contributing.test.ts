// CONTRIBUTING.md names the commands, folders and files that there are.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { page, section, table } from "./markdown.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const contributing = page("CONTRIBUTING.md");
const scripts: string[] = Object.keys(packageJson.scripts);

suite("ARCHITECTURE.md", () => {
	const architecture = page("ARCHITECTURE.md");

	test("is a page that one reads", () => {
		assert.ok(architecture.split("\n").length <= 101);
	});

	test("names every folder of the code, and none that is not there", () => {
		const named = [...architecture.matchAll(/`([a-z]+)\//g)].map(([, folder = ""]) => folder);
		const tracked = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
		const notCode = ["node_modules", "dist", "data", "coverage", "deploy", "docs"];
		const folders = tracked.map(({ name }) => name).filter((name) => !name.startsWith(".") && !notCode.includes(name));
		for (const folder of folders) assert.ok(named.includes(folder), folder);
		const inner = ["alarms", "boxes", "cli", "cluster", "compose", "config", "control", "dialects", "http", "logging"];
		const below = new Set([...inner, "models", "redis", "simulator", "store", "telemetry"]);
		for (const folder of named) assert.ok(below.has(folder) || existsSync(join(root, folder)), folder);
	});
});

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

	test("says for each kind of addition which files it takes, and they exist", () => {
		const rows = table(section(contributing, "I want to add"));
		assert.ok(rows.length >= 6);
		for (const row of rows) {
			const paths = [...(row["files"] ?? "").matchAll(/`([a-z]+\/[a-z0-9/.-]*)`/g)].map(([, path = ""]) => path);
			assert.ok(paths.length > 0, row["to add"]);
			for (const path of paths) assert.ok(existsSync(join(root, path)), path);
		}
	});

	test("links to files that exist", () => {
		for (const [, target = ""] of contributing.matchAll(/\]\(([^)]+)\)/g)) {
			assert.ok(existsSync(join(root, target)), target);
		}
	});
});
