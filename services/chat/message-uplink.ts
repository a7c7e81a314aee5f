// Where chat messages go beside their channels: a log of another system, such as Kafka.
import type { MessageRecord } from "./chat-message-store.ts";

export interface MessageUplink {
	/**
	 * Appends messages of one conversation, in their order. Resolves when they are there for good.
	 *
	 * @throws GatewayError UNAVAILABLE: some of them may be there, and all are sent again.
	 */
	send(messages: readonly MessageRecord[]): Promise<void>;
}
