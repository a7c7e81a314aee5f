// Code of dependencies that runs when they are installed: each is named in package.json, allowed or not.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import packageLock from "../../package-lock.json" with { type: "json" };

interface LockEntry {
	readonly hasInstallScript?: boolean;
	readonly resolved?: string;
}

const root = new URL("../../", import.meta.url);
const entries = Object.entries(packageLock.packages as Readonly<Record<string, LockEntry>>);
const allowed: Readonly<Record<string, boolean>> = packageJson.allowScripts;

/** `node_modules/a/node_modules/@b/c` → `@b/c` */
const nameOf = (path: string) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

/** npm runs node-gyp for a binding.gyp even where no script says so. */
function runsOnInstall(path: string, { hasInstallScript }: LockEntry): boolean {
	const folder = new URL(`${path}/`, root);
	if (hasInstallScript || existsSync(new URL("binding.gyp", folder))) return true;
	const manifest = new URL("package.json", folder);
	// Packages of other platforms are not installed here.
	if (!existsSync(manifest)) return false;
	const { scripts = {} } = JSON.parse(readFileSync(manifest, "utf8")) as { scripts?: Record<string, string> };
	return ["preinstall", "install", "postinstall"].some((name) => name in scripts);
}

test("every dependency that runs something on install is named, and no other", () => {
	const found = entries
		.filter(([path, entry]) => path !== "" && runsOnInstall(path, entry))
		.map(([path]) => nameOf(path));
	assert.ok(found.length > 0, fileURLToPath(root));
	assert.deepEqual(Object.keys(allowed).sort(), [...new Set(found)].sort());
});

test("only the runtime itself is allowed to: its package fetches the binary of the platform", () => {
	const names = Object.keys(allowed).filter((name) => allowed[name]);
	assert.deepEqual(names, ["node"]);
});

test("dependencies have exact versions", () => {
	const { dependencies, devDependencies } = packageJson;
	for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
		assert.match(version, /^(npm:[\w.@/-]+@)?\d+\.\d+\.\d+$/, name);
	}
});
