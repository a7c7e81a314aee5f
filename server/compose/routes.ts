// The route table: which handlers answer, on which services, behind which steps.
import type { Clock } from "../../common/clock.ts";
import type { Hooks } from "../../common/hooks.ts";
import type { Logger } from "../../common/logger.ts";
import type { ReplyPace } from "../../core/reply-pace.ts";
import { type BoundModule, bindModule, RouteTable } from "../../core/route-table.ts";
import { authModule } from "../../handlers/auth.ts";
import { channelModule } from "../../handlers/channel.ts";
import { edgeAlarmModule } from "../../handlers/edge-alarm.ts";
import { edgeControlModule } from "../../handlers/edge-control.ts";
import { edgeModelModule } from "../../handlers/edge-model.ts";
import { edgeTelemetryModule } from "../../handlers/edge-telemetry.ts";
import { gameModule } from "../../handlers/game.ts";
import { identityModule } from "../../handlers/identity.ts";
import { keyModule } from "../../handlers/key.ts";
import { notificationModule } from "../../handlers/notification.ts";
import { serverModule } from "../../handlers/server.ts";
import { upstreamModule } from "../../handlers/upstream.ts";
import { userModule } from "../../handlers/user.ts";
import { httpBindings } from "../../protocol/gen/http.ts";
import type { Notifications } from "../../services/notifications/notifications.ts";
import type { RouteOverrides } from "../../services/routes/route-overrides.ts";
import type { Streams } from "../../upstreams/streams.ts";
import type { Config } from "../config/config.ts";
import type { AccountServices } from "./accounts.ts";
import type { OpenBackend } from "./backend.ts";
import type { OpenChannels } from "./channels.ts";
import type { Edge } from "./edge.ts";
import type { OpenGames } from "./games.ts";
import type { ModuleRoutes } from "./modules.ts";
import { requestChain } from "./request-chain.ts";
import type { OpenTracing } from "./tracing.ts";
import type { OpenUsers } from "./users.ts";

export interface RouteParts {
	readonly accounts: AccountServices;
	readonly notifications: Notifications;
	/** The module of the chat routes, as it is now. */
	readonly chatModule: () => BoundModule;
	readonly backend: OpenBackend;
	readonly games: OpenGames;
	readonly edge: Edge;
	readonly applications: OpenChannels;
	readonly users: OpenUsers;
	readonly hooks: Hooks;
	readonly overrides: Pick<RouteOverrides, "applied">;
	readonly streams: Streams;
	readonly pace: ReplyPace;
	/** Of what happens per message. */
	readonly clock: Clock;
	readonly logger: Logger;
	readonly tracing: OpenTracing | undefined;
}

/**
 * Made again with each reload: modules come and go, and lines of requests are part of the chain only where they are wanted.
 *
 * @param own - the operator's.
 */
export function routeTable(parts: RouteParts, { limits, log, node }: Config, own: ModuleRoutes): RouteTable {
	const { notifications, games, edge, applications, clock, logger, pace } = parts;
	const { accounts, sessions, credentials, identity, keys } = parts.accounts;
	const { overrides } = parts;
	const { backend, publishing, keyedCalls } = parts.backend;
	const settings = {
		nodeId: node.id,
		heartbeatIntervalMs: limits.heartbeatIntervalMs,
		maxMessageBytes: limits.maxMessageBytes,
	};
	const { sites: boxes, telemetry, reads, controls, alarms, models, rules } = edge;
	const modules = [
		bindModule(authModule, { accounts, sessions, credentials, clock, settings, hooks: parts.hooks }),
		bindModule(keyModule, { keys }),
		bindModule(identityModule, { guests: identity.guests, revocation: identity.revocation, clock, settings }),
		bindModule(serverModule, { backend, publishing, contracts: overrides }),
		bindModule(userModule, parts.users),
		bindModule(notificationModule, { notifications }),
		bindModule(gameModule, games),
		parts.chatModule(),
		bindModule(edgeTelemetryModule, { telemetry, reads }),
		bindModule(edgeControlModule, { controls }),
		bindModule(edgeAlarmModule, { alarms, boxes }),
		bindModule(edgeModelModule, { boxes, models, rules, clock }),
		bindModule(channelModule, applications),
		bindModule(upstreamModule, { streams: parts.streams }),
	];
	const chain = requestChain({
		rejections: edge.rejectedAudit,
		logger,
		pace,
		keyedCalls,
		log,
		tracing: parts.tracing?.frames,
	});
	const served = [...modules, ...own.modules].map((module) => withOverrides(module, overrides));
	return new RouteTable(served, chain, [...httpBindings, ...own.bindings]);
}

/** A module's routes as administrators want them. */
function withOverrides({ name, routes }: BoundModule, overrides: RouteParts["overrides"]): BoundModule {
	return {
		name,
		routes: routes.flatMap(({ contract, last }) => {
			const held = overrides.applied(contract);
			return held === undefined ? [] : [{ contract: held, last }];
		}),
	};
}
