// A channel hub before a scripted broker, in a gateway on the memory transport.
import { ChannelHub, type ChannelHubOptions } from "../../../core/channels/channel-hub.ts";
import { World, type WorldOptions } from "../world.ts";
import { ScriptedBroker } from "./scripted-broker.ts";

export interface HubWorldOptions
	extends Pick<ChannelHubOptions, "access">,
		Partial<Pick<ChannelHubOptions, "maxPerConnection" | "maxBufferedBytes">> {
	readonly world?: WorldOptions;
}

export function hubWorld(options: HubWorldOptions) {
	const world = new World(options.world);
	const broker = new ScriptedBroker();
	const { gateway, hub, quietLogger: logger } = world;
	const { access, maxPerConnection = 100, maxBufferedBytes = 1000 } = options;
	const limits = { maxPerConnection, maxBufferedBytes };
	const channels = new ChannelHub({ broker, access, gateway, hub, logger, ...limits, now: () => world.nowMs });
	gateway.channels = channels;
	return { world, broker, channels };
}
