// Connections of clients: their admission, their life cycle, the revocation of their sessions, and what happens by the clock.
import { getHeapStatistics } from "node:v8";
import { batches } from "../../common/batches.ts";
import type { Clock } from "../../common/clock.ts";
import type { Hooks } from "../../common/hooks.ts";
import type { Logger } from "../../common/logger.ts";
import type { PauseMonitor } from "../../common/pause-monitor.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import type { AccessTokens } from "../../core/access-tokens.ts";
import type { ChannelSubscriptions } from "../../core/channel-subscriptions.ts";
import type { Connection } from "../../core/connection.ts";
import { type AdmissionLimits, ConnectionAdmission } from "../../core/connection-admission.ts";
import type { ConnectionCounters } from "../../core/connection-counters.ts";
import { Connections, type PresenceListener } from "../../core/connections.ts";
import { type DescriptorFacts, descriptorShares } from "../../core/descriptors.ts";
import type { Dispatcher } from "../../core/dispatcher.ts";
import type { Hub } from "../../core/hub.ts";
import { IdentityUpdates } from "../../core/identity-updates.ts";
import type { OriginPolicy } from "../../core/origin.ts";
import type { PushSender } from "../../core/push-sender.ts";
import type { RateLimits } from "../../core/rate-limits.ts";
import { SessionRevocation } from "../../core/session-revocation.ts";
import { Sweep, type SweepLimits } from "../../core/sweep.ts";
import type { TextDialect } from "../../core/text-dialect.ts";
import { UnsentBudget } from "../../core/unsent-budget.ts";
import type { ConnectionListener } from "../../messaging/live-audience.ts";
import type { NodeEvent } from "../../messaging/node-bus.ts";
import type { Credentials } from "../../services/accounts/credentials.ts";
import type { Sessions } from "../../services/accounts/sessions.ts";
import type { Config } from "../config/config.ts";

export type ConnectionLimits = AdmissionLimits & SweepLimits;

/** Of the limit of the heap: what clients together may leave unread lies outside of it, and adds to it. */
const UNSENT_HEAP_SHARE = 0.5;

/** The limits on connections, as far as descriptors and memory allow them. */
export function connectionLimits({ limits }: Config, descriptors: DescriptorFacts): ConnectionLimits {
	return {
		...limits,
		maxConnections: descriptorShares(descriptors, limits).connections,
		// On a small machine, the heap says how small it is.
		maxUnsentBytes: Math.min(limits.maxUnsentBytes, getHeapStatistics().heap_size_limit * UNSENT_HEAP_SHARE),
	};
}

export interface ConnectionParts {
	readonly hub: Hub;
	readonly counters: ConnectionCounters;
	readonly rates: RateLimits;
	readonly pushes: PushSender;
	readonly channels: ChannelSubscriptions;
	readonly dispatcher: Dispatcher;
	readonly dialects: readonly TextDialect[];
	readonly presence: readonly PresenceListener[];
	readonly listeners: readonly ConnectionListener[];
	readonly hooks?: Hooks;
	readonly isOriginAllowed: OriginPolicy;
	readonly permissionsOf: (roles: readonly string[]) => ReadonlySet<string>;
	/** Ends what a connection may no longer have. */
	readonly onPermissionsLost: (connection: Connection) => void;
	readonly limits: ConnectionLimits;
	/** Monotonic milliseconds, for everything that happens per message. */
	readonly now: () => number;
	/** For the sweep. */
	readonly clock: Clock;
}

export type ClientConnections = ReturnType<typeof openConnections>;

export function openConnections(parts: ConnectionParts) {
	const { channels, clock } = parts;
	const admission = new ConnectionAdmission(parts);
	const revocation = new SessionRevocation(parts);
	const identities = new IdentityUpdates(parts);
	const sweep = new Sweep({
		...parts,
		revocation,
		unsent: new UnsentBudget(parts.counters),
		monotonic: () => clock.monotonic(),
		wall: () => clock.now(),
	});
	return {
		admission,
		revocation,
		identities,
		events: new Connections({ ...parts, admission, revocation, identities }),
		sweep,
		/** Once a second. After a pause there is one round in which nobody is closed. */
		tick(pauses: PauseMonitor, logger: Logger): void {
			identities.sweep(parts.now());
			const pausedMs = pauses.tick();
			if (pausedMs === 0) {
				sweep.run();
				return;
			}
			logger.warn({ pausedMs }, "the process was paused; timeouts of connections are extended by that time");
			sweep.resume(pausedMs);
		},
		/** Handles an event that another process, or this one, published to all. */
		onNodeEvent(event: NodeEvent): void {
			switch (event.type) {
				case "sessions-revoked":
					revocation.revoke(event.sessionIds, event.reason);
					return;
				case "membership-changed":
					channels.membershipChanged(event.userId, event.channel, event.follows, event.after);
					return;
				case "user-changed":
					identities.apply(event);
					return;
				case "user-deleted":
				case "reload-requested":
					return;
				default:
					event satisfies never;
			}
		},
		reload(limits: ConnectionLimits): void {
			admission.limits = limits;
			sweep.limits = limits;
		},
	};
}

const TOUCH_INTERVAL_MS = 60_000;
/** Sessions that are read at once, since their roles have changed. */
const OUTDATED_AT_ONCE = 100;

export interface SessionTouchParts {
	readonly sessions: Sessions;
	readonly credentials: Credentials;
	readonly hub: Hub;
	/** Of calls over HTTP. */
	readonly tokens: AccessTokens;
	readonly revocation: SessionRevocation;
	readonly identities: IdentityUpdates;
	readonly logger: Logger;
}

/**
 * Records which sessions are in use, and finds revocations and changes of roles that this process did not receive while Redis
 * was unavailable.
 */
export function sessionTouches(parts: SessionTouchParts): PeriodicTask {
	const { sessions, credentials, hub, tokens, revocation, identities, logger } = parts;
	return new PeriodicTask({
		intervalMs: TOUCH_INTERVAL_MS,
		run: async () => {
			const used = new Set([...hub.sessionIds(), ...tokens.takeUsedSessions()]);
			const outdated: string[] = [];
			const onVersions = (versions: ReadonlyMap<string, number>) => {
				for (const [sessionId, version] of versions) {
					const identity = hub.ofSession(sessionId)[0]?.identity;
					if (identity !== undefined && (identity.userVersion ?? 0) < version) outdated.push(sessionId);
				}
			};
			const onEnded = (ended: readonly string[]) => {
				revocation.revoke(ended, "administrative");
				tokens.revoke(ended);
			};
			await credentials.touch([...used], onEnded, onVersions);
			for (const batch of batches(outdated, OUTDATED_AT_ONCE)) {
				for (const roles of await sessions.rolesOf(batch)) identities.apply(roles);
			}
		},
		onError: (error) => {
			logger.debug({ err: error }, "recording the sessions in use failed; the next round will retry");
		},
	});
}
