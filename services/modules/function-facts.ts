// What the gateway has to know of a function: without its code, so that it can run elsewhere. Facts are data, which a message port carries.
import type { AnyRouteContract, JsonForm } from "../../protocol/contract.ts";
import type { HttpBinding } from "../../protocol/http-binding.ts";
import { jsonMessage } from "../../protocol/json-message.ts";
import type { ProtoText } from "../../protocol/proto-routes.ts";

/** Where the messages of a function are declared that are Protocol Buffers. */
export interface ProtoSource {
	readonly proto: ProtoText;
	/** Full name. */
	readonly method: string;
}

/** A function as the route table knows it, wherever it runs. */
export interface ServedFunction {
	readonly name: string;
	readonly contract: AnyRouteContract;
	readonly bindings: readonly HttpBinding[];
	readonly timeoutMs: number | undefined;
	/** A stack of where it was defined. */
	readonly definedAt: string;
	/** Of a function of a .proto file. */
	readonly source?: ProtoSource;
}

/** The same as data. */
export interface FunctionFacts extends Omit<ServedFunction, "contract" | "source"> {
	readonly contract: Omit<AnyRouteContract, "request" | "reply">;
	/** What its messages are: JSON, or Protocol Buffers, which each side compiles for itself. */
	readonly messages: { readonly request: JsonForm; readonly reply: JsonForm } | ProtoSource;
}

export function factsOf({ name, contract, bindings, timeoutMs, definedAt, source }: ServedFunction): FunctionFacts {
	const { request, reply, ...rest } = contract;
	const facts = { name, contract: rest, bindings, timeoutMs, definedAt };
	if (source !== undefined) return { ...facts, messages: source };
	if (request.json === undefined || reply.json === undefined)
		throw new Error(`${name}: its messages are not described`);
	return { ...facts, messages: { request: request.json, reply: reply.json } };
}

/** @throws as `compile`: but the other side has compiled the same. */
export async function functionOfFacts(
	{ messages, contract, ...facts }: FunctionFacts,
	compile: (source: ProtoSource) => Promise<Pick<AnyRouteContract, "request" | "reply">>,
): Promise<ServedFunction> {
	if ("proto" in messages) {
		const { request, reply } = await compile(messages);
		return { ...facts, contract: { ...contract, request, reply }, source: messages };
	}
	const request = jsonMessage(`input of ${contract.name}`, messages.request);
	const reply = jsonMessage(`output of ${contract.name}`, messages.reply);
	return { ...facts, contract: { ...contract, request, reply } };
}
