// The protocol as the pages know it: the generated description, by name and by number. Everything that a form, the codec or a code
// sample says of a route comes from here.
import type {
	Description,
	EnumValueDescription,
	FieldDescription,
	MessageDescription,
	PushDescription,
	RouteDescription,
} from "../../protocol/description.ts";
import description from "../../protocol/gen/description.json" with { type: "json" };
import { olderEnums, olderMessages } from "./older-description.ts";

/** A value in proto3 JSON: 64-bit integers are strings, bytes base64, enums names. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
	readonly [name: string]: Json;
}

const catalog = description as unknown as Description;
const messages: Description["messages"] = { ...catalog.messages, ...olderMessages };
const enums: Description["enums"] = { ...catalog.enums, ...olderEnums };

/** By number. */
export const routes: readonly RouteDescription[] = [...catalog.routes].sort((one, other) => one.number - other.number);
export const pushes: readonly PushDescription[] = catalog.pushes;
const routesByNumber: ReadonlyMap<number, RouteDescription> = new Map(routes.map((route) => [route.number, route]));
const routesByName: ReadonlyMap<string, RouteDescription> = new Map(routes.map((route) => [route.name, route]));
const pushesByNumber: ReadonlyMap<number, PushDescription> = new Map(pushes.map((push) => [push.number, push]));

export const routeByNumber = (number: number): RouteDescription | undefined => routesByNumber.get(number);
export const routeByName = (name: string): RouteDescription | undefined => routesByName.get(name);
export const pushByNumber = (number: number): PushDescription | undefined => pushesByNumber.get(number);

/** @throws Error for a name that is not in the description: the caller's fault. */
export function messageNamed(name: string): MessageDescription {
	const message = messages[name];
	if (message === undefined) throw new Error(`no message is named ${name}`);
	return message;
}

/** The values of an enum. @throws Error as above. */
export function enumNamed(name: string): readonly EnumValueDescription[] {
	const values = enums[name];
	if (values === undefined) throw new Error(`no enum is named ${name}`);
	return values;
}

/** A route that the code itself uses. @throws Error when the protocol has no such route. */
export function knownRoute(name: string): RouteDescription {
	const route = routesByName.get(name);
	if (route === undefined) throw new Error(`no route is named ${name}`);
	return route;
}

/** Zero has a meaning of its own: it is sent. */
export const hasPresence = (field: FieldDescription): boolean =>
	field.optional === true || field.oneof !== undefined || field.type === "message";

/** The short name of a reply code: `ERROR_CODE_NOT_FOUND` or 8 → `NOT_FOUND`. */
export function replyCodeName(code: string | number): string {
	const values = enumNamed("ErrorCode");
	const value = values.find(({ name, number }) => name === code || number === code);
	return (value?.name ?? String(code)).replace("ERROR_CODE_", "");
}

/** A value as text. What is no text, number or boolean is written as JSON. */
export function textOf(value: Json | undefined, otherwise = ""): string {
	if (value === undefined || value === null) return otherwise;
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export const isObject = (value: unknown): value is JsonObject =>
	typeof value === "object" && value !== null && !Array.isArray(value);
