// Calls that a person has kept, in the browser's own storage. Secrets are never among them.
import type { FieldDescription } from "../../protocol/description.ts";
import { isObject, type Json, type JsonObject, messageNamed, routeByName, textOf } from "../protocol/catalog.ts";
import { parseJson } from "../protocol/frames.ts";

export interface SavedCall {
	readonly name: string;
	readonly route: string;
	readonly body: JsonObject;
}

/** What is used of `localStorage`. */
export type CallStorage = Pick<Storage, "getItem" | "setItem">;

const KEY = "framegate.calls";
const MAX_CALLS = 100;

/** What was saved before, by this page or by a hand: only what still is a call of this protocol. */
export function loadCalls(storage: CallStorage): readonly SavedCall[] {
	const json = parseJson(readItem(storage) ?? "[]");
	if (!Array.isArray(json)) return [];
	return json.flatMap((item: Json) => {
		if (!isObject(item) || !isObject(item["body"])) return [];
		const route = textOf(item["route"]);
		return routeByName(route) ? [{ name: textOf(item["name"]), route, body: item["body"] }] : [];
	});
}

/** Storage may be switched off in a browser: then reading it throws. */
function readItem(storage: CallStorage): string | null {
	try {
		return storage.getItem(KEY);
	} catch {
		return null;
	}
}

/** The list with one call more; one of the same name is replaced. Oldest ones beyond a hundred are left out. */
export function withCall(calls: readonly SavedCall[], call: SavedCall): readonly SavedCall[] {
	const request = routeByName(call.route)?.request;
	const body = request === undefined ? call.body : withoutSecrets(request, call.body);
	return [...calls.filter(({ name }) => name !== call.name), { ...call, body }].slice(-MAX_CALLS);
}

/** @returns whether the browser has kept them. */
export function storeCalls(storage: CallStorage, calls: readonly SavedCall[]): boolean {
	try {
		storage.setItem(KEY, JSON.stringify(calls));
		return true;
	} catch {
		return false;
	}
}

/** The value without the fields that the protocol calls secret, at any depth. */
export function withoutSecrets(message: string, value: JsonObject): JsonObject {
	const fields = new Map(messageNamed(message).fields.map((field) => [field.name, field]));
	const kept = Object.entries(value).flatMap(([name, item]): [string, Json][] => {
		const field = fields.get(name);
		return field === undefined || field.rules?.secret ? [] : [[name, withoutSecretsIn(field, item)]];
	});
	return Object.fromEntries(kept);
}

function withoutSecretsIn(field: FieldDescription, item: Json): Json {
	if (field.type !== "message" || field.of === undefined) return item;
	const { of } = field;
	if (Array.isArray(item)) return item.map((each: Json) => (isObject(each) ? withoutSecrets(of, each) : each));
	return isObject(item) ? withoutSecrets(of, item) : item;
}
