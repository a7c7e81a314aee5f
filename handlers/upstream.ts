// 9499: streams of configured routes. The routes themselves have no handler: a backend answers them.
import type { Peer } from "../core/call.ts";
import { defineModule } from "../core/route.ts";
import { upstreamRoutes } from "../protocol/gen/schema.ts";

export interface UpstreamServices {
	readonly streams: { cancel(peer: Peer, streamId: number): boolean };
}

export const upstreamModule = defineModule<UpstreamServices>("upstream", (implement) => [
	implement(upstreamRoutes.cancelStream, ({ streamId = 0 }, call, { streams }) => {
		return { cancelled: streams.cancel(call.peer, streamId) };
	}),
]);
