// A channel hub before a scripted broker, in a gateway on the memory transport.
import { ChannelHub, type ChannelHubOptions } from "../../../core/channels/channel-hub.ts";
import { GatewayFixture, type GatewayFixtureOptions } from "../gateway-fixture.ts";
import { ScriptedBroker } from "./scripted-broker.ts";

export interface HubFixtureOptions
	extends Pick<ChannelHubOptions, "access">,
		Partial<Pick<ChannelHubOptions, "maxPerConnection" | "maxBufferedBytes" | "deltas">> {
	readonly gateway?: GatewayFixtureOptions;
}

export function hubFixture(options: HubFixtureOptions) {
	const broker = new ScriptedBroker();
	const { access, maxPerConnection = 100, maxBufferedBytes = 1000 } = options;
	const limits = { maxPerConnection, maxBufferedBytes, ...(options.deltas && { deltas: options.deltas }) };
	const opened: ChannelHub[] = [];
	const fixture = new GatewayFixture({
		...options.gateway,
		openChannels: (gateway) => {
			const { pushes, hub, quietLogger: logger } = gateway;
			const now = () => gateway.nowMs;
			const channels = new ChannelHub({ broker, access, pushes, hub, logger, ...limits, now });
			opened.push(channels);
			return channels;
		},
	});
	return { fixture, broker, channels: opened[0] as ChannelHub };
}
