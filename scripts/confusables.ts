// Writes common/confusables.json from confusables.txt of Unicode's security data (UTS #39, section 4):
// `npx node scripts/confusables.ts confusables.txt`. Run it when the Unicode version of Node changes.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const TARGET = fileURLToPath(new URL("../common/confusables.json", import.meta.url));
const LINE = /^([0-9A-F]{4,6}) ;\s+([0-9A-F ]+?)\s*;\s+MA\b/;

/** Code points in base 36, so that the file holds nothing that an editor would draw or obey. */
const short = (hex: string) => Number.parseInt(hex, 16).toString(36);

/** @throws Error when the text is no confusables.txt. */
function compact(text: string) {
	const version = /^\W*Version: ([\d.]+)$/m.exec(text)?.[1];
	const sources = new Map<string, string[]>();
	for (const line of text.split("\n")) {
		const [, source, prototype] = LINE.exec(line) ?? [];
		if (source === undefined || prototype === undefined) continue;
		const key = prototype.split(" ").map(short).join(".");
		sources.set(key, [...(sources.get(key) ?? []), short(source)]);
	}
	if (version === undefined || sources.size < 1000) throw new Error("this is no confusables.txt");
	const table = [...sources]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, list]) => `${key}:${list.sort().join(",")}`);
	return {
		about: "Unicode security data, confusables.txt: prototype:characters, in base 36. Unicode License V3.",
		copyright: "Copyright 1991-2025 Unicode, Inc. https://www.unicode.org/license.txt",
		version,
		table: table.join(";"),
	};
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("which confusables.txt?");
await writeFile(TARGET, `${JSON.stringify(compact(await readFile(file, "utf8")), undefined, "\t")}\n`);
