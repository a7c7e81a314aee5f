// A change of an alarm as an event for outputs.
import { randomBytes } from "node:crypto";
import { type GatewayEvent, gatewayEvent } from "../../../messaging/event-sink.ts";
import { Alarm, Alarm_Change, type AlarmProperties } from "../../../protocol/gen/schema.ts";

const verbs = new Map(Object.entries(Alarm_Change).map(([name, change]) => [change, name.toLowerCase()]));

/** `alarm.raised`. @param atMs - when it was published, Unix milliseconds. */
export function alarmEvent(message: AlarmProperties, atMs: number): GatewayEvent {
	const { box = "", change = Alarm_Change.UNSPECIFIED } = message;
	// An alarm may be raised again within a millisecond, and the publisher keeps no number of its changes.
	const id = `alarm/${box}/${atMs}/${randomBytes(9).toString("base64url")}`;
	return gatewayEvent({ kind: `alarm.${verbs.get(change) ?? "updated"}`, id, key: box, atMs }, Alarm, message);
}
