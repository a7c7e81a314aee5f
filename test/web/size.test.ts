// The pages stay small enough for a slow link.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { buildWeb } from "../../scripts/web.ts";

const MAX_GZIPPED_BYTES = 120 * 1024;

test("the playground is at most 120 kB in all, gzipped, and its build names what it contains", async () => {
	const folder = mkdtempSync(join(tmpdir(), "framegate-web-"));
	after(() => rmSync(folder, { recursive: true }));
	const { inputs } = await buildWeb(folder);
	const names = readdirSync(join(folder, "playground"), { recursive: true, encoding: "utf8" });
	const sizes = names
		.filter((name) => name.endsWith(".gz"))
		.map((name) => statSync(join(folder, "playground", name)).size);
	assert.ok(sizes.length >= 4, names.join(" "));
	const total = sizes.reduce((sum, size) => sum + size, 0);
	assert.ok(total <= MAX_GZIPPED_BYTES, `${total} bytes`);
	assert.ok(inputs.some((path) => path.startsWith("node_modules/preact/")));
});
