// What a message, a route and a push are to every side of the product: the server's route table, the client's
// typed calls, the JSON transcoder and the reference pages all read these shapes, which `npm run generate`
// fills from the .proto files.
import type { Reader, Type as ReflectedType, Writer } from "protobufjs";
import type { Violation } from "./error.ts";

/** When calls on one connection may overlap. See `Ordering` in options.proto. */
export type Ordering = "none" | "connection" | "barrier";

/** A rule set of one field, from the `(rules)` option. Absent members do not constrain. */
export interface FieldRule {
	/** Property name in decoded messages: `deviceId`. */
	readonly property: string;
	/** Name in the .proto file, used in violations: `device_id`. */
	readonly field: string;
	readonly shape: "string" | "bytes" | "number" | "bool" | "enum" | "message";
	readonly cardinality: "one" | "many" | "map";
	/** Full name of the element's message or enum type. */
	readonly typeName?: string;
	/** The element's message type, where it is none of the generated ones. */
	readonly type?: AnyMessageType;
	readonly required?: boolean;
	/** Code points (string) or bytes (bytes). */
	readonly minLen?: number;
	readonly maxLen?: number;
	readonly pattern?: string;
	readonly min?: number;
	readonly max?: number;
	readonly minItems?: number;
	readonly maxItems?: number;
	/** With `shape: "enum"`: the only numbers allowed. */
	readonly definedValues?: readonly number[];
	/** Never to be logged. */
	readonly secret?: boolean;
}

/** A group of fields of which one must be set. */
export interface OneofRule {
	readonly field: string;
	readonly properties: readonly string[];
}

/** A field at the top of a JSON message. */
export interface JsonField {
	readonly name: string;
	/** Of JSON Schema; of the items where it is a list: `string`, `integer`, `object` … */
	readonly type: string;
	readonly isList: boolean;
	readonly isRequired: boolean;
}

/** What is known of a message whose definition came while the process runs: one of JSON text, or an upstream's. */
export interface JsonForm {
	readonly fields: readonly JsonField[];
	/** JSON Schema, draft 2020-12. */
	readonly schema: Readonly<Record<string, unknown>>;
	/** What the route does, for people; "" for a reply. */
	readonly description: string;
	/** Its bytes are not JSON text, and this makes them of it; its values are `RelayedBody`. */
	readonly transcoding?: JsonTranscoding;
}

/** From JSON to the bytes of a message, and back. */
export interface JsonTranscoding {
	/**
	 * @param isStrict - fields that the message does not have are refused.
	 * @throws GatewayError BAD_REQUEST or VALIDATION_FAILED that names the field.
	 */
	toBytes(value: unknown, isStrict: boolean): Uint8Array;
	/**
	 * @param isPlain - names of the .proto file and every field, instead of proto3 JSON.
	 * @throws Error when the bytes are no such message.
	 */
	fromBytes(bytes: Uint8Array, isPlain: boolean): unknown;
}

/** The value of a message that is passed on as it came. */
export interface RelayedBody {
	readonly bytes: Uint8Array;
}

/** What the description of the API says of a message that is none of the generated ones. */
export interface MessageDocument {
	/** JSON Schema, draft 2020-12; what is within it is named as `#/components/schemas/NAME`. */
	readonly schema: Readonly<Record<string, unknown>>;
	/** By name: the schemas of the messages within it. */
	readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
	/** What the route does, for people; "" for a reply. */
	readonly description: string;
}

/**
 * One message type: how to encode and decode it, and the rules its fields must keep.
 *
 * @typeParam Message - what `decode` gives.
 * @typeParam Properties - what `encode` takes: the same fields, all optional.
 */
export interface MessageType<Message, Properties> {
	/** Full protobuf name: `framegate.v1.LoginRequest`. */
	readonly typeName: string;
	encode(message: Properties, writer?: Writer): Writer;
	/** @throws Error when the bytes are not this message. */
	decode(reader: Reader | Uint8Array, length?: number): Message;
	/** Decoded messages hold views of the input bytes, which must therefore outlive them. */
	readonly holdsBytes: boolean;
	readonly rules: readonly FieldRule[];
	readonly oneofs: readonly OneofRule[];
	/**
	 * Looks at a value that is passed on as it came: one without decoded fields for `rules`.
	 *
	 * @returns what is wrong with it, if anything. @throws GatewayError when it is no such message.
	 */
	validate?(message: Message): Violation[] | undefined;
	/** It comes from a schema, or from definitions of an upstream, and not from a .proto file of the product. */
	readonly json?: JsonForm;
	/** The parsed type, of a message that is none of the generated ones. */
	readonly reflected?: ReflectedType;
	readonly document?: MessageDocument;
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where message types of all kinds meet.
export type AnyMessageType = MessageType<any, any>;

/** Everything that is known of a route without its handler; the same data on server and client. */
export interface RouteContract<Request, RequestProperties, Reply, ReplyProperties> {
	/** Protocol number. */
	readonly number: number;
	/** `module.function`, lower camel case: `auth.login`. */
	readonly name: string;
	readonly request: MessageType<Request, RequestProperties>;
	readonly reply: MessageType<Reply, ReplyProperties>;
	/** `public`, `session` (any session of a user), `authenticated` (those, and API keys) or the permission needed. */
	readonly permission: string;
	/** Tokens that a call takes from each rate limit bucket. */
	readonly cost: number;
	readonly ordering: Ordering;
	/** The reply may be as large as a page: it has a list in it, or a text of its size. */
	readonly hasLargeReply: boolean;
	/** A call may be repeated without a further effect, so that a client may retry it blindly. */
	readonly idempotent: boolean;
	/** A call changes something. One that does not may be an HTTP GET. */
	readonly hasSideEffects: boolean;
	/** The route is about the connection that calls it: over HTTP there is none. */
	readonly needsConnection: boolean;
	/** The handler itself knows a repeat by the caller's key, or allows no such key: no result of a call is kept for it. */
	readonly handlesRepeats: boolean;
	/** `/package.Service/Method`, as the Connect protocol and gRPC address it; "" for a route that they do not serve. */
	readonly rpcPath: string;
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where routes of all kinds meet.
export type AnyRouteContract = RouteContract<any, any, any, any>;

/** A message that the server sends unasked. */
export interface PushContract<Message, Properties> {
	readonly number: number;
	readonly name: string;
	readonly message: MessageType<Message, Properties>;
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where pushes of all kinds meet.
export type AnyPushContract = PushContract<any, any>;
