// From a method of a module's own .proto file to what every surface of the gateway knows of a route.
import type { ModuleMethod } from "../../module/index.ts";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import type { ProtoRoute, ProtoRoutes, ProtoText } from "../../protocol/proto-routes.ts";
import { checkPath, checkRoute, type LoadedFunction, type ValueCheck } from "./loaded-function.ts";
import { ModuleError } from "./module-problem.ts";

/** Compiles .proto files, each once, when a module has one: the parser is loaded then. */
export class ProtoFiles {
	private readonly module: string;
	private readonly compiled = new Map<ProtoText, ProtoRoutes>();

	constructor(module: string) {
		this.module = module;
	}

	/** @throws ModuleError with the place in the .proto file. */
	async compile(file: ProtoText): Promise<ProtoRoutes> {
		const known = this.compiled.get(file);
		if (known !== undefined) return known;
		const { ProtoRoutes: Routes } = await import("../../protocol/proto-routes.ts");
		return this.attempt(() => {
			const made = new Routes(file);
			this.compiled.set(file, made);
			return made;
		});
	}

	/** @throws ModuleError as `compile`. */
	route(routes: ProtoRoutes, method: string): ProtoRoute {
		return this.attempt(() => routes.route(method));
	}

	private attempt<Result>(work: () => Result): Result {
		try {
			return work();
		} catch (error) {
			const { message, file, line } = error as { message: string; file?: string; line?: number };
			if (file === undefined) throw error;
			throw new ModuleError({ module: this.module, message, file, ...(line === undefined ? {} : { line, column: 1 }) });
		}
	}
}

/** The message came over the wire, and was held to the rules of its fields. */
const DECODED: ValueCheck = { safeParse: (data) => ({ success: true, data: data as object }) };

/** @throws Error that says what is wrong with the declaration; ModuleError for a fault in the .proto file. */
export async function loadMethod(
	module: string,
	name: string,
	{ options, definedAt }: ModuleMethod,
	files: ProtoFiles,
): Promise<LoadedFunction> {
	const { proto, method, timeoutMs, run } = options;
	const isFile = typeof (proto as Partial<ProtoText> | undefined)?.text === "string";
	if (!isFile || typeof method !== "string") {
		throw new Error(`${name}: proto must be an imported .proto file, and method a name like shop.v1.Shop.Buy`);
	}
	const { contract: facts, bindings, reply } = files.route(await files.compile(proto), method);
	checkRoute(name, { ...facts, timeoutMs, run });
	if (facts.needsConnection) throw new Error(`${name}: needs_connection is for routes of the gateway itself`);
	for (const binding of bindings) checkPath(module, binding);
	const contract: AnyRouteContract = { ...facts, name: `${module}.${name}` };
	const output: ValueCheck = {
		safeParse: (value) => {
			const isObject = typeof value === "object" && value !== null;
			const problem = isObject ? reply.verify(value as Record<string, unknown>) : "object expected";
			if (problem === null) return { success: true, data: value as object };
			return { success: false, error: { issues: [{ path: [], message: problem }] } };
		},
	};
	return { name, contract, bindings, input: DECODED, output, timeoutMs, run, definedAt, source: { proto, method } };
}
