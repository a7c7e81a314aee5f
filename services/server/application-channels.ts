// What backends do on the channels of applications, as this domain needs it.
import type { Published } from "../../messaging/broker.ts";

export interface BackendChannels {
	/**
	 * Publishes for a backend.
	 *
	 * @param once - the digest of caller and key, and of the content; undefined: each call publishes.
	 * @throws GatewayError NOT_FOUND when no namespace has such channels, PAYLOAD_TOO_LARGE, UNAVAILABLE.
	 */
	publish(
		channel: string,
		data: Uint8Array,
		once: { readonly key: string; readonly print: string } | undefined,
	): Promise<Published>;
	/** @param forMs - 0: until it is ended. @throws GatewayError NOT_FOUND, PRECONDITION_FAILED, UNAVAILABLE. */
	subscribeUser(userId: string, channel: string, forMs: number): Promise<void>;
	/** @throws GatewayError NOT_FOUND, UNAVAILABLE. */
	unsubscribeUser(userId: string, channel: string): Promise<void>;
}
