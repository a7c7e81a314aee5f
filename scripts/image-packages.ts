// Strikes from package.json and package-lock.json, in the working folder, the development packages that building an image does not need:
// `npm ci` then installs the bundlers and what they need, and still checks each package against the lock file. Runs before anything
// is installed, so it imports nothing.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What `scripts/build.ts` imports, and what the pages are made of. */
const NEEDED = ["preact", "vite"];

interface Entry {
	readonly dev?: boolean;
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
	packages: Record<string, Entry & { devDependencies?: Record<string, string> }>;
}

/** Where a package finds another one: beside its own packages, then in each folder above. */
function placeOf(packages: Lock["packages"], parent: string, name: string): string | undefined {
	for (let folder = parent; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
		const place = `${folder}${folder === "" ? "" : "/"}node_modules/${name}`;
		if (place in packages) return place;
		if (folder === "") return undefined;
	}
}

/** The lock file without the development packages that nothing of `names` needs. */
export function withoutOtherPackages(lock: Lock, names: readonly string[]): Lock {
	const { packages } = lock;
	const kept = new Set<string>();
	const queue = names.map((name) => placeOf(packages, "", name));
	for (const place of queue) {
		if (place === undefined || kept.has(place)) continue;
		kept.add(place);
		const { dependencies, optionalDependencies } = packages[place] ?? {};
		for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
			queue.push(placeOf(packages, place, name));
		}
	}
	const entries = Object.entries(packages).filter(([place, { dev }]) => !dev || kept.has(place));
	const { "": root, ...others } = Object.fromEntries(entries);
	return { ...lock, packages: { "": { ...root, devDependencies: pick(root?.devDependencies, names) }, ...others } };
}

function pick(
	versions: Readonly<Record<string, string>> | undefined,
	names: readonly string[],
): Record<string, string> {
	return Object.fromEntries(names.map((name) => [name, versions?.[name] ?? ""]));
}

function main(): void {
	const read = (file: string) => JSON.parse(readFileSync(file, "utf8"));
	const manifest = read("package.json") as { devDependencies: Record<string, string> };
	manifest.devDependencies = pick(manifest.devDependencies, NEEDED);
	writeFileSync("package.json", JSON.stringify(manifest));
	writeFileSync("package-lock.json", JSON.stringify(withoutOtherPackages(read("package-lock.json"), NEEDED)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
