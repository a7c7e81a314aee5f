// How the field services of a box name their keys: everything that differs between the dialects `v1` and `v2` of the
// VoltageEMS family is here, and every key name of both.

import { DataType } from "../../../protocol/gen/schema.ts";
import type { BoxSource } from "../boxes/box.ts";
import type { PointKey } from "../boxes/box-points.ts";
import type { BoxOptions } from "../boxes/options.ts";

export type DialectName = BoxOptions["dialect"];
export const DialectName = {
	V1: "v1",
	V2: "v2",
} as const satisfies Readonly<Record<string, DialectName>>;

/** Families of point hashes. */
export const Family = {
	/** Channels of the communication service. */
	COMSRV: "comsrv",
	/** Instances of the model service, v2 only. */
	INST: "inst",
} as const;

export interface BoxDialect {
	readonly name: DialectName;
	/** Families and types that are read at all; nothing else under their names is. */
	readonly sources: readonly BoxSource[];
	readonly points: PointKeys;
	readonly commands: CommandKeys;
	readonly alarms: AlarmKeys;
	readonly models: ModelKeys;
	readonly rules: RuleKeys;
}

export interface PointKeys {
	/** The hash of a key, undefined when the dialect has no such family or type. */
	keyOf(key: PointKey): string | undefined;
	/** The reverse; undefined for what is no hash of points. */
	parse(redisKey: string): PointKey | undefined;
	/** A pattern of SCAN that matches at least the hashes of a family. */
	scanPattern(family: string): string;
	/** Hash point id → milliseconds, undefined where the dialect has none. */
	timesKey(key: PointKey): string | undefined;
	/** Hash point id → value before scaling, undefined where the dialect has none. */
	rawKey(key: PointKey): string | undefined;
	/** Hash point id → quality, ours, optional. */
	qualityKey(key: PointKey): string | undefined;
	/** Hash {online, last_update}, ours, optional. */
	statusKey(family: string, channel: number): string;
}

export interface CommandKeys {
	/** The list that the field service pops commands from; undefined for a type that cannot be written. */
	listKey(channel: number, type: DataType): string | undefined;
	/** Hash {status, actual_value, error, timestamp}, ours, optional. */
	feedbackKey(commandId: string): string;
	/** Pub/sub channel where it is published. */
	feedbackChannel(channel: number): string;
	/** Pattern of PSUBSCRIBE for all of them. */
	readonly feedbackPattern: string;
}

export interface AlarmKeys {
	/** Hash. */
	alarmKey(id: string): string;
	/** A set or a sorted set. */
	readonly index: string;
	statusIndex(status: string): string;
	levelIndex(level: string): string;
	sourceIndex(source: string): string;
	/** Pub/sub channels where changes are published. */
	readonly channels: AlarmChannels;
}

export interface AlarmChannels {
	readonly events: string;
	readonly created: string;
	readonly acknowledged: string;
	readonly resolved: string;
}

export interface ModelKeys {
	/** v1: string with JSON. v2: string with the instance's name. */
	modelKey(id: string): string;
	/** v1: name → value. v2: point id → value. */
	measurementKey(id: string): string;
	actionKey(id: string): string;
	/** v1: a set of ids. v2: a hash name → id. */
	readonly index: string;
	/** A set of ids; undefined where the dialect has none. */
	templateIndex(template: string): string | undefined;
}

export interface RuleKeys {
	/** String with JSON. */
	ruleKey(id: string): string;
	/** Hash. */
	metaKey(id: string): string;
	/** Hash. */
	stateKey(id: string): string;
	/** Executions, newest first; undefined where the dialect keeps none. */
	executionsKey(id: string): string | undefined;
	/** Set. */
	readonly index: string;
	/** Set. */
	readonly activeIndex: string;
	/** Pub/sub channel. */
	readonly executedChannel: string;
}

const COMSRV_LETTERS: ReadonlyMap<DataType, string> = new Map([
	[DataType.TELEMETRY, "T"],
	[DataType.SIGNAL, "S"],
	[DataType.CONTROL, "C"],
	[DataType.ADJUSTMENT, "A"],
]);

const INST_LETTERS: ReadonlyMap<DataType, string> = new Map([
	[DataType.MEASUREMENT, "M"],
	[DataType.ACTION, "A"],
]);

const COMSRV: BoxSource = Object.freeze({
	family: Family.COMSRV,
	types: [...COMSRV_LETTERS.keys()],
	writableTypes: [DataType.CONTROL, DataType.ADJUSTMENT],
});

/** Actions of instances reach a device by a table that only the model service knows: they are read, not written. */
const INST: BoxSource = Object.freeze({ family: Family.INST, types: [...INST_LETTERS.keys()], writableTypes: [] });

/** Numbers as the field services write them: no leading zero, at most ten digits. */
const POINT_KEY = /^([a-z]+):(0|[1-9]\d{0,9}):([A-Z])$/;
const MAX_CHANNEL = 0xffff_ffff;

type Letters = ReadonlyMap<string, ReadonlyMap<DataType, string>>;

function pointKeys(letters: Letters, hasTimes: boolean): PointKeys {
	const keyOf = ({ family, channel, type }: PointKey) => {
		const letter = letters.get(family)?.get(type);
		return letter === undefined ? undefined : `${family}:${channel}:${letter}`;
	};
	const beside = (suffix: string) => (key: PointKey) => {
		const name = keyOf(key);
		return name === undefined ? undefined : `${name}:${suffix}`;
	};
	const none = () => undefined;
	return Object.freeze({
		keyOf,
		parse: (redisKey: string) => parsePointKey(letters, redisKey),
		scanPattern: (family: string) => `${family}:*:[A-Z]`,
		// Instances have a value for each point and nothing beside.
		timesKey: hasTimes ? (key: PointKey) => (key.family === Family.COMSRV ? beside("ts")(key) : undefined) : none,
		rawKey: hasTimes ? (key: PointKey) => (key.family === Family.COMSRV ? beside("raw")(key) : undefined) : none,
		qualityKey: beside("q"),
		statusKey: (family: string, channel: number) => `${family}:${channel}:status`,
	});
}

function parsePointKey(letters: Letters, redisKey: string): PointKey | undefined {
	const match = POINT_KEY.exec(redisKey);
	if (match === null) return undefined;
	const [, family = "", digits = "", letter = ""] = match;
	const channel = Number(digits);
	if (channel > MAX_CHANNEL) return undefined;
	for (const [type, its] of letters.get(family) ?? []) if (its === letter) return { family, channel, type };
	return undefined;
}

function commandKeys(listKey: (channel: number, letter: string) => string): CommandKeys {
	return Object.freeze({
		listKey: (channel: number, type: DataType) => {
			const letter = COMSRV.writableTypes.includes(type) ? COMSRV_LETTERS.get(type) : undefined;
			return letter === undefined ? undefined : listKey(channel, letter);
		},
		feedbackKey: (commandId: string) => `comsrv:cmd:${commandId}`,
		feedbackChannel: (channel: number) => `comsrv:ack:${channel}`,
		feedbackPattern: "comsrv:ack:*",
	});
}

const ALARM_KEYS: AlarmKeys = Object.freeze({
	alarmKey: (id: string) => `alarmsrv:${id}`,
	index: "alarmsrv:index",
	statusIndex: (status: string) => `alarmsrv:status:${status}`,
	levelIndex: (level: string) => `alarmsrv:level:${level}`,
	sourceIndex: (source: string) => `alarmsrv:source:${source}`,
	channels: Object.freeze({
		events: "alarmsrv:events",
		created: "event:alarm:created",
		acknowledged: "event:alarm:acknowledged",
		resolved: "event:alarm:resolved",
	}),
});

function ruleKeys(executionsKey: (id: string) => string | undefined): RuleKeys {
	return Object.freeze({
		ruleKey: (id: string) => `rulesrv:rule:${id}`,
		metaKey: (id: string) => `rulesrv:rule:${id}:meta`,
		stateKey: (id: string) => `rulesrv:rule:${id}:state`,
		executionsKey,
		index: "rulesrv:rules",
		activeIndex: "rulesrv:rules:active",
		executedChannel: "rulesrv:rule_executed",
	});
}

const V1: BoxDialect = Object.freeze({
	name: DialectName.V1,
	sources: Object.freeze([COMSRV]),
	points: pointKeys(new Map([[Family.COMSRV, COMSRV_LETTERS]]), false),
	commands: commandKeys((channel, letter) => `comsrv:trigger:${channel}:${letter}`),
	alarms: ALARM_KEYS,
	models: Object.freeze({
		modelKey: (id: string) => `modsrv:model:${id}`,
		measurementKey: (id: string) => `modsrv:model:${id}:measurement`,
		actionKey: (id: string) => `modsrv:model:${id}:action`,
		index: "modsrv:models",
		templateIndex: (template: string) => `modsrv:models:by_template:${template}`,
	}),
	rules: ruleKeys(() => undefined),
});

const V2: BoxDialect = Object.freeze({
	name: DialectName.V2,
	sources: Object.freeze([COMSRV, INST]),
	points: pointKeys(
		new Map([
			[Family.COMSRV, COMSRV_LETTERS],
			[Family.INST, INST_LETTERS],
		]),
		true,
	),
	commands: commandKeys((channel, letter) => `comsrv:${channel}:${letter}:TODO`),
	alarms: ALARM_KEYS,
	models: Object.freeze({
		modelKey: (id: string) => `inst:${id}:name`,
		measurementKey: (id: string) => `inst:${id}:M`,
		actionKey: (id: string) => `inst:${id}:A`,
		index: "inst:name:index",
		templateIndex: () => undefined,
	}),
	rules: ruleKeys((id) => `rule:${id}:exec`),
});

/** The dialect of that name. */
export function boxDialect(name: DialectName): BoxDialect {
	return name === DialectName.V2 ? V2 : V1;
}
