// What a client is shown of an error in one field reads as a sentence that begins with the field's name: "content.custom_type must be
// of letters …". The texts are looked for in the sources, since no run shows all of them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folders = ["common", "core", "handlers", "messaging", "middleware", "protocol", "server", "services"];
/** A string or a template, of which \x60 is the quote. */
const literal = String.raw`("(?:\\.|[^"\\])*"|\x60(?:\\.|[^\x60\\])*\x60)`;
/** The description of a violation, by the ways in which the sources make one. */
const descriptions = [
	new RegExp(String.raw`\bfieldError\(\s*(?:"[^"]*"|\x60[^\x60]*\x60|[\w.]+),\s*${literal}`, "g"),
	new RegExp(String.raw`\binvalid\(\s*"[\w.]+",\s*${literal}`, "g"),
	new RegExp(String.raw`\bfield\b[^{}\n]*\bdescription: ${literal}`, "g"),
];
/** A verb comes first. */
const PREDICATE = /^(?:must|is|are|has|have|cannot|belongs|does|do|was|looks|holds|mixes|differs)\b/;

function sources(): string[] {
	return folders.flatMap((folder) => {
		const files = readdirSync(join(root, folder), { recursive: true }) as string[];
		return files.filter((file) => file.endsWith(".ts") && !file.startsWith("gen/")).map((file) => join(folder, file));
	});
}

test("the description of every violation goes on where the field's name ends", () => {
	let found = 0;
	for (const file of sources()) {
		const text = readFileSync(join(root, file), "utf8");
		for (const pattern of descriptions) {
			for (const [, quoted = ""] of text.matchAll(pattern)) {
				found++;
				assert.match(quoted.slice(1, -1), PREDICATE, file);
				assert.doesNotMatch(quoted, /\bis (?:how|what|who|where|whom)\b|\bno such\b/, file);
			}
		}
	}
	assert.ok(found > 80, `only ${found} were found`);
});
