// What `npm start` says on a Node.js that is too old.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import packageJson from "../../../package.json" with { type: "json" };

const script = fileURLToPath(new URL("../../../scripts/require-node.mjs", import.meta.url));

test("an older Node.js gets one line that says what to do, and the present one gets none", () => {
	const older = "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });";
	const preload = `data:text/javascript,${encodeURIComponent(older)}`;
	const refused = spawnSync(process.execPath, ["--import", preload, script], { encoding: "utf8" });
	assert.equal(refused.status, 1);
	assert.match(refused.stderr, /^framegate needs Node\.js 22 or newer, and this is 20\.20\.2: .*\n$/);
	const accepted = spawnSync(process.execPath, [script], { encoding: "utf8" });
	assert.deepEqual([accepted.status, accepted.stderr], [0, ""]);
	assert.ok(packageJson.scripts.start.startsWith("node scripts/require-node.mjs && "));
	assert.equal(packageJson.engines.node, ">=22");
});
