// What the hub asks of those who own channels: who may subscribe, and how subscriptions of a kind behave.
import type { Identity } from "../../common/identity.ts";
import type { ChannelGrant, ChannelPolicy } from "../../messaging/publisher.ts";

export interface ChannelPermissions {
	/** @throws GatewayError UNAVAILABLE when it cannot be decided. */
	canSubscribe(identity: Identity, channel: string, grant?: ChannelGrant): Promise<boolean>;
	/** Without it, every channel is recoverable and nothing else. */
	policyOf?(channel: string): ChannelPolicy;
}
