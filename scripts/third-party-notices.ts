// The licences of what the bundle holds: most of them ask that their text goes with every copy.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;
const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)/i;
/** The comment that a file begins with. */
const FIRST_COMMENT = /^(?:\/\/.*\n)+|^\/\*[\s\S]*?\*\//;
const LICENCE_TEXTS = [/licen[cs]ed under/i, /redistribution and use/i, /permission is hereby granted/i];
/** Of a page. */
const LICENCE_SECTION = /^#+ *(?:the )?licen[cs]e[\s\S]*/im;
const APACHE = "Apache-2.0";
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
	const apache = await apacheLicence(root, folders);
	for (const folder of folders) {
		const { name, version, license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
		if (typeof license !== "string") throw new Error(`${folder} does not say how it is licensed`);
		const files = (await readdir(join(root, folder))).filter((file) => LICENCE_FILE.test(file)).sort();
		const texts = await Promise.all(files.map((file) => readFile(join(root, folder, file), "utf8")));
		if (texts.length === 0) {
			const own = inputs.filter((path) => path.startsWith(`${folder}/`));
			texts.push(...(await licenceComments(root, folder, own)), ...(license.includes(APACHE) ? [apache] : []));
		}
		notices.set(
			`${name} ${version}`,
			[`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join("\n\n"),
		);
	}
	const sorted = [...notices].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, notice]) => notice);
	return `framegate contains these packages:\n\n${sorted.join(`\n\n${RULE}\n\n`)}\n`;
}

/** Of a package without a file for it: what its sources begin with, once for each kind of text; otherwise what its page says. */
async function licenceComments(root: string, folder: string, files: readonly string[]): Promise<string[]> {
	const found = new Map<RegExp, string>();
	for (const file of files) {
		const [comment = ""] = FIRST_COMMENT.exec(await readFile(join(root, file), "utf8")) ?? [];
		for (const text of LICENCE_TEXTS) if (!found.has(text) && text.test(comment)) found.set(text, comment);
	}
	if (found.size > 0) return [...found.values()];
	const page = await readFile(join(root, folder, "README.md"), "utf8").catch(() => "");
	return [LICENCE_SECTION.exec(page)?.[0] ?? ""];
}

/** The text of the licence, which is the same for all; "" when no package has it. */
async function apacheLicence(root: string, folders: Iterable<string>): Promise<string> {
	for (const folder of folders) {
		const { license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
		if (license !== APACHE) continue;
		const text = await readFile(join(root, folder, "LICENSE"), "utf8").catch(() => "");
		if (text.includes("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION")) return text;
	}
	return "";
}
