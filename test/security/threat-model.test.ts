// The threat model names tests that there are, and every test of this folder shows a line of it.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { routeContracts } from "../../protocol/gen/schema.ts";
import { configReference } from "../../server/config/reference.ts";
import { page, section, table } from "../docs/markdown.ts";

const model = page("docs/operations/threat-model.md");
const security = page("SECURITY.md");
const root = fileURLToPath(new URL("../../", import.meta.url));

/** `file`: title; `file`: title … */
const NAMED = /`(test\/[\w./-]+\.test\.ts)`: (.+?)(?=; `test\/| \|)/g;
const THREAT_SECTIONS = [
	"Who may call what",
	"Tokens",
	"Accounts",
	"What clients say is data",
	"Where it comes from",
	"Secrets",
	"Taking too much",
];

const named = [...model.matchAll(NAMED)].map(([, file = "", title = ""]) => ({ file, title }));

test("every threat has a number, a mechanism and a test", () => {
	const rows = THREAT_SECTIONS.flatMap((heading) => table(section(model, heading)));
	assert.deepEqual(
		rows.map((row) => Number(row["#"])),
		rows.map((_, index) => index + 1),
	);
	for (const row of rows) {
		assert.ok(row["threat"] && row["met by"], row["#"]);
		assert.match(`${row["shown by"]} |`, new RegExp(NAMED), row["#"]);
	}
});

test("the tests that it names are there, by these titles", () => {
	assert.ok(named.length > 100, String(named.length));
	for (const { file, title } of named) {
		assert.ok(existsSync(root + file), file);
		const quoted = ['"', "`"].some((quote) => page(file).includes(`${quote}${title}${quote}`));
		assert.ok(quoted, `${file} has no test "${title}"`);
	}
});

test("every test file of this folder shows a line of it", () => {
	const files = readdirSync(`${root}test/security`).filter((file) => file.endsWith(".test.ts"));
	for (const file of files.filter((name) => name !== "threat-model.test.ts")) {
		assert.ok(
			named.some((entry) => entry.file === `test/security/${file}`),
			file,
		);
	}
});

test("SECURITY.md names keys and files that there are, and this version as supported", () => {
	const keys = configReference().map(({ key }) => key);
	// Permissions are written in the same form.
	const permissions = [...routeContracts.values()].map(({ permission }) => permission);
	for (const text of [security, model]) {
		for (const [, name = ""] of text.matchAll(/`([a-z]+\.[A-Za-z.]+)(?:: \w+)?`/g)) {
			assert.ok(permissions.includes(name) || keys.some((key) => key === name || key.startsWith(`${name}.`)), name);
		}
	}
	for (const [, target = ""] of security.matchAll(/\]\(([^)]+)\)/g)) assert.ok(existsSync(root + target), target);
	const [major, minor] = packageJson.version.split(".");
	assert.equal(table(section(security, "Supported versions"))[0]?.["version"], `${major}.${minor}.x`);
});
