// Compiles .proto files that come as texts, and finds their routes: methods with the `(framegate.v1.route)` option of options.proto.
import protobuf from "protobufjs";
import type { AnyMessageType, AnyRouteContract, MessageDocument } from "./contract.ts";
import { shortEnumName } from "./enum-names.ts";
import { routeFacts } from "./generate-description.ts";
import { enumAliases, httpBindings } from "./generate-http.ts";
import { type Schema, SchemaWriter } from "./generate-schemas.ts";
import type { HttpBinding } from "./http-binding.ts";
import { ReflectedMessages } from "./reflected-message.ts";
import { fullName, holdsList, option } from "./reflection-facts.ts";

/** A .proto file with what it imports. */
export interface ProtoText {
	/** For messages of errors. */
	readonly path: string;
	readonly text: string;
	/** By the name in its `import`, without those that every gateway has. */
	readonly imports: Readonly<Record<string, ProtoText>>;
}

export interface ProtoRoute {
	/** What its options say; the name is for the caller to give. */
	readonly contract: Omit<AnyRouteContract, "name">;
	readonly bindings: readonly HttpBinding[];
	readonly reply: protobuf.Type;
}

/** What is wrong with a .proto file, and where. */
export class ProtoError extends Error {
	readonly file: string;
	readonly line: number | undefined;

	constructor(file: string, message: string, line?: number) {
		super(message);
		this.name = "ProtoError";
		this.file = file;
		this.line = line;
	}
}

/** Options and annotations: their names are known, and nothing of them is encoded. */
const PROVIDED = /^(?:framegate\/v1\/options|google\/api\/(?:annotations|http)|google\/protobuf\/descriptor)\.proto$/;
const WELL_KNOWN = /^google\/protobuf\/(.*)\.proto$/;
const OWN_OPTIONS = new Set(["route", "push", "rules", "alias", "oneof_required"]);
const MAX_FILES = 100;

export class ProtoRoutes {
	private readonly file: ProtoText;
	private readonly root = new protobuf.Root();
	private readonly messages = new ReflectedMessages();

	/** @throws ProtoError. */
	constructor(file: ProtoText) {
		this.file = file;
		this.add(file, new Set());
		try {
			this.root.resolveAll();
		} catch (error) {
			throw new ProtoError(file.path, (error as Error).message);
		}
		this.checkOptions(this.root);
	}

	/** @param method - full name: `shop.v1.Shop.Buy`. @throws ProtoError. */
	route(method: string): ProtoRoute {
		const found = this.methodOf(method);
		if (found.requestStream || found.responseStream) throw this.error(`${method} is a stream, which no route is`);
		const { number = 0, hasLargeReply, ...facts } = routeFacts(found, option);
		if (number === 0) throw this.error(`${method} has no option (framegate.v1.route) with a number`);
		const request = found.resolvedRequestType as protobuf.Type;
		const reply = found.resolvedResponseType as protobuf.Type;
		return {
			contract: {
				number,
				...facts,
				request: this.described(request, found.comment ?? "", true),
				reply: this.described(reply, "", false),
				hasLargeReply: hasLargeReply || holdsList(reply),
				rpcPath: `/${fullName(found.parent as protobuf.Service)}/${found.name}`,
			},
			bindings: this.bindingsOf(found, number),
			reply,
		};
	}

	private add({ path, text, imports }: ProtoText, seen: Set<string>): void {
		if (seen.has(path)) return;
		seen.add(path);
		if (seen.size > MAX_FILES) throw new ProtoError(path, `more than ${MAX_FILES} files`);
		let names: readonly string[];
		try {
			const parsed = protobuf.parse(text, this.root, { alternateCommentMode: true });
			names = [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])];
		} catch (error) {
			const { message } = error as Error;
			const line = /\(.*?line (\d+)\)/.exec(message)?.[1];
			throw new ProtoError(path, message.replace(/ \(.*line \d+\)/, ""), line === undefined ? undefined : Number(line));
		}
		for (const name of names) {
			const known = WELL_KNOWN.exec(name)?.[1];
			if (PROVIDED.test(name)) continue;
			if (known !== undefined) this.addWellKnown(path, name);
			else if (imports[name] === undefined) throw new ProtoError(path, `import "${name}": there is no such file`);
			else this.add(imports[name], seen);
		}
	}

	private addWellKnown(path: string, name: string): void {
		const common = protobuf.common.get(name);
		if (common === null || common.nested === undefined) throw new ProtoError(path, `import "${name}" is not supported`);
		// Adding the same once more is an error.
		if (this.root.lookup("google.protobuf") === null || !hasAll(this.root, common.nested))
			this.root.addJSON(common.nested);
	}

	private methodOf(name: string): protobuf.Method {
		const parts = name.split(".");
		const found = parts.length < 2 ? null : this.root.lookup(parts.slice(0, -1));
		const method = found instanceof protobuf.Service ? found.methods[parts.at(-1) ?? ""] : undefined;
		if (method === undefined) throw this.error(`there is no method ${name}`);
		return method.resolve() as protobuf.Method;
	}

	private bindingsOf(method: protobuf.Method, number: number): HttpBinding[] {
		try {
			return httpBindings([{ method, number }], option);
		} catch (error) {
			throw this.error((error as Error).message);
		}
	}

	private described(reflected: protobuf.Type, description: string, isRequest: boolean): AnyMessageType {
		const aliases = enumAliases(this.root);
		const writer = new SchemaWriter(option, (type, value) => shortEnumName(type, value, aliases));
		const schema = writer.object(reflected, reflected.fieldsArray, isRequest);
		const document: MessageDocument = { schema, components: writer.schemas as Record<string, Schema>, description };
		return { ...this.messages.typeOf(reflected), document };
	}

	/** A misspelled option would be a route without what it says. */
	private checkOptions(namespace: protobuf.NamespaceBase): void {
		for (const nested of namespace.nestedArray) {
			const inner =
				nested instanceof protobuf.Type
					? [...nested.fieldsArray, ...nested.oneofsArray]
					: nested instanceof protobuf.Service
						? nested.methodsArray
						: [];
			for (const object of [nested, ...inner]) this.checkOptionsOf(object);
			if (nested instanceof protobuf.Namespace) this.checkOptions(nested);
		}
	}

	private checkOptionsOf(object: protobuf.ReflectionObject): void {
		for (const name of Object.keys(object.options ?? {})) {
			const own = /^\(\.?framegate\.v1\.([^)]*)\)/.exec(name)?.[1];
			if (own !== undefined && !OWN_OPTIONS.has(own))
				throw this.error(`${fullName(object)}: options.proto has no option ${own}`);
		}
	}

	private error(message: string): ProtoError {
		return new ProtoError(this.file.path, message);
	}
}

function hasAll(root: protobuf.Root, nested: object): boolean {
	const google =
		(nested as { google?: { nested?: { protobuf?: { nested?: object } } } }).google?.nested?.protobuf?.nested ?? {};
	return Object.keys(google).every((name) => root.lookup(`google.protobuf.${name}`) !== null);
}
