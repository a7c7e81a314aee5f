// What `npm start` says on a Node.js that is too old.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import packageJson from "../../../package.json" with { type: "json" };

const script = fileURLToPath(new URL("../../../scripts/require-node.mjs", import.meta.url));

for (const version of ["20.20.2", "22.17.1"]) {
	test(`Node.js ${version} gets one line that says what to do`, () => {
		const older = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
		const preload = `data:text/javascript,${encodeURIComponent(older)}`;
		const refused = spawnSync(process.execPath, ["--import", preload, script], { encoding: "utf8" });
		assert.equal(refused.status, 1);
		assert.match(refused.stderr, /^framegate needs Node\.js 22 \(22\.18 or newer\), and this is 2[\d.]+: .*\n$/);
		assert.ok(refused.stderr.includes(`this is ${version}`));
	});
}

test("the present one gets none", () => {
	const accepted = spawnSync(process.execPath, [script], { encoding: "utf8" });
	assert.deepEqual([accepted.status, accepted.stderr], [0, ""]);
	assert.equal(packageJson.engines.node, ">=22.18");
});

test("every script asks first, as each runs TypeScript", () => {
	for (const [name, command] of Object.entries(packageJson.scripts)) {
		assert.match(command, /^(?:node scripts\/require-node\.mjs|npm run --silent build) && /, name);
	}
});
