// The lock file must hold the packages of platforms other than the one it was written on.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { entryFor, missingPackages } from "../../../scripts/lock-platforms.ts";

const entry = { version: "1.0.0" };
const parent = { ...entry, dev: true, optionalDependencies: { "@tool/cli-linux-x64-musl": "1.2.3" } };

suite("the lock file", () => {
	test("lacks an optional package that is in none of the folders where Node looks", () => {
		const name = "@tool/cli-linux-x64-musl";
		const missing = { name, version: "1.2.3", parent: "node_modules/a/node_modules/tool" };
		const packages = { "": entry, "node_modules/a": entry, "node_modules/a/node_modules/tool": parent };
		assert.deepEqual(missingPackages({ packages }), [missing]);
		assert.deepEqual(missingPackages({ packages: { ...packages, [`node_modules/b/node_modules/${name}`]: entry } }), [
			missing,
		]);
		for (const folder of ["", "node_modules/a/", "node_modules/a/node_modules/tool/"]) {
			const held = { ...packages, [`${folder}node_modules/${name}`]: entry };
			assert.deepEqual(missingPackages({ packages: held }), [], folder);
		}
	});

	test("is completed with what the name of a package says", () => {
		const packages = { "node_modules/tool": parent };
		const complete = (name: string) => entryFor({ name, version: "1.2.3", parent: "node_modules/tool" }, { packages });
		const common = { version: "1.2.3", dev: true, optional: true };
		assert.deepEqual(complete("@tool/cli-linux-x64-musl"), { ...common, os: ["linux"], cpu: ["x64"], libc: ["musl"] });
		assert.deepEqual(complete("tool-linux-armv7"), { ...common, os: ["linux"], cpu: ["arm"], libc: ["glibc"] });
		assert.deepEqual(complete("@tool/darwin-arm64"), { ...common, os: ["darwin"], cpu: ["arm64"] });
		assert.deepEqual(complete("@tool/wasm32-wasi"), { ...common, cpu: ["wasm32"] });
		assert.throws(() => complete("fsevents"), /fsevents does not name its platform/);
		assert.throws(() => complete("tool-x64"), /does not name its system/);
	});

	test("takes exact versions only", () => {
		const item = { name: "tool-linux-x64", version: "^1.2.3", parent: "node_modules/tool" };
		assert.throws(() => entryFor(item, { packages: {} }), /no exact version/);
	});
});
