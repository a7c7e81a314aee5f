// Alarms of all boxes: lists and counts, acknowledging and clearing, and who may subscribe to them.

import type { Clock } from "../../../common/clock.ts";
import { cursorNumber, decodeCursor, encodeCursor, FOREIGN_PART } from "../../../common/cursor.ts";
import { type Identity, isPermitted } from "../../../common/identity.ts";
import type { Logger } from "../../../common/logger.ts";
import { fillPage, type PageFill, wholePage } from "../../../common/page-fill.ts";
import type { EventSink } from "../../../messaging/event-sink.ts";
import type { ChannelAuthorizer, Publisher } from "../../../messaging/publisher.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError, GatewayError, unavailable } from "../../../protocol/error.ts";
import { type AlarmLevel, AlarmStatus } from "../../../protocol/gen/schema.ts";
import type { AlarmMark, BoxAlarm, BoxAlarms } from "../boxes/box-alarms.ts";
import type { BoxLease } from "../boxes/box-lease.ts";
import type { Boxes } from "../boxes/boxes.ts";
import type { EdgePolicy } from "../edge-policy.ts";
import type { AlarmLedger } from "./alarm-ledger.ts";
import { AlarmMirror } from "./alarm-mirror.ts";
import { AlarmPublisher } from "./alarm-publisher.ts";
import { totalsOf } from "./alarm-wire.ts";
import type { AlarmsOptions } from "./options.ts";

/** What was done to an alarm, for the audit trail. */
export interface AlarmOperation {
	readonly operation: "alarm.ack" | "alarm.clear";
	readonly identity: Identity;
	readonly ip: string;
	readonly box: string;
	readonly alarmId: string;
	readonly comment: string;
	/** `requested` before it is tried, then `done`, or `refused` or `failed` with why. */
	readonly outcome: "requested" | "done" | "refused" | "failed";
	readonly detail: string;
	/** Unix milliseconds. */
	readonly atMs: number;
}

export interface AlarmServices {
	readonly boxes: Boxes;
	readonly policy: EdgePolicy;
	/** By the name of the box. */
	readonly leases: ReadonlyMap<string, BoxLease>;
	readonly ledger: AlarmLedger;
	readonly publisher: Publisher;
	/** Undefined: no output is configured. */
	readonly events?: EventSink | undefined;
	/** Resolves when the operation is in the audit trail; otherwise it is not carried out. */
	readonly audit: (operation: AlarmOperation) => Promise<void>;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface AlarmQuery {
	readonly box: string;
	/** UNSPECIFIED: any. */
	readonly status: AlarmStatus;
	readonly level: AlarmLevel;
	/** "": any. */
	readonly source: string;
	readonly cursor: string;
	/** 0: 50. */
	readonly limit: number;
}

const DEFAULT_LIMIT = 50;
const PREFIX = "alarms:";
/**
 * How long a request waits for the alarms of a box to be read for the first time, as when clients reconnect after a
 * restart of the gateway; and the `retryAfterMs` of the error after that.
 */
const FIRST_READ_MS = 2000;

interface Watched {
	readonly mirror: AlarmMirror;
	readonly publisher: AlarmPublisher;
}

export class Alarms {
	readonly authorizer: ChannelAuthorizer;
	private readonly services: AlarmServices;
	private readonly watched: ReadonlyMap<string, Watched>;

	constructor(services: AlarmServices, options: Partial<AlarmsOptions> = {}) {
		this.services = services;
		const { ledger, publisher, events, policy, clock, logger } = services;
		this.watched = new Map(
			services.boxes.all.map((box) => {
				const lease = services.leases.get(box.name);
				if (lease === undefined) throw new Error(`no lease for box ${box.name}`);
				const mirror = new AlarmMirror({ alarms: box.alarms, policy, clock, logger }, options);
				const parts = { mirror, ledger, lease, publisher, events, clock, logger };
				return [box.name, { mirror, publisher: new AlarmPublisher(box.name, parts, options) }];
			}),
		);
		this.authorizer = {
			prefix: PREFIX,
			canSubscribe: async (identity, channel) =>
				isPermitted(identity, "edge.read") && this.watched.has(channel.slice(PREFIX.length)),
		};
	}

	async start(): Promise<void> {
		for (const { publisher } of this.watched.values()) publisher.start();
		await Promise.all([...this.watched.values()].map(({ mirror }) => mirror.start()));
	}

	async close(): Promise<void> {
		await Promise.all([...this.watched.values()].map(({ mirror }) => mirror.close()));
		await Promise.all([...this.watched.values()].map(({ publisher }) => publisher.close()));
	}

	/** Alarms that this node knows of, in all boxes. */
	get size(): number {
		return [...this.watched.values()].reduce((sum, { mirror }) => sum + mirror.size, 0);
	}

	/** Alarm pushes that this node has published. */
	get published(): number {
		return [...this.watched.values()].reduce((sum, { publisher }) => sum + publisher.published, 0);
	}

	/** @throws GatewayError NOT_FOUND naming the box, VALIDATION_FAILED naming the cursor, UNAVAILABLE. */
	async list(query: AlarmQuery, page: PageFill<BoxAlarm> = wholePage) {
		const { name, mirror } = await this.read(query.box);
		const { status, level, source } = query;
		const list = `alarms:${name}:${status}:${level}:${source}`;
		const [raisedAt, afterId = ""] = decodeCursor(list, query.cursor, 2, FOREIGN_PART) ?? [];
		const beforeMs = raisedAt === undefined ? undefined : cursorNumber(raisedAt);
		const { shown: alarms, nextCursor } = fillPage(page, {
			...{ found: matching(mirror.all(), query, beforeMs, afterId), limit: query.limit || DEFAULT_LIMIT },
			cursorBehind: ({ raisedAtMs, id }) => encodeCursor(list, raisedAtMs, id),
		});
		return { alarms, nextCursor, asOfMs: mirror.asOfMs };
	}

	/** @throws GatewayError NOT_FOUND naming the box, UNAVAILABLE. */
	async count(box: string) {
		const { mirror } = await this.read(box);
		return { totals: totalsOf(mirror.all()), asOfMs: mirror.asOfMs };
	}

	/** @throws GatewayError NOT_FOUND, PRECONDITION_FAILED when it is resolved, UNAVAILABLE. */
	async acknowledge(identity: Identity, ip: string, box: string, alarmId: string, comment: string): Promise<BoxAlarm> {
		const operation = { operation: "alarm.ack", identity, ip, alarmId, comment } as const;
		return await this.audited(box, operation, (alarms, mark) => alarms.acknowledge(alarmId, mark));
	}

	/** @throws GatewayError NOT_FOUND, UNAVAILABLE. */
	async clear(identity: Identity, ip: string, box: string, alarmId: string, comment: string): Promise<BoxAlarm> {
		const operation = { operation: "alarm.clear", identity, ip, alarmId, comment } as const;
		return await this.audited(box, operation, (alarms, mark) => alarms.resolve(alarmId, mark));
	}

	/** Writes an audit entry before the operation is tried, and one with its outcome afterwards. */
	private async audited(
		boxName: string,
		operation: Omit<AlarmOperation, "box" | "outcome" | "detail" | "atMs">,
		act: (alarms: BoxAlarms, mark: AlarmMark) => Promise<BoxAlarm>,
	): Promise<BoxAlarm> {
		const { clock, boxes, audit } = this.services;
		const box = boxes.box(boxName);
		const atMs = clock.now();
		await audit({ ...operation, box: box.name, outcome: "requested", detail: "", atMs });
		const end = (outcome: AlarmOperation["outcome"], detail: string) =>
			audit({ ...operation, box: box.name, outcome, detail, atMs: clock.now() }).catch((error: unknown) => {
				this.services.logger.error(
					{ err: error, alarm: operation.alarmId, outcome },
					"the outcome of an alarm operation is not in the audit trail",
				);
			});
		try {
			await this.checkOpen(box.alarms, operation.alarmId);
			const alarm = await act(box.alarms, { by: operation.identity.username, comment: operation.comment, atMs });
			// The next list contains it, whatever the box announces.
			this.watched.get(box.name)?.mirror.take(alarm);
			await end("done", "");
			return alarm;
		} catch (error) {
			const { code, message } = GatewayError.from(error);
			await end(code === ErrorCode.UNAVAILABLE || code === ErrorCode.INTERNAL ? "failed" : "refused", message);
			throw error;
		}
	}

	/** An alarm that the policy hides is reported as missing. @throws GatewayError NOT_FOUND. */
	private async checkOpen(alarms: BoxAlarms, alarmId: string): Promise<void> {
		const { policy } = this.services;
		if (!policy.isRestricted) return;
		const [alarm] = await alarms.get([alarmId]);
		if (alarm !== undefined && policy.alarm(alarm)) return;
		throw fieldError("alarm_id", "is not an alarm", { code: ErrorCode.NOT_FOUND });
	}

	private async read(boxName: string) {
		const { name } = this.services.boxes.box(boxName);
		const mirror = this.watched.get(name)?.mirror;
		await mirror?.waitForFirstRead(FIRST_READ_MS);
		if (mirror === undefined || mirror.asOfMs === 0) throw unavailable("the alarms of this box", FIRST_READ_MS);
		return { name, mirror };
	}
}

/** Those that a query is about, behind the place of its cursor. */
function* matching(
	all: readonly BoxAlarm[],
	{ status, level, source }: AlarmQuery,
	beforeMs: number | undefined,
	afterId: string,
): Iterable<BoxAlarm> {
	for (const alarm of all) {
		if (beforeMs !== undefined && !isAfter(alarm, beforeMs, afterId)) continue;
		if (status !== AlarmStatus.UNSPECIFIED && alarm.status !== status) continue;
		if (level !== 0 && alarm.level !== level) continue;
		if (source !== "" && alarm.source !== source) continue;
		yield alarm;
	}
}

/** In the order of `AlarmMirror.all`. */
function isAfter(alarm: BoxAlarm, beforeMs: number, afterId: string): boolean {
	return alarm.raisedAtMs < beforeMs || (alarm.raisedAtMs === beforeMs && alarm.id < afterId);
}
