// The pages for those who come from older systems, row by row: a gateway is started with everything that a page claims to be accepted,
// and each row is tried on it.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { get } from "../../support/http-client.ts";
import { page } from "../markdown.ts";
import { checkCommand } from "./commands.ts";
import { checkEndpoint } from "./endpoints.ts";
import { checkMessage } from "./messages.ts";
import { type Kind, type Row, rowsOf } from "./rows.ts";
import { checkSetting, given } from "./settings.ts";
import { type Subject, startSubject } from "./subject.ts";
import { checkLog, checkMetric } from "./telemetry.ts";

const directory = fileURLToPath(new URL("../../../docs/migrating", import.meta.url));
const pages = readdirSync(directory).filter((name) => name !== "README.md");
const MIN_REASON = 20;

const checks: Readonly<Record<Kind, (row: Row, subject: Subject) => void | Promise<void>>> = {
	Environment: checkSetting,
	Settings: checkSetting,
	Endpoints: checkEndpoint,
	Messages: checkMessage,
	Metrics: checkMetric,
	Logs: checkLog,
	Commands: checkCommand,
};

it("docs/migrating/README.md lists every page", () => {
	const listed = [...page("docs/migrating/README.md").matchAll(/\]\(([a-z-]+\.md)\)/g)].map(([, name]) => name);
	assert.deepEqual(listed.sort(), [...pages].sort());
	assert.equal(pages.length, 5);
});

for (const name of pages) {
	const rows = rowsOf(name);
	describe(`docs/migrating/${name}`, () => {
		let subject: Subject;
		before(async () => {
			subject = await startSubject(name, rows);
		});
		after(() => subject.stop());

		it("has rows, each once, and a reason for what is not here", () => {
			assert.ok(rows.length > 15);
			const names = rows.map(({ kind, older }) => `${kind} ${older}`);
			assert.deepEqual(
				names.filter((entry, index) => names.indexOf(entry) !== index),
				[],
			);
			const bare = rows.filter(({ claim, notes }) => claim === "not here" && notes.length < MIN_REASON);
			assert.deepEqual(
				bare.filter(({ notes }) => notes !== "the same"),
				[],
			);
		});

		it("has settings with which a gateway starts", async () => {
			const { GATEWAY_ID } = Object.assign({}, ...rows.map((row) => given(row).env)) as Record<string, string>;
			const { body } = await get(subject.at("/"));
			if (GATEWAY_ID !== undefined) assert.equal(body.node, GATEWAY_ID);
		});

		for (const row of rows) {
			it(`${row.kind}: ${row.older} (${row.claim})`, { timeout: 60_000 }, () => checks[row.kind](row, subject));
		}
	});
}
