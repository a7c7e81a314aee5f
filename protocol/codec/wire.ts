// What a program that calls the gateway needs to know of messages, routes and pushes: less than the server does (contract.ts), so
// that it weighs little in a browser. The contracts of the server have all of this and may be used in its place.

/** A message that was encoded. */
export interface Encoded {
	/** Bytes so far. */
	readonly len: number;
	finish(): Uint8Array;
}

/**
 * One message type.
 *
 * @typeParam Message - what `decode` gives: every field, those that were not sent with their defaults.
 * @typeParam Properties - what `encode` takes: the same fields, all optional.
 */
export interface WireMessage<Message, Properties> {
	/** Full protobuf name: `framegate.v1.LoginRequest`. */
	readonly typeName: string;
	/**
	 * @param writer - what to append to; a new one unless given.
	 * @throws TypeError when a property is not of its field's type.
	 */
	encode(message: Properties, writer?: Encoded): Encoded;
	/** @throws Error when the bytes are not this message. */
	decode(bytes: Uint8Array): Message;
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where messages of all kinds meet.
export type AnyWireMessage = WireMessage<any, any>;

/** One route. */
export interface WireRoute<Request, RequestProperties, Reply, ReplyProperties> {
	/** Protocol number. */
	readonly number: number;
	/** `module.function`, lower camel case: `auth.login`. */
	readonly name: string;
	readonly request: WireMessage<Request, RequestProperties>;
	readonly reply: WireMessage<Reply, ReplyProperties>;
	/** A call may be repeated without a further effect, so that a client may retry it blindly. */
	readonly idempotent: boolean;
	/** A call changes something. One that does not may be an HTTP GET. */
	readonly hasSideEffects: boolean;
	/** The route is about the connection that calls it: over HTTP there is none. */
	readonly needsConnection: boolean;
	/** `public`, `session` (any authenticated session) or the permission needed. */
	readonly permission: string;
	/** `/package.Service/Method`, as the Connect protocol addresses it. */
	readonly rpcPath: string;
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where routes of all kinds meet.
export type AnyWireRoute = WireRoute<any, any, any, any>;

/** A message that the server sends unasked. */
export interface WirePush<Message, Properties> {
	readonly number: number;
	readonly name: string;
	readonly message: WireMessage<Message, Properties>;
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where pushes of all kinds meet.
export type AnyWirePush = WirePush<any, any>;
