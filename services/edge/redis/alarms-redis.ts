// Alarms of a box, as its field services keep them in Redis.

import { batches } from "../../../common/batches.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError, type GatewayError, unavailable } from "../../../protocol/error.ts";
import { AlarmStatus } from "../../../protocol/gen/schema.ts";
import type { AlarmMark, BoxAlarm, BoxAlarms } from "../boxes/box-alarms.ts";
import {
	ALARM_FIELDS,
	type AlarmEdit,
	type AlarmRecord,
	type AlarmStep,
	editAlarm,
	readAlarm,
} from "./alarms-record.ts";
import { type AlarmChange, changeAlarm, readRecords } from "./alarms-script.ts";
import { bare, STATUS_SPELLINGS } from "./alarms-words.ts";
import type { BoxChannels } from "./box-channels.ts";
import { IndexKind, isBoxId, readIndex } from "./box-ids.ts";
import { parseObject, textOf } from "./box-json.ts";
import type { BoxLink } from "./box-link.ts";
import type { AlarmKeys, BoxDialect } from "./dialect.ts";

/** Records that are asked for together. */
const BATCH = 200;
/** A longer record is no alarm. Of those read at once the reply is taken in as a whole. */
const READ_BOUNDS = { maxRecordBytes: 64 * 1024, maxReplyBytes: 512 * 1024 } as const;
/** How often a change is tried again because another writer changed the record meanwhile. */
const MAX_ATTEMPTS = 5;
const RETRY_AFTER_MS = 100;

export class RedisBoxAlarms implements BoxAlarms {
	private readonly link: BoxLink;
	private readonly keys: AlarmKeys;
	private readonly channels: BoxChannels;

	constructor(link: BoxLink, dialect: BoxDialect, channels: BoxChannels) {
		this.link = link;
		this.keys = dialect.alarms;
		this.channels = channels;
	}

	ids(limit: number): Promise<readonly string[]> {
		return readIndex(this.link, this.keys.index, limit, IndexKind.SET);
	}

	async get(ids: readonly string[]): Promise<readonly (BoxAlarm | undefined)[]> {
		const alarms: (BoxAlarm | undefined)[] = [];
		for (const batch of batches(ids, BATCH)) {
			const records = await this.records(batch);
			for (const record of records) alarms.push(record?.alarm);
		}
		return alarms;
	}

	acknowledge(id: string, mark: AlarmMark): Promise<BoxAlarm> {
		return this.change(id, "acknowledged", mark);
	}

	resolve(id: string, mark: AlarmMark): Promise<BoxAlarm> {
		return this.change(id, "resolved", mark);
	}

	onChange(listener: (alarmId: string | undefined) => void): void {
		const onMessage = (message: string) => listener(alarmIdOf(message));
		const { events, created, acknowledged, resolved } = this.keys.channels;
		this.channels.listen(events, { onMessage, onSubscribed: () => listener(undefined) });
		for (const channel of [created, acknowledged, resolved]) {
			// The listener is notified once that changes may have been missed, not for each channel.
			this.channels.listen(channel, { onMessage, onSubscribed: () => undefined });
		}
	}

	/** A record that cannot be read is undefined; the others are returned. */
	private async records(ids: readonly string[]): Promise<(AlarmRecord | undefined)[]> {
		const readable = ids.filter(isBoxId);
		if (readable.length === 0) return ids.map(() => undefined);
		const records = new Map<string, AlarmRecord | undefined>();
		for (let start = 0; start < readable.length; ) {
			const keys = readable.slice(start).map((id) => this.keys.alarmKey(id));
			const found = await this.link.run((client) => readRecords(client, keys, ALARM_FIELDS, READ_BOUNDS));
			for (const [index, values] of found.entries()) {
				if (values === undefined) continue;
				await this.link.parsing.take(values.reduce((bytes, text) => bytes + (text?.length ?? 0), 0));
				const id = readable[start + index] as string;
				records.set(id, readAlarm(id, values));
			}
			start += found.length;
		}
		return ids.map((id) => records.get(id));
	}

	private async change(id: string, step: AlarmStep, mark: AlarmMark): Promise<BoxAlarm> {
		for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
			const [record] = await this.records([id]);
			if (record === undefined) throw notFound();
			const { status } = record.alarm;
			if (status === AlarmStatus.RESOLVED && step === "acknowledged") throw alreadyResolved();
			const isDone =
				status === AlarmStatus.RESOLVED || (status === AlarmStatus.ACKNOWLEDGED && step === "acknowledged");
			if (isDone) return record.alarm;
			const edit = editAlarm(record, step, mark);
			const change = this.changeOf(record, edit, step, mark);
			const outcome = await this.link.run((client) => changeAlarm(client, change));
			if (outcome === "gone") throw notFound();
			if (outcome === "done") {
				const values = ALARM_FIELDS.map((field) => edit.fields[field] ?? record.fields[field]);
				return readAlarm(id, values)?.alarm ?? record.alarm;
			}
		}
		throw unavailable("this alarm, which others keep changing,", RETRY_AFTER_MS);
	}

	private changeOf(record: AlarmRecord, edit: AlarmEdit, step: AlarmStep, mark: AlarmMark): AlarmChange {
		const { id } = record.alarm;
		const { keys } = this;
		const spellings = new Set([...STATUS_SPELLINGS, bare(record.statusText)].filter((text) => isBoxId(text)));
		spellings.delete(edit.status);
		const timestamp = Math.floor(mark.atMs / 1000);
		const event = { alarm_id: id, user: mark.by, timestamp };
		return {
			id,
			recordKey: keys.alarmKey(id),
			index: keys.index,
			newStatusIndex: keys.statusIndex(edit.status),
			oldStatusIndexes: [...spellings].map((text) => keys.statusIndex(text)),
			statusRead: record.fields.status,
			dataRead: record.fields.data,
			atMs: mark.atMs,
			resolvedPriority: step === "resolved" && record.data !== undefined ? record.fields.priority : undefined,
			announcements: [
				[keys.channels[step], JSON.stringify(event)],
				[keys.channels.events, JSON.stringify({ type: step, ...event })],
			],
			fields: edit.fields,
		};
	}
}

/** The alarm that a message is about; undefined when the message has no id. */
function alarmIdOf(message: string): string | undefined {
	const event = parseObject(message);
	const inner = parseObject(JSON.stringify(event?.["alarm"] ?? event?.["data"] ?? null));
	const id = event === undefined ? message.trim() : textOf(event["alarm_id"] ?? event["id"] ?? inner?.["id"]);
	return isBoxId(id) ? id : undefined;
}

function notFound(): GatewayError {
	return fieldError("alarm_id", "is not an alarm", { code: ErrorCode.NOT_FOUND });
}

function alreadyResolved(): GatewayError {
	return fieldError("alarm_id", "is resolved already", { code: ErrorCode.PRECONDITION_FAILED });
}
