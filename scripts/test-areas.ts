// Which test files an area has. An area is the name of a folder of test/ at any depth, such as a domain (`chat`, `control`) or a
// layer (`core`, `stores`), or a path below test/ (`services/edge`).
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Folders without tests of their own. */
const NO_AREAS = new Set(["support", "fixtures", "corpus"]);

/** Folders of `root` that hold tests, as paths below it: `services/chat`. */
export function testAreas(root: string): string[] {
	const entries = readdirSync(root, { recursive: true, withFileTypes: true });
	const folders = entries
		.filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
		.map((entry) => {
			return entry.parentPath.slice(root.length).replace(/^\//, "");
		});
	const parents = folders.flatMap((folder) => {
		const parts = folder.split("/");
		return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
	});
	return [...new Set(parents)].filter((folder) => folder !== "" && !NO_AREAS.has(folder)).sort();
}

/** @returns patterns of the test files of an area; none when there is no such area. */
export function filesOfArea(root: string, name: string): string[] {
	const wanted = name.replace(/^test\//, "").replace(/\/$/, "");
	const areas = testAreas(root).filter((area) => area === wanted || area.endsWith(`/${wanted}`));
	return areas.map((area) => join(root, area, "**/*.test.ts"));
}
