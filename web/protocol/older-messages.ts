// What a front end of the older EMS gateway sends, as samples to begin from (docs/reference/edge-json.md).
import type { JsonObject } from "./catalog.ts";

export const OLDER_TYPES = ["subscribe", "unsubscribe", "control", "ping"] as const;
export type OlderType = (typeof OLDER_TYPES)[number];

export const olderSamples: Readonly<Record<OlderType, JsonObject>> = {
	subscribe: { channels: [1001, 1002], data_types: ["T", "S"], interval: 1000 },
	unsubscribe: { channels: [1002] },
	control: { channel_id: 1001, point_id: 100, command_type: "set_value", data_type: "C", value: 1 },
	ping: {},
};

/** Name of the description of its data. */
export const olderMessageName = (type: OlderType): string => `ems.${type}`;

/** A message of that dialect. @param atMs - Unix milliseconds. */
export function olderMessage(type: OlderType, id: string, atMs: number, data: JsonObject): string {
	return JSON.stringify({ type, id, timestamp: new Date(atMs).toISOString(), data });
}
