// Metadata of an endpoint: a bounded map of short texts, whatever a discovery server sends.

const MAX_ENTRIES = 64;
/** Of all names and texts together. */
const MAX_CHARACTERS = 4096;

/** The entries of an object that are texts, numbers or flags; further and longer ones are left out. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
	const texts: Record<string, string> = {};
	let count = 0;
	let characters = 0;
	for (const [name, entry] of Object.entries(value)) {
		if (typeof entry !== "string" && typeof entry !== "number" && typeof entry !== "boolean") continue;
		const length = name.length + `${entry}`.length;
		if (name === "__proto__" || characters + length > MAX_CHARACTERS) continue;
		if (++count > MAX_ENTRIES) break;
		characters += length;
		texts[name] = `${entry}`;
	}
	return texts;
}
