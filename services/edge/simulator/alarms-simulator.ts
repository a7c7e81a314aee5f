// Alarms of a simulated plant: each is raised periodically by the clock, stays active for a while, and is resolved
// unless a user clears it before. The same clock produces the same alarms in every process.

import type { Clock } from "../../../common/clock.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError } from "../../../protocol/error.ts";
import { AlarmLevel, AlarmStatus } from "../../../protocol/gen/schema.ts";
import type { AlarmMark, BoxAlarm, BoxAlarms } from "../boxes/box-alarms.ts";

interface Cause {
	readonly name: string;
	readonly title: string;
	readonly description: string;
	readonly level: AlarmLevel;
	readonly source: string;
	/** Period between two occurrences, and how long one is active. */
	readonly periodMs: number;
	readonly standsMs: number;
}

const MINUTE_MS = 60_000;

const CAUSES: readonly Cause[] = [
	{
		name: "overtemp",
		title: "Temperature high",
		description: "The winding is warmer than 85 °C",
		level: AlarmLevel.CRITICAL,
		source: "comsrv:1001:T:3",
		periodMs: 10 * MINUTE_MS,
		standsMs: 4 * MINUTE_MS,
	},
	{
		name: "undervolt",
		title: "Voltage low",
		description: "The bus is below 90 % of its voltage",
		level: AlarmLevel.HIGH,
		source: "comsrv:1001:T:1",
		periodMs: 7 * MINUTE_MS,
		standsMs: 3 * MINUTE_MS,
	},
	{
		name: "door",
		title: "Cabinet open",
		description: "The door contact is open",
		level: AlarmLevel.LOW,
		source: "comsrv:1001:S:2",
		periodMs: 3 * MINUTE_MS,
		standsMs: MINUTE_MS,
	},
	{
		// For most of the time that it is on the list: there is always something to acknowledge.
		name: "filter",
		title: "Filter due",
		description: "The filter of the cabinet's fan is to be changed",
		level: AlarmLevel.MEDIUM,
		source: "comsrv:1001:S:1",
		periodMs: 30 * MINUTE_MS,
		standsMs: 110 * MINUTE_MS,
	},
];

/** Occurrences of one cause that are on the list. */
const KEPT = 4;
const ID = /^sim-([a-z]+)-(\d{1,15})$/;

interface Action {
	readonly step: "acknowledged" | "resolved";
	readonly mark: AlarmMark;
}

export class SimulatorBoxAlarms implements BoxAlarms {
	private readonly clock: Pick<Clock, "now">;
	private readonly tickMs: number;
	/** Actions of users, by alarm; those of alarms that have left the list are dropped. */
	private readonly actions = new Map<string, readonly Action[]>();
	private timer: NodeJS.Timeout | undefined;
	private lastReported: ReadonlyMap<string, AlarmStatus> = new Map();

	/** @param tickMs - how often it is checked whether an alarm was raised or resolved. */
	constructor(clock: Pick<Clock, "now">, tickMs = 1000) {
		this.clock = clock;
		this.tickMs = tickMs;
	}

	async ids(limit: number): Promise<readonly string[]> {
		return this.all()
			.map(({ id }) => id)
			.slice(0, limit);
	}

	async get(ids: readonly string[]): Promise<readonly (BoxAlarm | undefined)[]> {
		return ids.map((id) => this.alarm(id));
	}

	async acknowledge(id: string, mark: AlarmMark): Promise<BoxAlarm> {
		const alarm = this.existing(id);
		if (alarm.status === AlarmStatus.RESOLVED) {
			throw fieldError("alarm_id", "is resolved already", { code: ErrorCode.PRECONDITION_FAILED });
		}
		if (alarm.status === AlarmStatus.ACKNOWLEDGED) return alarm;
		return this.do(id, { step: "acknowledged", mark });
	}

	async resolve(id: string, mark: AlarmMark): Promise<BoxAlarm> {
		const alarm = this.existing(id);
		if (alarm.status === AlarmStatus.RESOLVED) return alarm;
		return this.do(id, { step: "resolved", mark });
	}

	onChange(listener: (alarmId: string | undefined) => void): void {
		const check = () => {
			const now = new Map(this.all().map(({ id, status }) => [id, status]));
			const before = this.lastReported;
			this.lastReported = now;
			for (const id of before.keys()) if (!now.has(id)) listener(undefined);
			for (const [id, status] of now) if (before.get(id) !== status) listener(id);
		};
		check();
		this.timer = setInterval(check, this.tickMs).unref();
	}

	close(): void {
		clearInterval(this.timer);
	}

	private do(id: string, action: Action): BoxAlarm {
		for (const known of this.actions.keys()) if (this.alarm(known) === undefined) this.actions.delete(known);
		this.actions.set(id, [...(this.actions.get(id) ?? []), action]);
		return this.existing(id);
	}

	/** Newest first. */
	private all(): BoxAlarm[] {
		const nowMs = this.clock.now();
		return CAUSES.flatMap((cause) => {
			const last = Math.floor(nowMs / cause.periodMs);
			return Array.from({ length: KEPT }, (_, back) => this.alarmOf(cause, last - back));
		}).sort((a, b) => b.raisedAtMs - a.raisedAtMs || (a.id < b.id ? -1 : 1));
	}

	private alarm(id: string): BoxAlarm | undefined {
		const [, name, digits] = ID.exec(id) ?? [];
		const cause = CAUSES.find((each) => each.name === name);
		if (cause === undefined) return undefined;
		const coming = Number(digits);
		const last = Math.floor(this.clock.now() / cause.periodMs);
		const isListed = coming <= last && coming > last - KEPT && `sim-${name}-${coming}` === id;
		return isListed ? this.alarmOf(cause, coming) : undefined;
	}

	private existing(id: string): BoxAlarm {
		const alarm = this.alarm(id);
		if (alarm === undefined) throw fieldError("alarm_id", "is not an alarm", { code: ErrorCode.NOT_FOUND });
		return alarm;
	}

	private alarmOf(cause: Cause, coming: number): BoxAlarm {
		const id = `sim-${cause.name}-${coming}`;
		const raisedAtMs = coming * cause.periodMs;
		const wentAtMs = raisedAtMs + cause.standsMs;
		const actions = this.actions.get(id) ?? [];
		const acknowledged = actions.find(({ step }) => step === "acknowledged")?.mark;
		const resolved = actions.find(({ step }) => step === "resolved")?.mark;
		const isOver = resolved !== undefined || this.clock.now() >= wentAtMs;
		const resolvedAtMs = resolved?.atMs ?? (isOver ? wentAtMs : 0);
		const standing = acknowledged === undefined ? AlarmStatus.ACTIVE : AlarmStatus.ACKNOWLEDGED;
		return {
			id,
			title: cause.title,
			description: cause.description,
			level: cause.level,
			status: isOver ? AlarmStatus.RESOLVED : standing,
			source: cause.source,
			raisedAtMs,
			updatedAtMs: Math.max(raisedAtMs, acknowledged?.atMs ?? 0, resolvedAtMs),
			acknowledgedBy: acknowledged?.by ?? "",
			acknowledgedAtMs: acknowledged?.atMs ?? 0,
			resolvedBy: resolved?.by ?? (isOver ? "simulator" : ""),
			resolvedAtMs,
			comment: resolved?.comment || (acknowledged?.comment ?? ""),
		};
	}
}
