// `npm run coverage`: lines and branches that the tests reach, by folder, as Node counts them. Code that only runs in processes
// which tests start (whole gateways, workers) does not count. Areas may be named, as with `npm test`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const PRODUCTION = [
	"client",
	"common",
	"core",
	"handlers",
	"messaging",
	"middleware",
	"protocol",
	"server",
	"services",
	"stores",
];

interface Counts {
	lines: number;
	linesHit: number;
	branches: number;
	branchesHit: number;
}

/** Two levels of folders: `services/chat`. */
function folderOf(path: string): string {
	return path.split("/").slice(0, -1).slice(0, 2).join("/");
}

/** Sums up an lcov report (geninfo(1)) by folder. */
function byFolder(report: string): Map<string, Counts> {
	const folders = new Map<string, Counts>();
	let counts: Counts = { lines: 0, linesHit: 0, branches: 0, branchesHit: 0 };
	for (const line of report.split("\n")) {
		const [, name = "", value = ""] = /^(\w+):(.*)$/.exec(line) ?? [];
		if (name === "SF") {
			const folder = folderOf(value);
			counts = folders.get(folder) ?? { lines: 0, linesHit: 0, branches: 0, branchesHit: 0 };
			folders.set(folder, counts);
		} else if (name === "LF") counts.lines += Number(value);
		else if (name === "LH") counts.linesHit += Number(value);
		else if (name === "BRF") counts.branches += Number(value);
		else if (name === "BRH") counts.branchesHit += Number(value);
	}
	return folders;
}

function percent(hit: number, all: number): string {
	return all === 0 ? "–" : `${((100 * hit) / all).toFixed(1)} %`;
}

const directory = mkdtempSync(join(tmpdir(), "framegate-coverage-"));
try {
	const file = join(directory, "lcov.info");
	const args = [
		...["scripts/test.ts", ...process.argv.slice(2), "--experimental-test-coverage"],
		...PRODUCTION.map((folder) => `--test-coverage-include=${folder}/**`),
		// Destinations belong to reporters in their order; the first reporter is that of scripts/test.ts.
		...["--test-reporter=lcov", "--test-reporter-destination=stdout", `--test-reporter-destination=${file}`],
	];
	const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
	const folders = [...byFolder(readFileSync(file, "utf8"))].sort(([a], [b]) => (a < b ? -1 : 1));
	console.log(`${"folder".padEnd(28)} ${"lines".padStart(9)} ${"branches".padStart(9)}`);
	for (const [folder, { lines, linesHit, branches, branchesHit }] of folders) {
		console.log(
			`${folder.padEnd(28)} ${percent(linesHit, lines).padStart(9)} ${percent(branchesHit, branches).padStart(9)}`,
		);
	}
	process.exitCode = status ?? 1;
} finally {
	rmSync(directory, { recursive: true, force: true });
}
