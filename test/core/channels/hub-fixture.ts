// A channel hub before a scripted broker, in a gateway on the memory transport.
import { ChannelHub, type ChannelHubOptions } from "../../../core/channels/channel-hub.ts";
import { GatewayFixture, type GatewayFixtureOptions } from "../gateway-fixture.ts";
import { ScriptedBroker } from "./scripted-broker.ts";

export interface HubFixtureOptions
	extends Pick<ChannelHubOptions, "access">,
		Partial<Pick<ChannelHubOptions, "maxPerConnection" | "maxBufferedBytes">> {
	readonly gateway?: GatewayFixtureOptions;
}

export function hubFixture(options: HubFixtureOptions) {
	const fixture = new GatewayFixture(options.gateway);
	const broker = new ScriptedBroker();
	const { gateway, hub, quietLogger: logger } = fixture;
	const { access, maxPerConnection = 100, maxBufferedBytes = 1000 } = options;
	const limits = { maxPerConnection, maxBufferedBytes };
	const channels = new ChannelHub({ broker, access, gateway, hub, logger, ...limits, now: () => fixture.nowMs });
	gateway.channels = channels;
	return { fixture, broker, channels };
}
