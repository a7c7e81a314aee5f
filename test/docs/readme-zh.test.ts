// The Chinese edition of the README says the same as the English one: the same commands, the same tables, the same links.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { page } from "./markdown.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const english = page("README.md");
const chinese = page("README.zh-CN.md");

const blocks = (text: string): string[] => [...text.matchAll(/```\w*\n[\s\S]*?\n```/g)].map(([block]) => block);
/** The first cells of all rows of tables, which name things. */
const names = (text: string): string[] =>
	[...text.matchAll(/^\| (`[^|]+`|\d+) \|/gm)].map(([, cell = ""]) => cell.trim());
const targets = (text: string): string[] =>
	[...text.matchAll(/\]\((?!http|#)([^)#]+)\)/g)].map(([, path = ""]) => path);

describe("README.zh-CN.md", () => {
	it("shows the same commands, programs and frames", () => {
		assert.deepEqual([...new Set(blocks(chinese))].sort(), [...new Set(blocks(english))].sort());
	});

	it("has tables of the same routes, paths, variables and figures", () => {
		assert.ok(names(english).length > 60);
		assert.deepEqual(names(chinese), names(english));
	});

	it("has as many sections, and links to files that exist", () => {
		const sections = (text: string): number => [...text.matchAll(/^## /gm)].length;
		assert.equal(sections(chinese), sections(english));
		for (const path of targets(chinese)) assert.ok(existsSync(join(root, path)), path);
	});
});
