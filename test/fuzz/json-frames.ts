// Text frames of both dialects: proto3 JSON of the envelope, and the messages of older front ends; sound ones, and such
// that a parser, a transcoder or a reader of objects may stumble over. Written as text, since objects cannot hold them.
import { hostileNumber, hostileText } from "./hostile-values.ts";
import type { FieldPlan, MessagePlan, Plans } from "./message-plan.ts";
import type { Random } from "./random.ts";
import { type Known, presentFields, soundEnum, soundNumber, soundText } from "./sound-values.ts";

const MAX_DEPTH = 6;
const HEATS = [0, 0.05, 0.15, 0.3, 0.5] as const;

const WRONG_VALUES: readonly ((random: Random) => string)[] = [
	() => "null",
	() => "{}",
	() => "[]",
	() => "true",
	() => "[[[]]]",
	() => '{"__proto__":{"admin":true}}',
	() => '{"constructor":{"prototype":{"admin":true}}}',
	() => '{"toJSON":1,"valueOf":null,"length":-1}',
	() => '"\\ud800"',
	() => '"\\udc00\\ud800"',
	() => '"\\u0000"',
	() => "1e999",
	() => "-1e999",
	() => "1e-999",
	() => "-0",
	() => "123456789012345678901234567890",
	() => "0.1",
	() => '"18446744073709551616"',
	() => '"NaN"',
	() => '"Infinity"',
	() => '"-9223372036854775809"',
	() => '"====",',
	(random) => "[".repeat(1 << random.below(14)),
	(random) => {
		const depth = 1 << random.below(13);
		return "[".repeat(depth) + "]".repeat(depth);
	},
	(random) => {
		const depth = 1 << random.below(12);
		return `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
	},
	(random) => `[${"0,".repeat(1 << random.below(13))}0]`,
	(random) => JSON.stringify(hostileText(random)),
	(random) => numberText(hostileNumber(random)),
];

const EDGE_TYPES = ["subscribe", "subscribe", "unsubscribe", "control", "control", "ping"];
const DATA_TYPES = ["T", "S", "C", "A", "M", "t", "X"];
const COMMAND_TYPES = ["set_value", "setpoint", "adjust", "control", "switch", "toString", "__proto__"];

export class JsonFrames {
	private readonly plans: Plans;
	private readonly known: Known;
	private random: Random;
	private heat = 0;

	constructor(plans: Plans, known: Known, random: Random) {
		this.plans = plans;
		this.known = known;
		this.random = random;
	}

	/** An envelope as proto3 JSON. */
	envelope(random: Random, seq: number): string {
		this.random = random;
		this.heat = random.pick(HEATS);
		const route = random.pick(this.plans.routes);
		const members = [
			this.member("protocol", () => String(route.number), 0.05),
			this.member("seq", () => (random.oneIn(6) ? `"${seq}"` : String(seq)), 0.05),
			this.member("body", () => this.message(route.request, 0), 0.2),
		];
		if (random.oneIn(8)) members.push(this.member("traceId", () => '"0af7651916cd43dd8448eb211c80319c"', 1));
		return this.finished(members);
	}

	/** A message of the older dialect. */
	older(random: Random, seq: number): string {
		this.random = random;
		this.heat = random.pick(HEATS);
		const type = random.pick(EDGE_TYPES);
		const members = [
			this.member("type", () => JSON.stringify(type), 0.05),
			this.member("id", () => `"m-${seq}"`, 0.1),
			this.member("data", () => this.olderData(type), 0.2),
		];
		if (random.oneIn(4)) members.push(this.member("timestamp", () => '"2026-01-01T00:00:00Z"', 1));
		return this.finished(members);
	}

	private olderData(type: string): string {
		const { random } = this;
		const channel = () => String(1 + random.below(4));
		const members: string[] = [];
		if (type === "subscribe" || (type === "unsubscribe" && random.oneIn(2))) {
			const entries = Array.from({ length: 1 + random.below(3) }, () => {
				if (!random.oneIn(4)) return this.wrongOr(channel, 1);
				return this.object([this.member("channel_id", channel, 1), this.member("interval", () => "1000", 1)]);
			});
			members.push(this.member("channels", () => `[${entries.join(",")}]`, 1));
		}
		if (type === "subscribe" && random.oneIn(2)) {
			members.push(this.member("data_types", () => JSON.stringify([random.pick(DATA_TYPES)]), 1));
			members.push(this.member("interval", () => random.pick(["100", "500", '"1000"', "0"]), 1));
		}
		if (type === "control") {
			members.push(this.member("channel_id", channel, 1), this.member("point_id", channel, 1));
			members.push(this.member("value", () => random.pick(["1", "0", "true", '"2.5"']), 1));
			members.push(this.member("command_type", () => JSON.stringify(random.pick(COMMAND_TYPES)), 1));
			if (random.oneIn(3)) members.push(this.member("command_id", () => `"c-${random.below(50)}"`, 1));
			if (random.oneIn(3)) members.push(this.member("reason", () => '"test"', 1));
		}
		return this.object(members);
	}

	private message(plan: MessagePlan, depth: number): string {
		const fields = presentFields(this.random, plan.fields);
		return this.object(fields.map((field) => this.member(field.name, () => this.list(field, depth), 1)));
	}

	private list(field: FieldPlan, depth: number): string {
		if (!field.isList && !field.isMap) return this.value(field, depth);
		const values = Array.from({ length: 1 + this.random.below(3) }, () => this.value(field, depth));
		return field.isMap ? this.object(values.map((value, at) => `"key${at}":${value}`)) : `[${values.join(",")}]`;
	}

	private value(field: FieldPlan, depth: number): string {
		const { random } = this;
		switch (field.kind) {
			case "message":
				return depth < MAX_DEPTH ? this.message(field.message(), depth + 1) : "{}";
			case "string":
				return JSON.stringify(soundText(random, field, this.known));
			case "bytes":
				return '"AQID"';
			case "bool":
				return random.oneIn(2) ? "true" : "false";
			case "enum":
				return random.oneIn(2) ? String(soundEnum(random, field)) : JSON.stringify(random.pick(field.enumNames));
			default:
				return random.oneIn(5) ? `"${soundNumber(random, field)}"` : String(soundNumber(random, field));
		}
	}

	/** @param share - of the heat. */
	private member(name: string, value: () => string, share: number): string {
		return `${JSON.stringify(name)}:${this.wrongOr(value, share)}`;
	}

	private wrongOr(value: () => string, share: number): string {
		return this.random.chance(this.heat * share) ? this.random.pick(WRONG_VALUES)(this.random) : value();
	}

	/** Now and then with names twice, or with names that objects have of their own. */
	private object(members: readonly string[]): string {
		const { random } = this;
		const all = [...members];
		if (random.chance(this.heat / 3) && all.length > 0) all.push(random.pick(all));
		if (random.chance(this.heat / 3)) all.push(`"${random.pick(["__proto__", "constructor", "x"])}":{"a":1}`);
		return `{${all.join(",")}}`;
	}

	private finished(members: readonly string[]): string {
		const { random } = this;
		const text = this.object(members);
		if (this.heat === 0 || !random.oneIn(60)) return text;
		const at = random.below(text.length);
		switch (random.below(4)) {
			case 0:
				return text.slice(0, at);
			case 1:
				return text.slice(0, at) + random.pick(['"', "{", "}", ",", "\\", "\u0000", "\u2028", "9"]) + text.slice(at);
			case 2:
				return text.slice(0, at) + text.slice(at + 1);
			default:
				return text + text;
		}
	}
}

/** JSON has no word for some numbers; a sender may still write them. */
function numberText(value: number): string {
	return Object.is(value, -0) ? "-0" : String(value);
}
