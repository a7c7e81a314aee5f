// Frames of every dialect: how a request is written, and what a frame of either direction says.
import { isObject, type Json, type JsonObject, pushByNumber, routeByNumber, textOf } from "./catalog.ts";
import { DecodeError, decodeMessage, type FieldNode, jsonOfNodes } from "./decode.ts";
import { encodeMessage } from "./encode.ts";

/** How a connection writes its messages. `ems` is the JSON of an older EMS gateway. */
export const DIALECTS = ["protobuf", "json", "ems"] as const;
export type Dialect = (typeof DIALECTS)[number];
export type Direction = "in" | "out";

/** What a frame says, in whichever dialect. */
export interface FrameContent {
	/** `chat.sendMessage`, `DataBatch`, `data_batch`; "" when it is not known. */
	readonly name: string;
	readonly protocol: number;
	readonly seq: number;
	/** Reply code in ProtoJSON; "" is success. */
	readonly code: string;
	readonly body: Json;
	readonly error: JsonObject | undefined;
	readonly channel: string;
	readonly offset: number;
	readonly epoch: string;
}

/** Writes a request. @throws EncodeError naming a field that cannot hold its value. */
export function requestFrame(dialect: Dialect, protocol: number, seq: number, body: JsonObject): Uint8Array | string {
	if (dialect !== "protobuf") return JSON.stringify({ protocol, seq, body });
	const route = routeByNumber(protocol);
	const bytes = route === undefined ? new Uint8Array(0) : encodeMessage(route.request, body);
	return encodeEnvelope(protocol, seq, bytes);
}

function encodeEnvelope(protocol: number, seq: number, body: Uint8Array): Uint8Array {
	const head = encodeMessage("Envelope", { protocol, seq });
	if (body.length === 0) return head;
	// Field 4, with its length.
	const tagged = [0x22];
	let rest = body.length;
	for (; rest > 127; rest = Math.floor(rest / 128)) tagged.push((rest % 128) | 128);
	tagged.push(rest);
	return Uint8Array.from([...head, ...tagged, ...body]);
}

/**
 * The fields of a binary frame with their bytes.
 *
 * @throws DecodeError when it is no envelope.
 */
export function frameNodes(bytes: Uint8Array, direction: Direction): FieldNode[] {
	return decodeMessage(bytes, "Envelope", 0, bytes.length, (nodes) => {
		const number = Number(nodes.find(({ label }) => label === "protocol")?.value ?? 0);
		return bodyTypeOf(number, direction);
	});
}

function bodyTypeOf(protocol: number, direction: Direction): string | undefined {
	const route = routeByNumber(protocol);
	if (route !== undefined) return direction === "out" ? route.request : route.reply;
	return pushByNumber(protocol)?.message;
}

/** What a frame says; undefined when it is of no dialect. */
export function readFrame(data: Uint8Array | string, direction: Direction): FrameContent | undefined {
	if (typeof data === "string") return readText(data);
	try {
		return contentOf(jsonOfNodes(frameNodes(data, direction)));
	} catch (error) {
		if (error instanceof DecodeError) return undefined;
		throw error;
	}
}

function readText(text: string): FrameContent | undefined {
	const json = parseJson(text);
	if (!isObject(json)) return undefined;
	if (json["type"] === undefined) return contentOf(json);
	return { ...contentOf({}), name: textOf(json["type"]), body: json["data"] ?? null };
}

/** undefined when it is no JSON. */
export function parseJson(text: string): Json | undefined {
	try {
		return JSON.parse(text) as Json;
	} catch {
		return undefined;
	}
}

function contentOf(json: JsonObject): FrameContent {
	const protocol = Number(json["protocol"] ?? 0);
	const error = json["error"];
	return {
		name: routeByNumber(protocol)?.name ?? pushByNumber(protocol)?.name ?? "",
		protocol,
		seq: Number(json["seq"] ?? 0),
		code: textOf(json["code"]),
		body: json["body"] ?? {},
		error: isObject(error) ? error : undefined,
		channel: textOf(json["channel"]),
		offset: Number(json["offset"] ?? 0),
		epoch: textOf(json["epoch"]),
	};
}
