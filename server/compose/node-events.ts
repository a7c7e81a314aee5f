// What a process does when another one has changed something that it keeps.
import type { ChannelHub } from "../../core/channels/channel-hub.ts";
import type { AccountServices } from "./accounts.ts";
import type { Chat } from "./chat.ts";
import type { openConnections } from "./connections.ts";
import type { HttpCalls } from "./http-calls.ts";
import type { Reloads } from "./reloads.ts";

export interface NodeEventParts {
	readonly accounts: AccountServices;
	readonly connections: Pick<ReturnType<typeof openConnections>, "onNodeEvent">;
	readonly reloads: Pick<Reloads, "onNodeEvent">;
	readonly calls: Pick<HttpCalls, "tokens">;
	readonly chat: Pick<Chat, "forgetUser">;
	readonly channels: Pick<ChannelHub, "revalidateMemberships">;
	readonly touches: { runAgain(): Promise<unknown> };
}

export function subscribeToNodes(parts: NodeEventParts): void {
	const { connections, reloads, calls, chat, channels, touches } = parts;
	parts.accounts.stores.bus.subscribe(
		(event) => {
			connections.onNodeEvent(event);
			reloads.onNodeEvent(event);
			if (event.type === "sessions-revoked") calls.tokens.revoke(event.sessionIds);
			if (event.type === "user-changed") calls.tokens.forgetUser(event.userId);
			if (event.type === "user-deleted") chat.forgetUser(event.userId);
		},
		() => {
			channels.revalidateMemberships();
			void touches.runAgain();
		},
	);
}
