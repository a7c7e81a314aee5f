// Writes protocol/gen/ from the .proto files: the static codec (messages.js, messages.d.ts), the reflection bundle
// that the JSON transcoder reads, schema.ts with every message type, route and push, description.json with the same as data, and
// codec/ with the same for programs in which size counts.
// `npm run generate` runs it; `--check` only reports whether what is checked in is fresh.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import packageJson from "../package.json" with { type: "json" };
import type { FieldRule, OneofRule } from "./contract.ts";
import { shortEnumName } from "./enum-names.ts";
import { codecSources } from "./generate-codec.ts";
import { describeProtocol, routeFacts } from "./generate-description.ts";
import { enumAliases, httpBindings, httpSource, type NumberedMethod } from "./generate-http.ts";
import { openApi } from "./generate-openapi.ts";

const PACKAGE = "framegate.v1";
/** Types that exist for options only; no message on the wire uses them. */
const OPTION_TYPES = new Set(["Route", "FieldRules", "Ordering"]);
/** The last digits of a protocol number that are still a request's. */
const LAST_REQUEST = 500;

const here = fileURLToPath(new URL(".", import.meta.url));
const protoRoot = join(here, "proto");
const packageDir = join(protoRoot, ...PACKAGE.split("."));
const genDir = join(here, "gen");
/** protobufjs ships Google's own .proto files. */
const protobufjsDir = fileURLToPath(new URL(".", import.meta.resolve("protobufjs/package.json")));

function loadRoot(files: string[]): protobuf.Root {
	const root = new protobuf.Root();
	root.resolvePath = (origin, target) => {
		if (origin === "") return target;
		return target.startsWith("google/protobuf/") ? join(protobufjsDir, target) : join(protoRoot, target);
	};
	root.loadSync(files, { alternateCommentMode: true });
	root.resolveAll();
	return root;
}

/** The value of one option, whichever way protobufjs has parsed it. */
function option<T>(object: protobuf.ReflectionObject, name: string): T | undefined {
	for (const parsed of object.parsedOptions ?? []) {
		if (name in parsed) return parsed[name] as T;
	}
	return object.options?.[name] as T | undefined;
}

function messageTypes(namespace: protobuf.NamespaceBase): protobuf.Type[] {
	return namespace.nestedArray.flatMap((nested) => {
		if (!(nested instanceof protobuf.Type) || OPTION_TYPES.has(nested.name)) return [];
		return [nested, ...messageTypes(nested)];
	});
}

const fullName = (object: protobuf.ReflectionObject): string => object.fullName.slice(1);
/** `framegate.v1.ForgotPasswordRequest.Confirm` is exported as `ForgotPasswordRequest_Confirm`. */
const exportName = (type: protobuf.ReflectionObject): string =>
	fullName(type)
		.slice(PACKAGE.length + 1)
		.replaceAll(".", "_");
const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

function shapeOf(field: protobuf.Field): FieldRule["shape"] {
	if (field.resolvedType instanceof protobuf.Type) return "message";
	if (field.resolvedType instanceof protobuf.Enum) return "enum";
	if (field.type === "string" || field.type === "bytes" || field.type === "bool") return field.type;
	return "number";
}

interface RulesOption {
	required?: boolean;
	min_len?: number;
	max_len?: number;
	pattern?: string;
	min?: number;
	max?: number;
	min_items?: number;
	max_items?: number;
	defined_only?: boolean;
	secret?: boolean;
}

function fieldRule(field: protobuf.Field): FieldRule | undefined {
	const rules = option<RulesOption>(field, "(rules)");
	const shape = shapeOf(field);
	if (rules === undefined && shape !== "message") return undefined;
	const { min_len, max_len, min_items, max_items, defined_only, ...same } = rules ?? {};
	return {
		property: field.name,
		field: snakeCase(field.name),
		shape,
		cardinality: field.map ? "map" : field.repeated ? "many" : "one",
		...(field.resolvedType ? { typeName: fullName(field.resolvedType) } : {}),
		...same,
		...(min_len === undefined ? {} : { minLen: min_len }),
		...(max_len === undefined ? {} : { maxLen: max_len }),
		...(min_items === undefined ? {} : { minItems: min_items }),
		...(max_items === undefined ? {} : { maxItems: max_items }),
		...(defined_only && field.resolvedType instanceof protobuf.Enum
			? { definedValues: Object.values(field.resolvedType.values) }
			: {}),
	};
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function oneofRules(type: protobuf.Type): OneofRule[] {
	return type.oneofsArray
		.filter((oneof) => option<boolean>(oneof, "(oneof_required)"))
		.map((oneof) => ({ field: snakeCase(oneof.name), properties: oneof.fieldsArray.map((field) => field.name) }));
}

function holdsBytes(type: protobuf.Type, seen = new Set<protobuf.Type>()): boolean {
	if (seen.has(type)) return false;
	seen.add(type);
	return type.fieldsArray.some(
		(field) =>
			field.type === "bytes" || (field.resolvedType instanceof protobuf.Type && holdsBytes(field.resolvedType, seen)),
	);
}

/** A message whose size has no bound in its own fields. */
function holdsList(type: protobuf.Type, seen = new Set<protobuf.Type>()): boolean {
	if (seen.has(type)) return false;
	seen.add(type);
	return type.fieldsArray.some(
		(field) =>
			field.repeated ||
			field.map ||
			(field.resolvedType instanceof protobuf.Type && holdsList(field.resolvedType, seen)),
	);
}

function schemaSource(root: protobuf.Root): string {
	const namespace = root.lookup(PACKAGE) as protobuf.Namespace;
	const types = messageTypes(namespace);
	const lines = [
		"// Generated by `npm run generate` from the .proto files; do not edit.",
		'import type { AnyMessageType, AnyPushContract, AnyRouteContract, MessageType, PushContract, RouteContract } from "../contract.ts";',
		'import "../runtime.ts";',
		'import { framegate } from "./messages.js";',
		"",
		'export * from "./enums.ts";',
		"",
		"const v1 = framegate.v1;",
		"",
	];
	for (const type of types) {
		const name = exportName(type);
		const path = `framegate.v1.${name.replaceAll("_", ".")}`;
		const rules = type.fieldsArray.map(fieldRule).filter((rule) => rule !== undefined);
		lines.push(
			`export type ${name} = ${path} & ${path}.$Shape;`,
			`export type ${name}Properties = ${path}.$Properties;`,
			`export const ${name}: MessageType<${name}, ${name}Properties> = {`,
			`	typeName: ${JSON.stringify(fullName(type))},`,
			`	encode: v1.${name.replaceAll("_", ".")}.encode,`,
			`	decode: v1.${name.replaceAll("_", ".")}.decode,`,
			`	holdsBytes: ${holdsBytes(type)},`,
			`	rules: ${JSON.stringify(rules)},`,
			`	oneofs: ${JSON.stringify(oneofRules(type))},`,
			"};",
			"",
		);
	}
	const numbers = new ProtocolNumbers();
	lines.push(...routeLines(namespace, numbers), ...pushLines(types, numbers));
	lines.push(
		"/** Every message type by its full name. */",
		"export const messageTypes: ReadonlyMap<string, AnyMessageType> = new Map(",
		`	[${types.map(exportName).join(", ")}].map((type) => [type.typeName, type] as const),`,
		");",
		"",
	);
	return lines.join("\n");
}

function enumTypes(namespace: protobuf.NamespaceBase): protobuf.Enum[] {
	return namespace.nestedArray.flatMap((nested) => {
		if (nested instanceof protobuf.Type) return enumTypes(nested);
		return nested instanceof protobuf.Enum && !OPTION_TYPES.has(nested.name) ? [nested] : [];
	});
}

/** Every method that is a route, in the order of the files. */
function numberedMethods(namespace: protobuf.Namespace): NumberedMethod[] {
	return namespace.nestedArray
		.filter((nested) => nested instanceof protobuf.Service)
		.flatMap(({ methodsArray }) => methodsArray)
		.map((method) => ({ method, number: routeFacts(method, option).number ?? 0 }));
}

/** Who has which protocol number: in each block of 1000, requests come below x501 and pushes from there. */
class ProtocolNumbers {
	private readonly owners = new Map<number, string>();

	claim(number: number | undefined, owner: string, kind: "route" | "push"): number {
		if (!number) throw new Error(`${owner}: the (${kind}) option needs a number`);
		if (number % 1000 > LAST_REQUEST !== (kind === "push")) {
			throw new Error(`${owner}: number ${number} is no ${kind} number; pushes end in ${LAST_REQUEST + 1} to 999`);
		}
		const other = this.owners.get(number);
		if (other !== undefined) throw new Error(`${owner}: number ${number} belongs to ${other}`);
		this.owners.set(number, owner);
		return number;
	}
}

function routeLines(namespace: protobuf.Namespace, numbers: ProtocolNumbers): string[] {
	const services = namespace.nestedArray.filter((nested) => nested instanceof protobuf.Service);
	const lines: string[] = [];
	const groups: string[] = [];
	for (const service of services) {
		const module = lowerFirst(service.name.replace(/Service$/, ""));
		groups.push(`${module}Routes`);
		lines.push(`export const ${module}Routes = {`);
		for (const method of service.methodsArray) {
			const facts = routeFacts(method, option);
			const name = `${module}.${lowerFirst(method.name)}`;
			const number = numbers.claim(facts.number, name, "route");
			const request = exportName(method.resolvedRequestType as protobuf.Type);
			const reply = exportName(method.resolvedResponseType as protobuf.Type);
			lines.push(
				...(method.comment ? [`	/** ${method.comment} */`] : []),
				`	${lowerFirst(method.name)}: {`,
				`		number: ${number},`,
				`		name: ${JSON.stringify(name)},`,
				`		request: ${request},`,
				`		reply: ${reply},`,
				`		permission: ${JSON.stringify(facts.permission)},`,
				`		cost: ${facts.cost},`,
				`		ordering: ${JSON.stringify(facts.ordering)},`,
				`		hasLargeReply: ${facts.hasLargeReply || holdsList(method.resolvedResponseType as protobuf.Type)},`,
				`		rpcPath: "/${fullName(service)}/${method.name}",`,
				`		needsConnection: ${facts.needsConnection},`,
				`		handlesRepeats: ${facts.handlesRepeats},`,
				`		hasSideEffects: ${facts.hasSideEffects},`,
				`		idempotent: ${facts.idempotent},`,
				`	} satisfies RouteContract<${request}, ${request}Properties, ${reply}, ${reply}Properties>,`,
			);
		}
		lines.push("} as const;", "");
	}
	lines.push(
		"/** Every route by its protocol number. */",
		"export const routeContracts: ReadonlyMap<number, AnyRouteContract> = new Map(",
		`	[${groups.map((group) => `...Object.values(${group})`).join(", ")}].map((route) => [route.number, route] as const),`,
		");",
		"",
	);
	return lines;
}

function pushLines(types: protobuf.Type[], numbers: ProtocolNumbers): string[] {
	const lines = ["export const pushes = {"];
	for (const type of types) {
		const pushOption = option<number>(type, "(push)");
		if (pushOption === undefined) continue;
		const name = exportName(type);
		const number = numbers.claim(pushOption, name, "push");
		lines.push(
			`	${lowerFirst(name)}: { number: ${number}, name: ${JSON.stringify(name)}, message: ${name} } satisfies PushContract<${name}, ${name}Properties>,`,
		);
	}
	lines.push(
		"} as const;",
		"",
		"/** Every push by its protocol number. */",
		"export const pushContracts: ReadonlyMap<number, AnyPushContract> = new Map(",
		"	Object.values(pushes).map((push) => [push.number, push] as const),",
		");",
		"",
	);
	return lines;
}

const MAPS_OF_NAMES = new Set(["nested", "fields", "values", "oneofs"]);

/** The reflection bundle holds what ProtoJSON needs: fields and enums, no options, no services. */
function reflectionBundle(root: protobuf.Root): string {
	/** @param areNames - the keys are names of the schema, any of which may be "comment" or "options". */
	const strip = (node: unknown, areNames = false): unknown => {
		if (node === null || typeof node !== "object" || Array.isArray(node)) return node;
		const entries = Object.entries(node)
			.filter(([key, value]) => (areNames || (key !== "parsedOptions" && key !== "comment")) && !hasMethods(value))
			.map(([key, value]) => {
				if (!areNames && key === "options") return [key, keepFieldOptions(value)] as const;
				return [key, strip(value, !areNames && MAPS_OF_NAMES.has(key))] as const;
			})
			.filter(([, value]) => value !== undefined);
		return Object.fromEntries(entries);
	};
	const bundle = (root.lookup(PACKAGE) as protobuf.Namespace).toJSON();
	const nested = Object.fromEntries(
		Object.entries(bundle.nested ?? {}).filter(([name]) => !OPTION_TYPES.has(name) && !/^[a-z]/.test(name)),
	);
	const v1 = strip({ ...bundle, nested });
	return `${JSON.stringify({ nested: { framegate: { nested: { v1 } } } }, undefined, "\t")}\n`;
}

const hasMethods = (value: unknown): boolean => typeof value === "object" && value !== null && "methods" in value;
function keepFieldOptions(options: unknown): unknown {
	const kept = Object.entries(options as Record<string, unknown>).filter(([key]) =>
		["proto3_optional", "packed", "json_name"].includes(key),
	);
	return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** The protocol as data, for programs that do without the codec. */
function description(root: protobuf.Root): string {
	const isForOptions = ({ name }: protobuf.ReflectionObject): boolean => OPTION_TYPES.has(name);
	const readers = { option, fieldRule, oneofRules, isForOptions };
	return `${JSON.stringify(describeProtocol(root.lookup(PACKAGE) as protobuf.Namespace, readers), undefined, "\t")}\n`;
}

function pbjs(args: string[]): void {
	execFileSync(
		process.execPath,
		[fileURLToPath(import.meta.resolve("protobufjs-cli/bin/pbjs")), "-p", protoRoot, ...args],
		{ stdio: ["ignore", "ignore", "inherit"] },
	);
}

function staticModule(types: protobuf.Type[], files: string[]): { js: string; dts: string } {
	const scratch = mkdtempSync(join(tmpdir(), "framegate-generate-"));
	try {
		const filter = join(scratch, "filter.json");
		writeFileSync(filter, JSON.stringify({ messageNames: types.map(fullName) }));
		const out = join(scratch, "messages.js");
		const common = ["-t", "static-module", "--wrap", "esm", "--force-number", "--null-semantics", "--alt-comment"];
		const trimmed = ["--no-create", "--no-verify", "--no-convert", "--no-delimited", "--no-typeurl", "--no-service"];
		const args = [...common, ...trimmed, "--filter", filter, "-o", out];
		// Twice: the type declarations take their comments from commented code, which nobody needs at run time.
		pbjs([...args, "-d", ...files]);
		const dts = readFileSync(join(scratch, "messages.d.ts"), "utf8");
		pbjs([...args, "--no-comments", ...files]);
		return { js: withFieldNumbers(readFileSync(out, "utf8")), dts };
	} finally {
		rmSync(scratch, { recursive: true });
	}
}

/** protobufjs 8.8.1 gives `skipType` of messages without fields a tag for the field number: they take 0, and no unknown group. */
function withFieldNumbers(js: string): string {
	const corrected = js.replaceAll("(tag & 7, _depth, tag);", "(tag & 7, _depth, tag >>> 3);");
	if (corrected === js) throw new Error("protobufjs passes field numbers by itself now: remove withFieldNumbers()");
	return corrected;
}

function main(): void {
	const files = readdirSync(packageDir)
		.filter((name) => name.endsWith(".proto"))
		.sort()
		.map((name) => join(packageDir, name));
	const root = loadRoot(files);
	const namespace = root.lookup(PACKAGE) as protobuf.Namespace;
	const types = messageTypes(namespace);
	const { js, dts } = staticModule(types, files);
	const methods = numberedMethods(namespace);
	const enums = enumTypes(namespace);
	const bindings = httpBindings(methods, option);
	const aliases = enumAliases(namespace);
	const shortName = (type: protobuf.Enum, value: string) => shortEnumName(type, value, aliases);
	const outputs: Record<string, string> = {
		"messages.js": js,
		"messages.d.ts": dts,
		"reflection.json": reflectionBundle(root),
		"description.json": description(root),
		"schema.ts": schemaSource(root),
		...codecSources({ option, types, enums, exportName, methods, routeFacts: (method) => routeFacts(method, option) }),
		"http.ts": httpSource(bindings, aliases),
		"openapi.json": openApi({ methods, bindings, option, shortName, version: packageJson.version }),
	};
	if (process.argv.includes("--check")) {
		const stale = Object.keys(outputs).filter((name) => readIfThere(join(genDir, name)) !== outputs[name]);
		if (stale.length > 0) {
			console.error(`protocol/gen is stale (${stale.join(", ")}): run npm run generate`);
			process.exitCode = 1;
		}
		return;
	}
	rmSync(join(genDir, "codec"), { recursive: true, force: true });
	mkdirSync(join(genDir, "codec"), { recursive: true });
	for (const [name, content] of Object.entries(outputs)) writeFileSync(join(genDir, name), content);
}

function readIfThere(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return undefined;
	}
}

main();
