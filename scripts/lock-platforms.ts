// Completes package-lock.json where npm wrote it against a registry that has not the packages of every platform: npm
// leaves out optional packages that it could not find, and `npm ci` then refuses the file. Run it when `npm run check`
// says that the lock file lacks a package; against a complete registry there is nothing to do.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

interface LockEntry {
	readonly version?: string;
	readonly optionalDependencies?: Readonly<Record<string, string>>;
	readonly [field: string]: unknown;
}

interface Lock {
	packages: Record<string, LockEntry>;
	readonly [field: string]: unknown;
}

interface MissingPackage {
	readonly name: string;
	readonly version: string;
	/** Where in the lock file the package is that may use it. */
	readonly parent: string;
}

const lockPath = fileURLToPath(new URL("../package-lock.json", import.meta.url));

/** Optional packages that the lock file names but does not hold. */
export function missingPackages(lock: Lock): MissingPackage[] {
	return Object.entries(lock.packages).flatMap(([parent, entry]) =>
		Object.entries(entry.optionalDependencies ?? {})
			.filter(([name]) => !isHeld(lock, parent, name))
			.map(([name, version]) => ({ name, version, parent })),
	);
}

/** Looks where Node would: beside the parent's own packages, then in each folder above. */
function isHeld(lock: Lock, parent: string, name: string): boolean {
	for (let folder = parent; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
		if (`${folder}${folder === "" ? "" : "/"}node_modules/${name}` in lock.packages) return true;
		if (folder === "") return false;
	}
}

const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const PROCESSORS = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/** What a platform package's name says of where it runs: `binding-linux-arm64-musl`. */
function platformOf(name: string): { os?: string[]; cpu: string[]; libc?: string[] } {
	const words = name.replace("armv7", "arm").split(/[/-]/);
	const os = SYSTEMS.find((system) => words.includes(system));
	const cpu = PROCESSORS.find((processor) => words.includes(processor));
	if (cpu === undefined) throw new Error(`${name} does not name its platform: add it by hand`);
	if (os === undefined && cpu !== "wasm32") throw new Error(`${name} does not name its system: add it by hand`);
	const libc = os !== "linux" ? undefined : words.some((word) => word.startsWith("musl")) ? "musl" : "glibc";
	return { ...(os ? { os: [os] } : {}), cpu: [cpu], ...(libc ? { libc: [libc] } : {}) };
}

/** An entry like those that npm writes, without a checksum: npm adds it where it can see the package. */
export function entryFor({ name, version, parent }: MissingPackage, lock: Lock): LockEntry {
	if (!/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) throw new Error(`${name}: ${version} is no exact version`);
	const dev = lock.packages[parent]?.["dev"];
	const entry = { ...platformOf(name), ...(dev === undefined ? {} : { dev }), optional: true };
	// npm sorts the fields after the version.
	return { version, ...Object.fromEntries(Object.entries(entry).sort(([a], [b]) => a.localeCompare(b, "en"))) };
}

function main(): void {
	const lock = JSON.parse(readFileSync(lockPath, "utf8")) as Lock;
	const missing = missingPackages(lock);
	for (const item of missing) lock.packages[`node_modules/${item.name}`] = entryFor(item, lock);
	const entries = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
	lock.packages = Object.fromEntries(entries);
	if (missing.length > 0) writeFileSync(lockPath, `${JSON.stringify(lock, null, 2)}\n`);
	console.log(`${missing.length} packages added to package-lock.json`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
