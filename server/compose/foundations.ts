// What has to be opened, one after the other, before the parts of a process can be made: keys, stores, discovery, upstreams, tracing.
import { systemClock } from "../../common/clock.ts";
import { Hooks } from "../../common/hooks.ts";
import type { Logger } from "../../common/logger.ts";
import { TlsFileSet } from "../../common/tls-files.ts";
import { SubscriptionTokens } from "../../services/channels/subscription-tokens.ts";
import type { Config } from "../config/config.ts";
import { TracedLogger } from "../tracing/traced-logger.ts";
import { type AccountServices, openAccounts } from "./accounts.ts";
import { type Discovery, openDiscovery } from "./discovery.ts";
import { type OpenTracing, openTracing } from "./tracing.ts";
import { type OpenUpstreams, openUpstreams } from "./upstreams.ts";

export interface Foundations {
	/** With the stores of every domain. */
	readonly accounts: AccountServices;
	readonly subscriptionTokens: SubscriptionTokens;
	readonly discovery: Discovery;
	/** What the operator's own code does at points of the gateway. */
	readonly hooks: Hooks;
	readonly upstreams: OpenUpstreams;
	/** Undefined where no spans are recorded. */
	readonly tracing: OpenTracing | undefined;
	/** Of all that follows: where spans are recorded, lines name what they belong to. */
	readonly logger: Logger;
	/** Certificates towards services, brokers and discovery servers. */
	readonly tlsFiles: TlsFileSet;
}

/** @throws Error when a key or a database URL in the configuration cannot be used. */
export async function openFoundations(config: Config, processLogger: Logger): Promise<Foundations> {
	const clock = systemClock;
	const hooks = new Hooks();
	const subscriptionTokens = await SubscriptionTokens.create(config.applicationChannels.tokens, clock);
	const tracing = await openTracing(config, clock, processLogger);
	const logger = tracing === undefined ? processLogger : new TracedLogger(processLogger, tracing.tracer);
	const accounts = await openAccounts(config, logger, clock, hooks, tracing?.tracer);
	const tlsFiles = new TlsFileSet(logger);
	const discovery = await openDiscovery({ config, clock, logger, tlsFiles });
	const upstreams = await openUpstreams({ config, logger, tlsFiles, discovered: (kind) => discovery.source(kind) });
	return { accounts, subscriptionTokens, discovery, hooks, upstreams, tracing, logger, tlsFiles };
}
