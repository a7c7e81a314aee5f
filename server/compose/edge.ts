// Field boxes, and what is served from them.
import { randomUUID } from "node:crypto";
import type { Clock } from "../../common/clock.ts";
import { isPermitted } from "../../common/identity.ts";
import type { Logger } from "../../common/logger.ts";
import type { Pauses } from "../../common/pause-monitor.ts";
import type { Probe } from "../../common/probe.ts";
import type { EventSink } from "../../messaging/event-sink.ts";
import type { ConnectionListener, LiveSubscriber, LiveTopics } from "../../messaging/live-audience.ts";
import type { ChannelAuthorizer, Publisher } from "../../messaging/publisher.ts";
import { Alarms } from "../../services/edge/alarms/alarms.ts";
import { type Box, BoxState } from "../../services/edge/boxes/box.ts";
import { BoxLease } from "../../services/edge/boxes/box-lease.ts";
import { Boxes } from "../../services/edge/boxes/boxes.ts";
import { alarmAudit } from "../../services/edge/control/audit.ts";
import type { AuditEntry } from "../../services/edge/control/audit-trail.ts";
import { Controls } from "../../services/edge/control/controls.ts";
import { CountedAuditTrail } from "../../services/edge/control/counted-audit.ts";
import { StageTimes } from "../../services/edge/control/metrics.ts";
import { ObservedAuditTrail } from "../../services/edge/control/observed-audit.ts";
import { RefusedAudit } from "../../services/edge/control/rejected-audit.ts";
import { SqlAuditTrail } from "../../services/edge/control/store/audit-trail-sql.ts";
import { SqlCommandStore } from "../../services/edge/control/store/command-store-sql.ts";
import { EdgePolicy } from "../../services/edge/edge-policy.ts";
import { Models } from "../../services/edge/models/models.ts";
import { Rules } from "../../services/edge/models/rules.ts";
import type { EdgeOptions } from "../../services/edge/options.ts";
import { RedisBox } from "../../services/edge/redis/box-redis.ts";
import { SimulatorBox } from "../../services/edge/simulator/box-simulator.ts";
import { TelemetryReads } from "../../services/edge/telemetry/reads.ts";
import { Telemetry } from "../../services/edge/telemetry/telemetry.ts";
import { type SampleSelection, TelemetrySamples } from "../../services/edge/telemetry/telemetry-samples.ts";
import type { Stores } from "./stores.ts";

export interface EdgeParts {
	readonly stores: Stores;
	readonly publisher: Publisher;
	readonly topics: LiveTopics;
	readonly events: EventSink | undefined;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly pauses: Pauses;
	readonly nodeId: string;
	/** Called with each entry that is in the audit trail. */
	readonly onAudit?: ((entry: AuditEntry) => void) | undefined;
}

export type Edge = ReturnType<typeof openEdge>;

export function openEdge(parts: EdgeParts, options: EdgeOptions) {
	const { stores, publisher, topics, events, clock, logger, pauses, nodeId, onAudit } = parts;
	const boxes = new Boxes(openBoxes(options, clock, logger));
	const holder = randomUUID();
	const policy = new EdgePolicy(options.telemetry.channels);
	const shared = { boxes, policy, publisher, events, clock, logger };
	const leaseParts = { leases: stores.leases, clock, logger };
	const leases = new Map(boxes.all.map(({ name }) => [name, new BoxLease(name, holder, leaseParts, options.leaseMs)]));
	const telemetry = new Telemetry({ boxes, topics, policy, clock, logger }, options.telemetry);
	const { meter } = telemetry;
	const reads = new TelemetryReads({ boxes, policy, meter, clock }, options.telemetry.staleMs);
	const kept = new SqlAuditTrail(stores.database);
	const trail = new CountedAuditTrail(onAudit === undefined ? kept : new ObservedAuditTrail(kept, onAudit));
	const rejectedAudit = new RefusedAudit({ audit: trail, clock, logger, nodeId });
	const stageTimes = new StageTimes();
	const controls = new Controls(
		{
			...shared,
			leases: stores.leases,
			pauses,
			audit: trail,
			commands: new SqlCommandStore(stores.database),
			onStage: (stage, elapsedMs) => stageTimes.record(stage, elapsedMs),
		},
		options.control,
	);
	const alarms = new Alarms(
		{ ...shared, leases, ledger: stores.alarmLedger, audit: alarmAudit(trail) },
		options.alarms,
	);
	const models = new Models({ boxes, policy, meter });
	const rules = new Rules({ ...shared, meter, leases });
	const [first] = boxes.all;
	return {
		telemetry,
		reads,
		controls,
		alarms,
		models,
		rules,
		sites: boxes,
		stageTimes,
		audit: trail,
		rejectedAudit,
		/** @throws Error when a selection names what is not there. */
		samples: (selections: readonly SampleSelection[]) =>
			new TelemetrySamples({ boxes, policy, clock }, selections, options.telemetry.staleMs),
		boxes: () =>
			boxes.all.map(({ name, condition }) => ({
				name,
				isUp: condition.state === BoxState.UP,
				isLeaseHeld: leases.get(name)?.isHeld === true,
			})),
		authorizers: [alarms.authorizer, rules.authorizer] satisfies readonly ChannelAuthorizer[],
		listeners: [telemetry, controls.listener] satisfies readonly ConnectionListener[],
		/** Ends what a connection was given by permissions that it has no more. */
		onPermissionsLost(subscriber: LiveSubscriber): void {
			const { identity } = subscriber;
			const may = (permission: string) => identity !== undefined && isPermitted(identity, permission);
			if (!may("edge.read")) telemetry.onClosed(subscriber);
			if (!may("edge.write")) controls.listener.onClosed(subscriber);
		},
		probes: (first !== undefined && options.box.required ? [first.probe] : []) as readonly Probe[],
		/** Begins what runs in the background; no box is waited for. */
		async start(): Promise<void> {
			await Promise.all([...[...leases.values()].map((lease) => lease.start()), controls.start()]);
			rejectedAudit.start();
			// An unreachable box is read once it is reachable.
			void alarms.start();
		},
		/** Finishes the work in flight; before the stores close. */
		async close(): Promise<void> {
			telemetry.close();
			await controls.close();
			await alarms.close();
			await rejectedAudit.close();
			await Promise.all([...leases.values()].map((lease) => lease.close()));
			await Promise.all(boxes.all.map((box) => box.close()));
		},
	};
}

/** Without any address, a simulated plant if that is wanted, else none. */
function openBoxes({ box, simulator }: EdgeOptions, clock: Clock, logger: Logger): readonly Box[] {
	const open = (name: string, url: string, dialect: "v1" | "v2"): Box => {
		const { commandTimeoutMs, connectTimeoutMs, maxPointsPerKey, maxBytesPerKey } = box;
		return new RedisBox(
			{
				link: { name, url, commandTimeoutMs, connectTimeoutMs },
				dialect,
				points: { maxPointsPerKey, maxBytesPerKey },
				commands: { hasFeedback: box.hasFeedback, maxWaitingCommands: box.maxWaitingCommands },
			},
			logger,
		);
	};
	const further = box.more.map(({ name, url, dialect }) => open(name, url, dialect));
	if (box.url !== undefined) return [open(box.name, box.url, box.dialect), ...further];
	if (further.length > 0 || !simulator.enabled) return further;
	const { seed, channels, points, stepMs } = simulator;
	return [new SimulatorBox({ name: box.name, plant: { seed, channels, points, stepMs } }, clock)];
}
