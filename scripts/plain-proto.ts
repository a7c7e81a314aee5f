// Writes protocol/plain/: the .proto files for generators that know the core of the language only. The wire and the JSON form are
// those of protocol/proto, which a test compares by their descriptors. What differs:
//
// - No option of ours or of google.api, and so no import of options.proto, which brings google/protobuf/descriptor.proto: libprotobuf-lite does
//   not have it, and its fields `min` and `max` are macros in windows.h.
// - `optional` is written as the oneof of one field that it is on the wire: protobuf-c before 1.5 refuses it.
// - PointValue.bool is called bool_value, as `bool` is a macro in C, so that nanopb's structure does not compile. It keeps its
//   name in protocol/proto: a rename there would change the property for everybody who has generated from it.
// - No services: protobuf-c makes a field `register` of a method, which C reserves. An enum has the protocol numbers of all routes
//   and pushes instead, which are options in protocol/proto.
//
// `npm run generate` runs it; `--check` only reports whether what is checked in is fresh.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGE_PATH = "framegate/v1";
const source = fileURLToPath(new URL(`../protocol/proto/${PACKAGE_PATH}/`, import.meta.url));
const target = fileURLToPath(new URL(`../protocol/plain/${PACKAGE_PATH}/`, import.meta.url));
/** Holds options only. */
const OPTIONS_FILE = "options.proto";
/** Of methods, of which there are none in the plain form. */
const ANNOTATIONS = '"google/api/';
const NUMBERS_FILE = "protocol_number.proto";
const GENERATED = "// Generated from protocol/proto by `npm run generate`; do not edit.\n";
/** Field names that are macros somewhere → the name here. */
const RENAMED: Readonly<Record<string, string>> = { bool: "bool_value" };

/** Replaces what `pattern` finds outside of strings and comments; `replace` gets the original text. */
function replaceCode(text: string, pattern: RegExp, replace: (found: string) => string): string {
	const masked = text.replace(/"(?:\\.|[^"\\])*"|\/\/[^\n]*/g, (literal) => "~".repeat(literal.length));
	let result = "";
	let end = 0;
	for (const match of masked.matchAll(pattern)) {
		result += text.slice(end, match.index) + replace(text.slice(match.index, match.index + match[0].length));
		end = match.index + match[0].length;
	}
	return result + text.slice(end);
}

/**
 * One file without what is ours. The source is in the form of `buf format`, which `npm run check` holds.
 *
 * @throws Error when an option is left.
 */
export function plainProto(text: string): string {
	const steps: readonly (readonly [RegExp, (found: string) => string])[] = [
		[/^import ~+;\n/gm, (line) => (line.includes(`/${OPTIONS_FILE}"`) || line.includes(ANNOTATIONS) ? "" : line)],
		[/^(?:~+\n)*service \w+ \{\n[\s\S]*?\n\}\n\n?/gm, () => ""],
		[/^message \w+ \{\n {2}option \(push\) = \d+;\n/gm, plainPush],
		[/^ *option \([^;]*;\n/gm, () => ""],
		[/ \[\([^\]]*\]/g, () => ""],
		[/^ *optional \w+ \w+ = \d+;/gm, plainOptional],
		[/^ *\w+ bool = \d+;/gm, renamed],
	];
	const plain = steps.reduce((before, [pattern, replace]) => replaceCode(before, pattern, replace), text);
	replaceCode(plain, /\((?:route|push|rules|oneof_required|alias)\)/g, (option) => {
		throw new Error(`the option ${option} is left`);
	});
	// Behind the comment that says what the file is for.
	return plain.replace(/\n{3,}/g, "\n\n").replace(/^((?:\/\/[^\n]*\n)+)/, `$1${GENERATED}`);
}

function plainPush(found: string): string {
	return found.replace(/ \{\n {2}option \(push\) = (\d+);\n/, " { // Push $1.\n");
}

function plainOptional(found: string): string {
	const [, indent = "", field = "", name = ""] = /^( *)optional (\w+ (\w+) = \d+;)/.exec(found) ?? [];
	return `${indent}oneof optional_${name} {\n${indent}  ${field}\n${indent}}`;
}

function renamed(found: string): string {
	return found.replace(/(\w+)( = \d+);/, (_, name: string, number: string) => {
		return `${RENAMED[name]}${number} [json_name = "${name}"];`;
	});
}

const constant = (name: string): string => name.replace(/\.|(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();

interface Numbered {
	readonly number: number;
	/** Of the enum's value. */
	readonly name: string;
	/** Lines of comments. */
	readonly comment: string;
}

/** The routes and pushes that a file defines, with their comments. */
function numbersOf(text: string): Numbered[] {
	const found: Numbered[] = [];
	for (const [service = "", name = ""] of text.matchAll(/^service (\w+)Service \{\n[\s\S]*?\n\}\n/gm)) {
		const methods = service.matchAll(
			/((?: {2}\/\/.*\n)*) {2}rpc (\w+)\((\w+)\) returns \((\w+)\) \{[\s\S]*?number: (\d+)[\s\S]*?\n {2}\}\n/g,
		);
		for (const [, comment = "", method = "", request, reply, number] of methods) {
			const messages = `  // ${request}, answered by ${reply}.\n`;
			found.push({ number: Number(number), name: constant(`${name}.${method}`), comment: comment + messages });
		}
	}
	const pushed = /^((?:\/\/.*\n)*)message (\w+) \{\n {2}option \(push\) = (\d+);/gm;
	for (const [, comment = "", name = "", number] of text.matchAll(pushed)) {
		const indented = comment.replace(/^/gm, "  ").trimEnd();
		found.push({
			number: Number(number),
			name: `PUSH_${constant(name)}`,
			comment: `${indented}\n  // Push: ${name}.\n`,
		});
	}
	return found;
}

/** @param languageOptions - those of the other files. */
function protocolNumbers(numbers: readonly Numbered[], languageOptions: readonly string[]): string {
	const values = [...numbers].sort((a, b) => a.number - b.number);
	return [
		"// Which number of Envelope.protocol stands for which route or push.",
		`${GENERATED}syntax = "proto3";`,
		"",
		"package framegate.v1;",
		"",
		...languageOptions.map((line) => line.replace(/"\w+Proto"/, '"ProtocolNumberProto"')),
		"",
		"// Of each thousand, requests have the numbers up to x500, and pushes those from x501 on.",
		"enum ProtocolNumber {",
		"  PROTOCOL_NUMBER_UNSPECIFIED = 0;",
		...values.map(({ number, name, comment }) => `${comment}  PROTOCOL_NUMBER_${name} = ${number};`),
		"}",
		"",
	].join("\n");
}

/** Every file of protocol/plain by its name. */
function plainFiles(): ReadonlyMap<string, string> {
	const names = readdirSync(source).filter((name) => name.endsWith(".proto") && name !== OPTIONS_FILE);
	const texts = names.sort().map((name) => readFileSync(join(source, name), "utf8"));
	const languageOptions = texts[0]?.match(/^option \w.*$/gm) ?? [];
	const files = new Map(texts.map((text, index) => [names[index] ?? "", plainProto(text)]));
	return files.set(NUMBERS_FILE, protocolNumbers(texts.flatMap(numbersOf), languageOptions));
}

function presentFiles(): ReadonlyMap<string, string> {
	try {
		return new Map(readdirSync(target).map((name) => [name, readFileSync(join(target, name), "utf8")]));
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
		throw error;
	}
}

function main(): void {
	const files = plainFiles();
	if (process.argv.includes("--check")) {
		const present = presentFiles();
		const stale = [...new Set([...files.keys(), ...present.keys()])].filter(
			(name) => files.get(name) !== present.get(name),
		);
		if (stale.length === 0) return;
		console.error(`protocol/plain is stale (${stale.join(", ")}): run npm run generate`);
		process.exitCode = 1;
		return;
	}
	rmSync(target, { recursive: true, force: true });
	mkdirSync(target, { recursive: true });
	for (const [name, content] of files) writeFileSync(join(target, name), content);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
