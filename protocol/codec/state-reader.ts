// Reads the states of games: whole ones, and differences, which change the state in place.
import {
	FORBIDDEN_KEY,
	MAX_STATE_DEPTH,
	MAX_STATE_ITEMS,
	type StateField,
	type StateType,
	unzigzag,
	valueOfSteps,
} from "./state-type.ts";
import { WireReader } from "./wire-reader.ts";

type Values = Record<string, unknown>;

/** Which number stands for which key of a map in differences. */
interface Slots {
	readonly keys: Map<number, string>;
	next: number;
}

/** A state as it was sent last. */
export class StateReader<State = unknown> {
	private readonly type: StateType;
	private readonly slots = new WeakMap<object, Slots>();
	private root: unknown;

	constructor(type: StateType) {
		this.type = type;
	}

	/** Changed in place by differences. */
	get state(): State {
		return this.root as State;
	}

	/** @throws Error when the bytes are no state of the type. */
	readWhole(bytes: Uint8Array): void {
		const reader = new WireReader(bytes);
		this.root = this.whole(reader, this.type, 0);
		end(reader);
	}

	/** @throws Error when the bytes are no difference to the state; that is of no use then. */
	readDifference(bytes: Uint8Array): void {
		const reader = new WireReader(bytes);
		this.root = this.difference(reader, this.type, this.root, 0);
		end(reader);
	}

	private whole(reader: WireReader, type: StateType, depth: number): unknown {
		if (depth > MAX_STATE_DEPTH) throw new Error("a state is nested too deeply");
		switch (type.kind) {
			case "boolean":
				return reader.bool();
			case "integer":
				return unzigzag(reader.uint64());
			case "steps":
				return valueOfSteps(unzigzag(reader.uint64()), type.step);
			case "number":
				return number(reader);
			case "string":
				return reader.string();
			case "choice":
				return type.values[reader.uint32()];
			case "nullable":
				return reader.bool() ? this.whole(reader, type.item, depth + 1) : null;
			case "list":
				return Array.from({ length: count(reader) }, () => this.whole(reader, type.item, depth + 1));
			case "map":
				return this.wholeMap(reader, type.item, depth);
			case "object": {
				const values: Values = {};
				for (const { name, type: inner, isOptional } of type.fields) {
					if (isOptional !== true || reader.bool()) values[name] = this.whole(reader, inner, depth + 1);
				}
				return values;
			}
			default:
				return type satisfies never;
		}
	}

	private wholeMap(reader: WireReader, item: StateType, depth: number): Values {
		const values: Values = {};
		const slots: Slots = { keys: new Map(), next: reader.uint32() };
		for (let left = count(reader); left > 0; left--) {
			const slot = reader.uint32();
			const key = keyOf(reader);
			slots.keys.set(slot, key);
			values[key] = this.whole(reader, item, depth + 1);
		}
		this.slots.set(values, slots);
		return values;
	}

	private difference(reader: WireReader, type: StateType, value: unknown, depth: number): unknown {
		switch (type.kind) {
			case "boolean":
				return value !== true;
			case "integer":
				return (value as number) + unzigzag(reader.uint64());
			case "steps": {
				const before = Math.round((value as number) / type.step);
				return valueOfSteps(before + unzigzag(reader.uint64()), type.step);
			}
			case "nullable":
				return this.present(reader, type.item, value, depth, null);
			case "list":
				return this.list(reader, type.item, value as unknown[], depth);
			case "map":
				return this.map(reader, type.item, value as Values, depth);
			case "object":
				return this.object(reader, type.fields, value as Values, depth);
			default:
				return this.whole(reader, type, depth);
		}
	}

	/** What may be there or not: gone, whole, or another. */
	private present(reader: WireReader, item: StateType, value: unknown, depth: number, absent: unknown): unknown {
		switch (reader.uint32()) {
			case 0:
				return absent;
			case 1:
				return this.whole(reader, item, depth + 1);
			default:
				return this.difference(reader, item, value, depth + 1);
		}
	}

	private object(reader: WireReader, fields: readonly StateField[], values: Values, depth: number): Values {
		const masks: number[] = [];
		for (let index = 0; index < fields.length; index += 7) masks.push(reader.uint32());
		for (const [index, { name, type, isOptional }] of fields.entries()) {
			if ((((masks[Math.floor(index / 7)] ?? 0) >> (index % 7)) & 1) === 0) continue;
			if (isOptional !== true) values[name] = this.difference(reader, type, values[name], depth + 1);
			else {
				const next = this.present(reader, type, values[name], depth, undefined);
				if (next === undefined) delete values[name];
				else values[name] = next;
			}
		}
		return values;
	}

	private map(reader: WireReader, item: StateType, values: Values, depth: number): Values {
		const slots = this.slots.get(values);
		if (slots === undefined) throw new Error("a difference has no state that it belongs to");
		for (let left = count(reader); left > 0; left--) {
			const slot = reader.uint32();
			delete values[slots.keys.get(slot) ?? ""];
			slots.keys.delete(slot);
		}
		for (let left = count(reader); left > 0; left--) {
			const key = keyOf(reader);
			slots.keys.set(slots.next++, key);
			values[key] = this.whole(reader, item, depth + 1);
		}
		for (let mark = reader.uint32(); mark !== 0; mark = reader.uint32()) {
			const key = slots.keys.get(mark - 1);
			if (key === undefined) throw new Error("a difference names an entry that is not there");
			values[key] = this.difference(reader, item, values[key], depth + 1);
		}
		return values;
	}

	/** How far the entries moved, how many there are now, those that are new, and those that changed. */
	private list(reader: WireReader, item: StateType, values: unknown[], depth: number): unknown[] {
		const moved = unzigzag(reader.uint64());
		const length = count(reader);
		const kept = moved < 0 ? values.slice(-moved) : values.slice();
		const begin = Math.max(0, Math.min(moved, length));
		const end = Math.min(begin + kept.length, length);
		const next: unknown[] = new Array(length);
		for (let index = 0; index < length; index++) {
			const isKept = index >= begin && index < end;
			next[index] = isKept ? kept[index - begin] : this.whole(reader, item, depth + 1);
		}
		let index = begin;
		for (let mark = reader.uint32(); mark !== 0; mark = reader.uint32()) {
			index += mark - 1;
			if (index >= end) throw new Error("a difference names an entry that is not there");
			next[index] = this.difference(reader, item, next[index], depth + 1);
		}
		return next;
	}
}

/** Integers in few bytes, and all other numbers in nine. */
function number(reader: WireReader): number {
	const value = reader.uint64();
	return value === 0 ? reader.double() : unzigzag((value - 1) / 2);
}

function count(reader: WireReader): number {
	const found = reader.uint32();
	if (found > MAX_STATE_ITEMS) throw new Error("a state has too many entries");
	return found;
}

function keyOf(reader: WireReader): string {
	const key = reader.string();
	if (key === FORBIDDEN_KEY) throw new Error(`a state has the key ${FORBIDDEN_KEY}`);
	return key;
}

function end(reader: WireReader): void {
	if (reader.pos !== reader.end) throw new Error("a state is longer than its type");
}
