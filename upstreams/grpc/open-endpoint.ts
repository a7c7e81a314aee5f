// How endpoints of one service are connected to over gRPC.
import type { Logger } from "../../common/logger.ts";
import type { TlsMaterial } from "../../common/tls-files.ts";
import type { OpenEndpoint } from "../endpoint-transport.ts";
import type { UpstreamServiceSettings } from "../options.ts";
import { channelCredentials } from "../tls-credentials.ts";
import { GrpcEndpoint } from "./grpc-endpoint.ts";

export type GrpcSettings = Pick<
	UpstreamServiceSettings,
	"keepAliveMs" | "maxReplyBytes" | "health" | "healthService"
> & {
	readonly serverName: string;
	/** Undefined: plain text. */
	readonly tls: TlsMaterial | undefined;
};

export function openerOf(name: string, settings: GrpcSettings, logger: Logger): OpenEndpoint {
	const options = {
		...settings,
		credentials: channelCredentials(settings.tls),
		healthService: settings.health ? settings.healthService : undefined,
		onHealthError: (address: string, message: string) => {
			logger.info(
				{ upstream: name, endpoint: address, reason: message },
				"health of an endpoint is not known; it counts as good",
			);
		},
		onUnreachable: (address: string, reason: string) => {
			logger.warn(
				{ upstream: name, endpoint: address, reason },
				"an endpoint of an upstream cannot be connected to; it is tried again and again",
			);
		},
	};
	return (endpoint, onChange) => new GrpcEndpoint(endpoint, options, onChange);
}
