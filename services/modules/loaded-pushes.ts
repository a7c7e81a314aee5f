// The pushes that a module declares: their contracts, and the schemas that their bodies are held to.
import * as z from "zod";
import { type ModuleDefinition, ModulePush } from "../../module/index.ts";
import type { AnyPushContract } from "../../protocol/contract.ts";
import { FIRST_JSON_PUSH, jsonPush, LAST_JSON_PUSH } from "../../protocol/json-message.ts";
import { ModuleError } from "./module-problem.ts";
import type { SourcePositions } from "./source-positions.ts";

export interface LoadedPush {
	readonly contract: AnyPushContract;
	readonly definedAt: string;
}

/** Pushes of one module. */
const MAX_PUSHES = 200;

/** By what the module holds of them. @throws ModuleError where one is not what it should be. */
export function pushesOf(
	module: string,
	{ options }: ModuleDefinition,
	positions: SourcePositions,
): ReadonlyMap<ModulePush, LoadedPush> {
	const declared = Object.entries(options.pushes ?? {});
	if (declared.length > MAX_PUSHES) throw new ModuleError({ module, message: `more than ${MAX_PUSHES} pushes` });
	const loaded = new Map<ModulePush, LoadedPush>();
	const numbers = new Set<number>();
	for (const [name, entry] of declared) {
		const problem = problemOf(entry, numbers);
		if (problem !== undefined) {
			const place = entry instanceof ModulePush ? positions.placeOf(entry.definedAt) : {};
			throw new ModuleError({ module, message: `${name}: ${problem}`, ...place });
		}
		const push: ModulePush = entry;
		const { number } = push.options;
		numbers.add(number);
		const message = jsonPush(number) as AnyPushContract["message"];
		loaded.set(push, { contract: { number, name: `${module}.${name}`, message }, definedAt: push.definedAt });
	}
	return loaded;
}

function problemOf(entry: unknown, taken: ReadonlySet<number>): string | undefined {
	if (!(entry instanceof ModulePush)) return "not what definePush returns";
	const { number, body } = entry.options as { number: number; body: unknown };
	if (!Number.isInteger(number) || number < FIRST_JSON_PUSH || number > LAST_JSON_PUSH) {
		return `number must be from ${FIRST_JSON_PUSH} to ${LAST_JSON_PUSH}`;
	}
	if (!(body instanceof z.ZodObject)) return "body must be z.object({ … })";
	return taken.has(number) ? `number ${number} belongs to another push` : undefined;
}

/** The number, the name and the body of a push that is sent. @throws Error when it is not declared, or the body is not what it declares. */
export function outgoing(pushes: ReadonlyMap<ModulePush, LoadedPush>, push: ModulePush, body: unknown) {
	const declared = pushes.get(push);
	if (declared === undefined) throw new Error("the push is not among the pushes of its module");
	const { number, name } = declared.contract;
	return { contract: { number, name }, body: push.options.body.parse(body) as object };
}
