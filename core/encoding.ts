// The encodings of a connection, and the transport's topics for each encoding.

/** `protobuf` in binary frames; every other is a text dialect. */
export type Encoding = "protobuf" | "json" | "edge-json" | "im-json";

/** Sub-protocols that the gateway supports, with the initial encoding of each. */
export const subProtocols: ReadonlyMap<string, Encoding> = new Map([
	["framegate.v1", "protobuf"],
	["framegate.v1.json", "json"],
]);

/** The first of the sub-protocols that a client offers which the gateway supports. */
export function supportedProtocol(offered: readonly string[]): string | undefined {
	return offered.find((name) => subProtocols.has(name));
}

const TOPIC_PREFIX: Readonly<Record<Encoding, string>> = {
	protobuf: "b:",
	json: "j:",
	"edge-json": "e:",
	"im-json": "i:",
};

/** The transport's topic for one encoding: subscribers of each get different bytes of the same push. */
export function topicOf(topic: string, encoding: Encoding): string {
	return TOPIC_PREFIX[encoding] + topic;
}

/** The topic with the differences between publications of a channel. A space is in no channel's name. */
export function deltaTopic(channel: string): string {
	return `${channel} delta`;
}
