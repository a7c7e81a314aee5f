// A service with one endpoint over real gRPC, for tests of what endpoints answer.
import { systemClock } from "../../common/clock.ts";
import type { UpstreamCall } from "../../upstreams/call-host.ts";
import { type GrpcSettings, openerOf } from "../../upstreams/grpc/open-endpoint.ts";
import { upstreamServiceDefaults } from "../../upstreams/options.ts";
import type { StreamCall, StreamListener } from "../../upstreams/stream-call.ts";
import { UpstreamService } from "../../upstreams/upstream-service.ts";
import { systemSchedule } from "../../upstreams/waiting-calls.ts";
import { type QuietLogger, quietLogger } from "../support/quiet-logger.ts";
import { endpoint } from "./scripted-endpoints.ts";

const NO_BYTES = new Uint8Array(0);

export interface OneEndpoint {
	readonly service: UpstreamService;
	readonly logger: QuietLogger;
}

export function oneEndpoint(port: number, { tls, ...settings }: Partial<GrpcSettings> = {}): OneEndpoint {
	const { retryShare, retryFloor, protectMs, ...defaults } = upstreamServiceDefaults;
	const logger = quietLogger();
	const service = new UpstreamService({
		...defaults,
		name: "orders",
		source: {
			watch: (_service, onChange) => {
				onChange([endpoint(`127.0.0.1:${port}`)]);
				return { close: async () => {} };
			},
		},
		sourceName: "orders",
		open: openerOf("orders", { ...defaults, serverName: "", ...settings, tls }, logger),
		isAllowed: () => true,
		maxEndpoints: 256,
		holdMs: protectMs,
		retries: { share: retryShare, floorPerSecond: retryFloor },
		nowMs: systemClock.monotonic,
		random: Math.random,
		schedule: systemSchedule,
		logger,
	});
	service.start();
	return { service, logger };
}

/** A call that may not be repeated. */
export function callOnce(service: UpstreamService, timeoutMs: number): Promise<Uint8Array> {
	return service.call(callOf(timeoutMs));
}

export function openOnce(service: UpstreamService, timeoutMs: number, listener: StreamListener): Promise<StreamCall> {
	return service.openStream(callOf(timeoutMs), timeoutMs, listener);
}

function callOf(timeoutMs: number): UpstreamCall {
	return {
		context: { path: "/acme.orders.v1.OrderService/GetOrder", metadata: {} },
		body: NO_BYTES,
		deadlineMs: systemClock.monotonic() + timeoutMs,
		isIdempotent: false,
		stickyKey: undefined,
	};
}
