// Replies of the edge block as messages of the older JSON dialect.
import { replyCode } from "../../protocol/codes.ts";
import {
	AlarmSubscribeResponse,
	type AlarmTotals,
	CommandStage,
	type Envelope,
	edgeAlarmRoutes,
	edgeTelemetryRoutes,
	SubscribeResponse,
	WritePointResponse,
} from "../../protocol/gen/schema.ts";
import { ERROR_NAMES, isoTime, STAGES } from "./edge-json-names.ts";
import type { Asked, Group, Message } from "./edge-json-state.ts";

const NO_BYTES = new Uint8Array(0);

/** @returns undefined while other requests of the same message are in flight, or when there is nothing to send. */
export function writeReply(envelope: Envelope, asked: Asked, nowMs: number): string | undefined {
	const { contract, group } = asked;
	const body = envelope.body ?? NO_BYTES;
	if (group === undefined) {
		if (envelope.error || contract !== edgeAlarmRoutes.alarmSubscribe) return undefined;
		return alarmTotals(AlarmSubscribeResponse.decode(body).totals, nowMs);
	}
	group.open--;
	if (envelope.error) {
		const { message = "", retryAfterMs = 0 } = envelope.error;
		group.refused ??= { code: envelope.code ?? 0, message: message ?? "", retryAfterMs: retryAfterMs ?? 0 };
	} else if (contract === edgeTelemetryRoutes.subscribe) {
		const { subscribed, failed } = SubscribeResponse.decode(body);
		group.subscribed.push(...(subscribed ?? []));
		for (const { channel, reason } of failed ?? []) group.failed.push({ channel: channel ?? 0, reason: reason ?? "" });
	}
	return group.open > 0 ? undefined : writeAnswer(group, body, nowMs);
}

function writeAnswer(group: Group, body: Uint8Array, nowMs: number): string {
	const { message, refused, subscribed, failed } = group;
	const isPartly = refused !== undefined && subscribed.length > 0;
	if (refused !== undefined && !isPartly) return writeRejection(message, refused, nowMs);
	switch (message.type) {
		case "ping": {
			const sentAtMs = Date.parse(message.sentAt);
			const latency = Number.isNaN(sentAtMs) ? {} : { latency: Math.max(0, message.receivedAtMs - sentAtMs) };
			return write("pong", message.id && `${message.id}_pong`, { server_time: isoTime(nowMs), ...latency }, nowMs);
		}
		case "subscribe":
			return ack(message, { subscribed, failed, total: subscribed.length }, nowMs);
		case "unsubscribe":
			return ack(message, { unsubscribed: group.channels }, nowMs);
		default: {
			const { commandId = "", stage } = WritePointResponse.decode(body);
			return commandAck(message.id, { commandId: commandId ?? "", stage: stage ?? 0 }, nowMs);
		}
	}
}

export interface CommandUpdate {
	readonly commandId: string;
	readonly stage: CommandStage;
	readonly actualValue?: number | null | undefined;
	readonly error?: string | null | undefined;
}

/** `success` is there only once it is known: accepted is not executed. */
export function commandAck(messageId: string, update: CommandUpdate, nowMs: number): string {
	const { commandId, stage, actualValue, error } = update;
	const isKnown = stage === CommandStage.EXECUTED || stage === CommandStage.FAILED;
	const result = {
		...(isKnown ? { success: stage === CommandStage.EXECUTED } : {}),
		...(typeof actualValue === "number" ? { actual_value: actualValue } : {}),
		...(error ? { message: error } : {}),
	};
	const data = {
		...(messageId === "" ? {} : { request_id: messageId }),
		command_id: commandId,
		status: STAGES[stage],
		execution_time: isoTime(nowMs),
		result,
	};
	return write("control_ack", messageId === "" ? "" : `${messageId}_ack`, data, nowMs);
}

export function alarmTotals(totals: AlarmTotals | null | undefined, nowMs: number): string {
	const { active = 0, acknowledged = 0, low = 0, medium = 0, high = 0, critical = 0 } = totals ?? {};
	const current = (active ?? 0) + (acknowledged ?? 0);
	const data = { current_alarms: current, active, acknowledged, low, medium, high, critical };
	return write("alarm_num", "", { ...data, update_time: isoTime(nowMs) }, nowMs);
}

/** @param code - a name of the dialect, or a reply code of the protocol. */
export function writeError(message: Message | undefined, code: string | number, text: string, nowMs: number): string {
	const name = typeof code === "string" ? code : (ERROR_NAMES.get(code) ?? replyCode(code).name);
	const related = message === undefined || message.id === "" ? {} : { related_message_id: message.id };
	return write("error", message?.id ? `${message.id}_error` : "", { code: name, message: text, ...related }, nowMs);
}

function writeRejection(message: Message, refused: NonNullable<Group["refused"]>, nowMs: number): string {
	const code = ERROR_NAMES.get(refused.code) ?? replyCode(refused.code).name;
	const related = message.id === "" ? {} : { related_message_id: message.id };
	const wait = refused.retryAfterMs === 0 ? {} : { retry_after: refused.retryAfterMs / 1000 };
	const id = message.id === "" ? "" : `${message.id}_error`;
	return write("error", id, { code, message: refused.message, ...related, ...wait }, nowMs);
}

function ack(message: Message, data: object, nowMs: number): string {
	const request = message.id === "" ? {} : { request_id: message.id };
	return write(`${message.type}_ack`, message.id === "" ? "" : `${message.id}_ack`, { ...request, ...data }, nowMs);
}

/** @param id - "": made from the time. */
export function write(type: string, id: string, data: object, nowMs: number): string {
	return JSON.stringify({ type, id: id === "" ? `${type}_${nowMs}` : id, timestamp: isoTime(nowMs), data });
}
