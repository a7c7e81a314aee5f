// A box whose alarms and rules a test holds in its hand.

import { ErrorCode } from "../../../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../../../protocol/error.ts";
import { AlarmLevel, AlarmStatus } from "../../../../protocol/gen/schema.ts";
import type { Box } from "../../../../services/edge/boxes/box.ts";
import type { BoxAlarm, BoxAlarms } from "../../../../services/edge/boxes/box-alarms.ts";
import type { BoxExecution, BoxModel, BoxRule } from "../../../../services/edge/boxes/box-models.ts";

export function alarmRecord(id: string, properties: Partial<BoxAlarm> = {}): BoxAlarm {
	const texts = { title: "", description: "", source: "plc-1", acknowledgedBy: "", resolvedBy: "", comment: "" };
	const times = { raisedAtMs: 1000, updatedAtMs: 1000, acknowledgedAtMs: 0, resolvedAtMs: 0 };
	return { id, level: AlarmLevel.HIGH, status: AlarmStatus.ACTIVE, ...texts, ...times, ...properties };
}

export class FakeAlarms implements BoxAlarms {
	readonly records = new Map<string, BoxAlarm>();
	isUnreachable = false;
	reads = 0;
	private listener: (id: string | undefined) => void = () => {};

	/** Writes as a field service would, with or without a word. */
	put(alarm: BoxAlarm, announce: "by id" | "without id" | false = "by id"): void {
		this.records.set(alarm.id, alarm);
		if (announce !== false) this.listener(announce === "by id" ? alarm.id : undefined);
	}

	async ids(limit: number): Promise<readonly string[]> {
		this.check();
		return [...this.records.keys()].slice(0, limit);
	}

	async get(ids: readonly string[]): Promise<readonly (BoxAlarm | undefined)[]> {
		this.check();
		this.reads += ids.length;
		return ids.map((id) => this.records.get(id));
	}

	async acknowledge(id: string, { by, comment, atMs }: { by: string; comment: string; atMs: number }) {
		return this.change(id, {
			status: AlarmStatus.ACKNOWLEDGED,
			acknowledgedBy: by,
			acknowledgedAtMs: atMs,
			comment,
		});
	}

	async resolve(id: string, { by, comment, atMs }: { by: string; comment: string; atMs: number }) {
		return this.change(id, { status: AlarmStatus.RESOLVED, resolvedBy: by, resolvedAtMs: atMs, comment });
	}

	onChange(listener: (id: string | undefined) => void): void {
		this.listener = listener;
	}

	private change(id: string, properties: Partial<BoxAlarm>): BoxAlarm {
		this.check();
		const alarm = this.records.get(id);
		if (alarm === undefined) throw new GatewayError(ErrorCode.NOT_FOUND, "alarm_id is not an alarm");
		const changed = { ...alarm, ...properties };
		this.records.set(id, changed);
		return changed;
	}

	private check(): void {
		if (this.isUnreachable) throw unavailable("box", 1000);
	}
}

export class FakeRules {
	readonly records = new Map<string, BoxRule>();
	private listener: (execution: BoxExecution) => void = () => {};
	ids = async (onlyActive: boolean) =>
		[...this.records.values()].filter(({ isActive }) => isActive || !onlyActive).map(({ id }) => id);
	get = async (ids: readonly string[]) => ids.map((id) => this.records.get(id));
	state = async () => ({ runs: "3" });
	executions = async () => [];
	onExecuted(listener: (execution: BoxExecution) => void): void {
		this.listener = listener;
	}
	execute(execution: BoxExecution): void {
		this.listener(execution);
	}
}

export function fakeBox(name: string, models: readonly BoxModel[] = []) {
	const alarms = new FakeAlarms();
	const rules = new FakeRules();
	const box = {
		name,
		sources: [],
		alarms,
		rules,
		models: {
			ids: async (template: string) =>
				models.filter((m) => template === "" || m.template === template).map((m) => m.id),
			get: async (ids: readonly string[]) => ids.map((id) => models.find((model) => model.id === id)),
			values: async () => ({ measurements: [], actions: [] }),
		},
	} as unknown as Box;
	return { box, alarms, rules };
}
