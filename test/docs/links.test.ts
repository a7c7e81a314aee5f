// Every relative link of every page leads to a file, and to a heading of it where it names one.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { findProgram } from "../support/programs.ts";
import { page } from "./markdown.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const git = findProgram("git");

/** As GitHub makes them. */
function anchors(markdown: string): ReadonlySet<string> {
	const prose = markdown.replaceAll(/^```.*?^```$/gms, "");
	const titles = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title);
	return new Set(
		titles.map((title) =>
			title
				.toLowerCase()
				.replaceAll(/[^\p{L}\p{N} _-]/gu, "")
				.replaceAll(" ", "-"),
		),
	);
}

it("relative links lead somewhere", () => {
	const listed = execFileSync(git, ["ls-files", "-co", "--exclude-standard", "*.md"], { cwd: root, encoding: "utf8" });
	const pages = listed.trim().split("\n");
	assert.ok(pages.length > 8);
	const broken: string[] = [];
	for (const name of pages) {
		const prose = page(name).replaceAll(/^```.*?^```$/gms, "");
		for (const [, target = ""] of prose.matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)) {
			const [file = "", anchor] = target.split("#");
			const path = file === "" ? name : join(dirname(name), file);
			const isThere = existsSync(join(root, path));
			if (!isThere || (anchor !== undefined && !anchors(page(path)).has(anchor))) broken.push(`${name}: ${target}`);
		}
	}
	assert.deepEqual(broken, []);
});
