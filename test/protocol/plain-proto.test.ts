// protocol/plain is what protocol/proto is on the wire and in JSON, and both are in a form that the generators of other languages
// take. `npm run languages` compiles what they make of it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { pushContracts, routeContracts } from "../../protocol/gen/schema.ts";
import { plainProto } from "../../scripts/plain-proto.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Field {
	readonly name: string;
	readonly jsonName: string;
	readonly oneofIndex?: number;
	readonly proto3Optional?: boolean;
	readonly options?: object;
}

interface EnumType {
	readonly name: string;
	readonly value: readonly { readonly name: string; readonly number: number }[];
}

interface MessageType {
	readonly name: string;
	readonly field?: readonly Field[];
	readonly nestedType?: readonly MessageType[];
	readonly enumType?: readonly EnumType[];
	readonly oneofDecl?: readonly { readonly name: string }[];
	readonly options?: { readonly mapEntry?: boolean };
}

interface File {
	readonly name: string;
	readonly options: Readonly<Record<string, string | boolean>>;
	readonly messageType?: readonly MessageType[];
	readonly enumType?: readonly EnumType[];
	readonly service?: readonly { readonly name: string }[];
}

function filesOf(folder: string): File[] {
	const args = ["build", folder, "--exclude-source-info", "--exclude-imports", "-o", "-#format=json"];
	const json = execFileSync(join(root, "node_modules/.bin/buf"), args, { cwd: root, encoding: "utf8" });
	const { file } = JSON.parse(json) as { file: File[] };
	// Google's annotations of methods are no messages of the protocol.
	return file.filter(({ name }) => name.startsWith("framegate/"));
}

/** What a field is on the wire and in JSON; `oneof` has the other fields of its oneof. */
function fieldForm(field: Field, message: MessageType): object {
	const { name: _name, oneofIndex, proto3Optional: _optional, options: _options, ...form } = field;
	const mates = (message.field ?? []).filter((other) => oneofIndex !== undefined && other.oneofIndex === oneofIndex);
	return { ...form, oneof: mates.map(({ jsonName }) => jsonName) };
}

/** Without the names that plain JSON over HTTP has for values. */
function enumForm({ name, value }: EnumType): object {
	return { name, value: value.map(({ name: valueName, number }) => ({ name: valueName, number })) };
}

function messageForm(message: MessageType): object {
	const { name, field = [], nestedType = [], enumType = [], options } = message;
	return {
		name,
		isMap: options?.mapEntry ?? false,
		fields: field.map((one) => fieldForm(one, message)),
		nested: nestedType.map(messageForm),
		enums: enumType.map(enumForm),
	};
}

const fileForm = ({ messageType = [], enumType = [] }: File) => ({
	messages: messageType.map(messageForm),
	enums: enumType.map(enumForm),
});

const full = filesOf("protocol/proto");
const plain = filesOf("protocol/plain");
const NUMBERS = "framegate/v1/protocol_number.proto";
const OPTIONS = "framegate/v1/options.proto";

function messagesOf(messages: readonly MessageType[] = []): MessageType[] {
	return messages.flatMap((message) => [message, ...messagesOf(message.nestedType)]);
}

describe("protocol/plain", () => {
	test("has the messages and enums of protocol/proto, the same on the wire and in JSON", () => {
		const byName = new Map(plain.map((file) => [file.name, file]));
		const expected = full.filter(({ name }) => name !== OPTIONS);
		assert.deepEqual([...byName.keys()].sort(), [...expected.map(({ name }) => name), NUMBERS].sort());
		for (const file of expected) assert.deepEqual(fileForm(byName.get(file.name) as File), fileForm(file), file.name);
	});

	test("names fields as protocol/proto does, except one", () => {
		const names = (files: File[]) =>
			files
				.filter(({ name }) => name !== OPTIONS)
				.flatMap((file) => messagesOf(file.messageType))
				.flatMap((message) => (message.field ?? []).map((field) => `${message.name}.${field.name}`))
				.sort();
		const renamed = names(full).map((name) => (name === "PointValue.bool" ? "PointValue.bool_value" : name));
		assert.deepEqual(names(plain), renamed.sort());
	});

	test("has no options of ours, no service, no optional, and nothing that C or C++ reserves", () => {
		const reserved = new Set(
			`auto bool break case char const continue default do double else enum extern false float for goto if inline int long
			register restrict return short signed sizeof static struct switch true typedef union unsigned void volatile while
			max min`.split(/\s+/),
		);
		for (const file of plain) {
			assert.deepEqual(
				Object.keys(file.options).filter((name) => name.startsWith("[")),
				[],
				file.name,
			);
			assert.equal(file.service, undefined, file.name);
			for (const message of messagesOf(file.messageType)) {
				const names = [...(message.field ?? []), ...(message.oneofDecl ?? [])].map(({ name }) => name);
				assert.deepEqual(
					names.filter((name) => reserved.has(name)),
					[],
					message.name,
				);
				for (const field of message.field ?? []) {
					assert.deepEqual(
						[field.options, field.proto3Optional],
						[undefined, undefined],
						`${message.name}.${field.name}`,
					);
				}
			}
		}
	});

	test("has an enum of the numbers of all routes and pushes", () => {
		const [numbers] = plain.find(({ name }) => name === NUMBERS)?.enumType ?? [];
		const words = (name: string): string => name.replace(/\.|(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
		const expected = [
			["PROTOCOL_NUMBER_UNSPECIFIED", undefined],
			...[...routeContracts.values()].map(({ name, number }) => [`PROTOCOL_NUMBER_${words(name)}`, number]),
			...[...pushContracts.values()].map(({ name, number }) => [`PROTOCOL_NUMBER_PUSH_${words(name)}`, number]),
		];
		const found = (numbers?.value ?? []).map(({ name, number }) => [name, number || undefined]);
		assert.deepEqual(found.sort(), expected.sort());
	});

	test("an option that the generator does not know is an error", () => {
		const text =
			"message M {\n  oneof o {\n    option deprecated = true;\n  }\n  string a = 1 [deprecated = true, (rules) = {max_len: 1}];\n}\n";
		assert.throws(() => plainProto(text), /the option \(rules\) is left/);
	});
});

describe("options for the generators of other languages", () => {
	for (const [name, files] of Object.entries({ "protocol/proto": full, "protocol/plain": plain })) {
		test(`are in every file of ${name}, and no outer class of Java is called like a message`, () => {
			const types = files.flatMap((file) =>
				[...(file.messageType ?? []), ...(file.enumType ?? []), ...(file.service ?? [])].map((type) =>
					type.name.toLowerCase(),
				),
			);
			const outer = files.map(({ options }) => String(options["javaOuterClassname"]).toLowerCase());
			assert.equal(new Set([...outer, ...types]).size, outer.length + types.length, "file systems may ignore case");
			for (const file of files) {
				const { javaOuterClassname: _outer, ...others } = file.options;
				assert.deepEqual(
					others,
					{
						javaPackage: "framegate.v1",
						javaMultipleFiles: true,
						goPackage: "framegate/v1;framegatev1",
						objcClassPrefix: "FGT",
						csharpNamespace: "Framegate.V1",
						phpNamespace: "Framegate\\V1",
						phpMetadataNamespace: "Framegate\\V1\\Metadata",
						rubyPackage: "Framegate::V1",
					},
					file.name,
				);
			}
		});
	}

	test("protoc generates C++, C#, Java, Kotlin, Objective-C, PHP, Python and Ruby from both", () => {
		const scratch = mkdtempSync(join(tmpdir(), "framegate-protoc-"));
		try {
			for (const folder of ["protocol/proto", "protocol/plain"]) {
				const out = join(scratch, folder.replace("/", "-"));
				const languages = ["cpp", "csharp", "java", "kotlin", "objc", "php", "python", "ruby"];
				for (const language of languages) mkdirSync(join(out, language), { recursive: true });
				const files = readdirSync(join(root, folder, "framegate/v1")).map((file) => join(folder, "framegate/v1", file));
				const outs = languages.map((language) => `--${language}_out=${join(out, language)}`);
				execFileSync("protoc", ["-I", folder, ...outs, ...files], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
				const notification = readFileSync(join(out, "java/framegate/v1/Notification.java"), "utf8");
				assert.match(notification, /public final class Notification extends/);
				assert.match(readFileSync(join(out, "objc/framegate/v1/Auth.pbobjc.h"), "utf8"), /@interface FGTNotification /);
			}
		} finally {
			rmSync(scratch, { recursive: true });
		}
	});
});
