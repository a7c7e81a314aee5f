// `framegate audit` as an administrator runs it, beside the gateway's database.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { DataType } from "../../../../protocol/gen/schema.ts";
import { parseSince } from "../../../../server/cli/audit-command.ts";
import { controlFixture, operator, target } from "./fixture.ts";

const MAIN = fileURLToPath(new URL("../../../../server/main.ts", import.meta.url));

describe("framegate audit", () => {
	const directory = mkdtempSync(path.join(tmpdir(), "framegate-audit-"));
	const url = `sqlite:${path.join(directory, "audit.db")}`;
	before(async () => {
		const fixture = await controlFixture({ url });
		const node = fixture.node();
		const request = { target: target(5, DataType.ADJUSTMENT), value: 0, reason: "wipe\u001b[2J me" };
		await node.write(operator("ada"), { ...request, commandId: "first" });
		await assert.rejects(node.write(operator("bob"), { target: target(1), value: 7 }));
		await fixture.close();
	});
	after(() => rmSync(directory, { recursive: true, force: true }));

	function run(...args: string[]) {
		const env = { PATH: process.env["PATH"], DATABASE_URL: url };
		const all = [MAIN, "audit", "--since", "2025-12-31", ...args];
		return spawnSync(process.execPath, all, { env, cwd: directory, encoding: "utf8" });
	}

	test("a table, with nothing in it that moves the cursor", () => {
		const { stdout, status, stderr } = run();
		assert.equal(status, 0, stderr);
		const lines = stdout.trimEnd().split("\n");
		assert.equal(lines.length, 4, stdout);
		assert.match(
			lines[1] ?? "",
			/^2026-01-01T00:00:00.000Z\s+ada\s+192\.0\.2\.7\s+control\.write\s+comsrv:1001:A:5\s+0\s/,
		);
		assert.match(lines[3] ?? "", /bob .* refused .* must be 0 or 1$/);
		assert.ok(!stdout.includes("\u001b"));
	});

	test("one user's, the latest, as JSON; and wrong usage", () => {
		const { stdout } = run("--user", "ada", "--limit", "1", "--json");
		const { at, outcome, value, commandId } = JSON.parse(stdout);
		assert.deepEqual([at, outcome, value, commandId], ["2026-01-01T00:00:00.000Z", "accepted", 0, "first"]);
		for (const wrong of [
			["--limit", "0"],
			["--limit", "x"],
			["--since", "yesterday"],
		]) {
			assert.equal(run(...wrong).status, 2, wrong.join(" "));
		}
	});

	test("times are dates or durations", () => {
		const nowMs = Date.UTC(2026, 0, 8);
		assert.equal(parseSince("7d", nowMs), Date.UTC(2026, 0, 1));
		assert.equal(parseSince("90m", nowMs), nowMs - 5_400_000);
		assert.equal(parseSince("2026-01-01T08:00Z", nowMs), Date.UTC(2026, 0, 1, 8));
	});
});
