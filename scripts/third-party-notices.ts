// The licences of what the bundle holds: most of them ask that their text goes with every copy.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;
const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)/i;
const RULE = "-".repeat(80);

/**
 * @param root - folder that the paths are relative to.
 * @param inputs - files of the bundle, as esbuild's metafile names them.
 * @returns a text with name, version, licence and licence text of each package among them.
 *
 * @throws Error naming a package that does not say how it is licensed.
 */
export async function thirdPartyNotices(root: string, inputs: readonly string[]): Promise<string> {
	const folders = new Set(inputs.flatMap((path) => PACKAGE.exec(path)?.[0] ?? []));
	const notices = new Map<string, string>();
	for (const folder of folders) {
		const { name, version, license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
		if (typeof license !== "string") throw new Error(`${folder} does not say how it is licensed`);
		const files = (await readdir(join(root, folder))).filter((file) => LICENCE_FILE.test(file)).sort();
		const texts = await Promise.all(files.map((file) => readFile(join(root, folder, file), "utf8")));
		notices.set(
			`${name} ${version}`,
			[`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join("\n\n"),
		);
	}
	const sorted = [...notices].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, notice]) => notice);
	return `framegate contains these packages:\n\n${sorted.join(`\n\n${RULE}\n\n`)}\n`;
}
