// Messages of the older JSON dialect as requests. What they hold is checked by the routes; here only what has to be
// understood to find them.
import type { AnyRouteContract } from "../../protocol/contract.ts";
import { authRoutes, edgeControlRoutes, edgeTelemetryRoutes } from "../../protocol/gen/schema.ts";
import { commandIdFor } from "./edge-json-commands.ts";
import { DATA_TYPES } from "./edge-json-names.ts";
import type { Message } from "./edge-json-state.ts";

export interface Translated {
	readonly contract: AnyRouteContract;
	/** Proto3 JSON. */
	readonly body: object;
	/** Of an end: the channels that it names. */
	readonly channels?: readonly number[];
	/** Of a command: the id that the front end has given it. */
	readonly chosenId?: string;
}

const DEFAULT_TYPES = ["T", "S"];
/** Groups of channels with settings of their own in one message. */
const MAX_GROUPS = 100;
/** That one message subscribes to, in all its groups. */
const MAX_SUBSCRIBED = 10_000;
/** That one message unsubscribes from: as many as the route takes. They are kept until it has answered. */
const MAX_UNSUBSCRIBED = 1000;
/** Looked at for each channel that has settings of its own, so that they are short. */
const MAX_SOURCE_LENGTH = 128;
const MAX_DATA_TYPES = 16;
const MAX_NUMBER_LENGTH = 32;
const CHANNELS_EXPECTED = "data.channels: expected a list of channel numbers";

/** @returns what is wrong with the message, for people, if it cannot be translated. */
export function readMessage(message: Message, data: unknown): readonly Translated[] | string {
	const fields = isObject(data) ? data : {};
	switch (message.type) {
		case "ping":
			return [{ contract: authRoutes.heartbeat, body: {} }];
		case "subscribe":
			return readSubscribe(fields);
		case "unsubscribe":
			return readUnsubscribe(fields);
		case "control":
			return readControl(message, fields);
		default:
			return `type: "${message.type.slice(0, 40)}" is none of subscribe, unsubscribe, control, ping`;
	}
}

interface Group {
	readonly source: string;
	readonly dataTypes: readonly string[];
	readonly intervalMs: number;
	readonly channels: number[];
}

/** A later message moves the channels that it names to its own settings, and leaves the others as they are. */
function readSubscribe(data: Record<string, unknown>): readonly Translated[] | string {
	const { channels } = data;
	if (!Array.isArray(channels) || channels.length === 0) return CHANNELS_EXPECTED;
	if (channels.length > MAX_SUBSCRIBED) return `data.channels: more than ${MAX_SUBSCRIBED}`;
	const common = readSettings(data, {});
	const commonKey = JSON.stringify(common);
	const groups = new Map<string, Group>();
	for (const [index, entry] of channels.entries()) {
		const own = isObject(entry) ? entry : undefined;
		const channel = idOf(own === undefined ? entry : own["channel_id"]);
		if (channel === undefined) return `data.channels[${index}]: expected a channel number`;
		const settings = own === undefined ? common : readSettings(data, own);
		if (typeof settings === "string") return settings;
		const key = own === undefined ? commonKey : JSON.stringify(settings);
		const group = groups.get(key) ?? { ...settings, channels: [] };
		groups.set(key, group);
		group.channels.push(channel);
		if (groups.size > MAX_GROUPS) return `data.channels: more than ${MAX_GROUPS} different settings`;
	}
	return [...groups.values()].map((group) => ({
		contract: edgeTelemetryRoutes.subscribe,
		body: { ...group, mode: "SUBSCRIPTION_MODE_INTERVAL", exclusive: true },
	}));
}

/** @param own - of a channel; what it does not have is as in `data`. */
function readSettings(data: Record<string, unknown>, own: Record<string, unknown>): Omit<Group, "channels"> | string {
	const settingOf = (name: string) => (Object.hasOwn(own, name) ? own[name] : data[name]);
	const [source, types, interval] = [settingOf("source"), settingOf("data_types"), settingOf("interval")];
	const names = types === undefined ? DEFAULT_TYPES : types;
	if (!Array.isArray(names) || names.length > MAX_DATA_TYPES) {
		return 'data.data_types: expected a list such as ["T", "S"]';
	}
	const dataTypes: string[] = [];
	for (const name of names) {
		const dataType = dataTypeOf(name);
		if (dataType === undefined) return "data.data_types: expected T, S, C, A or M";
		dataTypes.push(dataType);
	}
	const intervalMs = interval === undefined ? 1000 : idOf(interval);
	if (intervalMs === undefined) return "data.interval: expected a whole number of milliseconds";
	if (typeof source === "string" && source.length > MAX_SOURCE_LENGTH) return "data.source: too long";
	return { source: typeof source === "string" ? source : "", dataTypes, intervalMs };
}

function dataTypeOf(name: unknown): string | undefined {
	return typeof name === "string" && name.length === 1 ? DATA_TYPES.get(name.toUpperCase()) : undefined;
}

function readUnsubscribe(data: Record<string, unknown>): readonly Translated[] | string {
	const { channels } = data;
	// Without channels, everything ends.
	if (channels === undefined || channels === null) return [{ contract: edgeTelemetryRoutes.unsubscribe, body: {} }];
	if (!Array.isArray(channels) || channels.length === 0) return CHANNELS_EXPECTED;
	if (channels.length > MAX_UNSUBSCRIBED) return `data.channels: more than ${MAX_UNSUBSCRIBED}`;
	const numbers: number[] = [];
	for (const [index, entry] of channels.entries()) {
		const channel = idOf(isObject(entry) ? entry["channel_id"] : entry);
		if (channel === undefined) return `data.channels[${index}]: expected a channel number`;
		numbers.push(channel);
	}
	return [{ contract: edgeTelemetryRoutes.unsubscribe, body: { channels: numbers }, channels: numbers }];
}

/** What front ends call a command, by the kind of point that it is for. */
const COMMAND_TYPES = new Map([
	["set_value", "DATA_TYPE_ADJUSTMENT"],
	["setpoint", "DATA_TYPE_ADJUSTMENT"],
	["adjust", "DATA_TYPE_ADJUSTMENT"],
	["control", "DATA_TYPE_CONTROL"],
	["switch", "DATA_TYPE_CONTROL"],
]);

function readControl(message: Message, data: Record<string, unknown>): readonly Translated[] | string {
	const channel = idOf(data["channel_id"]);
	if (channel === undefined) return "data.channel_id: expected a channel number";
	const pointId = idOf(data["point_id"]);
	if (pointId === undefined) return "data.point_id: expected a point number";
	const { data_type: type, command_type: command, value, reason, source } = data;
	const dataType = typeof type === "string" ? dataTypeOf(type) : commandTypeOf(command);
	if (dataType === undefined) return "data.data_type: expected C or A, or data.command_type one of set_value, control";
	const number = typeof value === "boolean" ? Number(value) : numberOf(value);
	if (number === undefined) return "data.value: expected a number";
	const given = data["command_id"];
	const chosenId = typeof given === "string" ? given : "";
	const commandId = chosenId === "" ? commandIdFor(message.id) : chosenId;
	return [
		{
			contract: edgeControlRoutes.writePoint,
			body: {
				target: { source: typeof source === "string" ? source : "", channel, dataType, pointId },
				value: number,
				commandId,
				reason: typeof reason === "string" ? reason : "",
			},
			chosenId,
		},
	];
}

/** Without a kind, a value is set. */
function commandTypeOf(command: unknown): string | undefined {
	return command === undefined || typeof command === "string" ? COMMAND_TYPES.get(command ?? "set_value") : undefined;
}

/** What the protocol has as a uint32. */
function idOf(value: unknown): number | undefined {
	const number = numberOf(value);
	const isUint32 = Number.isInteger(number) && (number as number) >= 0 && (number as number) <= 0xffffffff;
	return isUint32 ? number : undefined;
}

/** Numbers come as such, or as decimal text. */
function numberOf(value: unknown): number | undefined {
	const isText = typeof value === "string" && value.length <= MAX_NUMBER_LENGTH;
	const number = isText && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
	return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
