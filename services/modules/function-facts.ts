// What the gateway has to know of a function: without its code, so that it can run elsewhere. Facts are data, which a message port carries.
import type { AnyRouteContract, JsonForm } from "../../protocol/contract.ts";
import type { HttpBinding } from "../../protocol/http-binding.ts";
import { jsonMessage } from "../../protocol/json-message.ts";

/** A function as the route table knows it, wherever it runs. */
export interface ServedFunction {
	readonly name: string;
	readonly contract: AnyRouteContract;
	readonly bindings: readonly HttpBinding[];
	readonly timeoutMs: number | undefined;
	/** A stack of where it was defined. */
	readonly definedAt: string;
}

/** The same as data. */
export interface FunctionFacts extends Omit<ServedFunction, "contract"> {
	readonly contract: Omit<AnyRouteContract, "request" | "reply">;
	readonly request: JsonForm;
	readonly reply: JsonForm;
}

/** @throws Error when its messages are described by something else than JSON Schema. */
export function factsOf({ name, contract, bindings, timeoutMs, definedAt }: ServedFunction): FunctionFacts {
	const { request, reply, ...rest } = contract;
	if (request.json === undefined || reply.json === undefined) {
		throw new Error(
			`${name}: functions of a .proto file run in the gateway's thread only: take it out of modules.isolated`,
		);
	}
	return { name, contract: rest, bindings, timeoutMs, definedAt, request: request.json, reply: reply.json };
}

export function functionOfFacts(facts: FunctionFacts): ServedFunction {
	const { name, bindings, timeoutMs, definedAt } = facts;
	const contract: AnyRouteContract = {
		...facts.contract,
		request: jsonMessage(`input of ${facts.contract.name}`, facts.request),
		reply: jsonMessage(`output of ${facts.contract.name}`, facts.reply),
	};
	return { name, contract, bindings, timeoutMs, definedAt };
}
