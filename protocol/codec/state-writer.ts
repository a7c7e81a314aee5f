// Writes the states of games: finds what has changed since what was written last, and writes that alone. Fields that the type does not
// declare are not looked at.
import { at, below, entriesOf, fail, fieldsOf, isInteger, isSame, limit, type MapNode, nodeOf } from "./state-node.ts";
import { type StateField, type StateType, zigzag } from "./state-type.ts";
import { WireWriter } from "./wire-writer.ts";

/** How far the entries of a list may have moved to be found again. */
const MAX_MOVED = 4;

/** The states that one audience is sent, one after another. */
export class StateWriter {
	private readonly type: StateType;
	private readonly writer = new WireWriter();
	private node: unknown;
	private isBegun = false;

	constructor(type: StateType) {
		this.type = type;
	}

	/** Begins with a state. @throws StateError. */
	begin(state: unknown): void {
		this.node = nodeOf(this.type, state);
		this.isBegun = true;
	}

	/** All of the state that was written last. */
	whole(): Uint8Array {
		if (!this.isBegun) throw new Error("nothing was written yet");
		this.writer.truncate(0);
		writeWhole(this.writer, this.type, this.node);
		return this.writer.finish();
	}

	/**
	 * What has changed since the state that was written last.
	 *
	 * @returns undefined when nothing has.
	 * @throws StateError; nothing can be written after that.
	 */
	difference(state: unknown): Uint8Array | undefined {
		this.writer.truncate(0);
		const next = writeChange(this.writer, this.type, this.node, state);
		if (next === UNCHANGED) return undefined;
		this.node = next;
		return this.writer.finish();
	}
}

const UNCHANGED = Symbol("unchanged");

/** Writes all of it. */
function writeWhole(writer: WireWriter, type: StateType, node: unknown): void {
	switch (type.kind) {
		case "boolean":
			writer.bool(node as boolean);
			return;
		case "integer":
		case "steps":
			writer.uint64(zigzag(node as number));
			return;
		case "number":
			if (isInteger(node)) writer.uint64(2 * zigzag(node) + 1);
			else writer.uint32(0).double(node as number);
			return;
		case "string":
			writer.string(node as string);
			return;
		case "choice":
			writer.uint32(node as number);
			return;
		case "nullable":
			writer.bool(node !== null);
			if (node !== null) writeWhole(writer, type.item, node);
			return;
		case "list":
			writer.uint32((node as readonly unknown[]).length);
			for (const item of node as readonly unknown[]) writeWhole(writer, type.item, item);
			return;
		case "map": {
			const { entries, next } = node as MapNode;
			writer.uint32(next).uint32(entries.size);
			for (const [key, entry] of entries) {
				writer.uint32(entry.slot).string(key);
				writeWhole(writer, type.item, entry.node);
			}
			return;
		}
		case "object":
			for (const [index, { type: inner, isOptional }] of type.fields.entries()) {
				const item = (node as readonly unknown[])[index];
				if (isOptional === true) writer.bool(item !== undefined);
				if (item !== undefined) writeWhole(writer, inner, item);
			}
			return;
		default:
			throw new Error(`no kind of state: ${JSON.stringify(type satisfies never)}`);
	}
}

/** Writes nothing when nothing has changed. @returns what is kept from now on, or UNCHANGED. */
function writeChange(writer: WireWriter, type: StateType, node: unknown, value: unknown): unknown {
	switch (type.kind) {
		case "nullable":
			return writePresence(
				writer,
				type.item,
				node ?? undefined,
				value ?? (value === null ? undefined : fail("is missing")),
				null,
			);
		case "list":
			return writeList(writer, type.item, node as unknown[], value);
		case "map":
			return writeMap(writer, type.item, node as MapNode, value);
		case "object":
			return writeObject(writer, type.fields, node as unknown[], value);
		default: {
			const next = nodeOf(type, value);
			if (next === node) return UNCHANGED;
			if (type.kind === "integer" || type.kind === "steps") {
				writer.uint64(zigzag((next as number) - (node as number)));
			} else if (type.kind !== "boolean") writeWhole(writer, type, next);
			return next;
		}
	}
}

/** What may be there or not: 0 gone, 1 whole, 2 a change. */
function writePresence(writer: WireWriter, item: StateType, node: unknown, value: unknown, absent: unknown): unknown {
	if (value === undefined) {
		if (node === undefined) return UNCHANGED;
		writer.uint32(0);
		return absent;
	}
	if (node === undefined) {
		const next = nodeOf(item, value);
		writer.uint32(1);
		writeWhole(writer, item, next);
		return next;
	}
	const start = writer.len;
	writer.uint32(2);
	const next = writeChange(writer, item, node, value);
	if (next === UNCHANGED) writer.truncate(start);
	return next;
}

/** Seven fields to a byte that says which have changed. */
function writeObject(writer: WireWriter, fields: readonly StateField[], nodes: unknown[], value: unknown): unknown {
	const values = fieldsOf(value);
	const start = writer.len;
	for (let index = 0; index < fields.length; index += 7) writer.uint32(0);
	let hasChanged = false;
	for (let index = 0; index < fields.length; index++) {
		const { name, type, isOptional } = fields[index] as StateField;
		const node = nodes[index];
		let next: unknown;
		try {
			next =
				isOptional === true
					? writePresence(writer, type, node, values[name], undefined)
					: writeChange(writer, type, node, values[name]);
		} catch (error) {
			throw below(`.${name}`, error);
		}
		if (next === UNCHANGED) continue;
		hasChanged = true;
		nodes[index] = next;
		writer.mark(start + Math.floor(index / 7), 1 << (index % 7));
	}
	if (hasChanged) return nodes;
	writer.truncate(start);
	return UNCHANGED;
}

function writeMap(writer: WireWriter, item: StateType, node: MapNode, value: unknown): unknown {
	const given = entriesOf(value);
	limit(given.length);
	const start = writer.len;
	const keys = new Set(given.map(([key]) => key));
	const removed = [...node.entries].filter(([key]) => !keys.has(key));
	writer.uint32(removed.length);
	for (const [key, { slot }] of removed) {
		writer.uint32(slot);
		node.entries.delete(key);
	}
	const added = given.filter(([key]) => !node.entries.has(key));
	writer.uint32(added.length);
	const fresh = added.map(([key, one]) => [key, at(`.${key}`, () => nodeOf(item, one))] as const);
	for (const [key, made] of fresh) {
		writer.string(key);
		writeWhole(writer, item, made);
	}
	const hasChanged = writeEntries(writer, item, node, given);
	for (const [key, made] of fresh) node.entries.set(key, { slot: node.next++, node: made });
	if (hasChanged || removed.length + added.length > 0) return node;
	writer.truncate(start);
	return UNCHANGED;
}

/** Those that were there before and have changed, and a 0. @returns whether there are any. */
function writeEntries(
	writer: WireWriter,
	item: StateType,
	{ entries }: MapNode,
	given: readonly (readonly [string, unknown])[],
): boolean {
	let hasChanged = false;
	for (const [key, one] of given) {
		const entry = entries.get(key);
		if (entry === undefined) continue;
		const next = writeEntry(writer, entry.slot + 1, `.${key}`, item, entry.node, one);
		if (next === UNCHANGED) continue;
		entry.node = next;
		hasChanged = true;
	}
	writer.uint32(0);
	return hasChanged;
}

/** What stands for an entry, and its change; nothing when it has not changed. */
function writeEntry(
	writer: WireWriter,
	mark: number,
	segment: string,
	item: StateType,
	node: unknown,
	value: unknown,
): unknown {
	const start = writer.len;
	writer.uint32(mark);
	try {
		const next = writeChange(writer, item, node, value);
		if (next === UNCHANGED) writer.truncate(start);
		return next;
	} catch (error) {
		throw below(segment, error);
	}
}

function writeList(writer: WireWriter, item: StateType, nodes: readonly unknown[], value: unknown): unknown {
	if (!Array.isArray(value)) return fail("must be a list");
	limit(value.length);
	const values: readonly unknown[] = value;
	const moved = movedBy(item, nodes, values);
	const kept = moved < 0 ? nodes.slice(-moved) : nodes;
	const begin = Math.max(0, Math.min(moved, values.length));
	const end = Math.min(begin + kept.length, values.length);
	const start = writer.len;
	writer.uint64(zigzag(moved)).uint32(values.length);
	const next: unknown[] = values.map((one, index) => {
		if (index >= begin && index < end) return kept[index - begin];
		const made = at(`[${index}]`, () => nodeOf(item, one));
		writeWhole(writer, item, made);
		return made;
	});
	let last = begin;
	let hasChanged = moved !== 0 || values.length !== nodes.length;
	for (let index = begin; index < end; index++) {
		const changed = writeEntry(writer, index - last + 1, `[${index}]`, item, next[index], values[index]);
		if (changed === UNCHANGED) continue;
		next[index] = changed;
		last = index;
		hasChanged = true;
	}
	writer.uint32(0);
	if (hasChanged) return next;
	writer.truncate(start);
	return UNCHANGED;
}

/** By how much most entries have moved: a queue loses some at one end and gets some at the other. */
function movedBy(item: StateType, nodes: readonly unknown[], values: readonly unknown[]): number {
	const matches = (moved: number): number => {
		let found = 0;
		for (let index = Math.max(0, moved); index < values.length && index - moved < nodes.length; index++) {
			if (isSame(item, nodes[index - moved], values[index])) found++;
		}
		return found;
	};
	let [best, most] = [0, matches(0)];
	if (most * 4 >= Math.min(nodes.length, values.length) * 3) return 0;
	for (let distance = 1; distance <= MAX_MOVED; distance++) {
		for (const moved of [distance, -distance]) {
			if (Math.abs(moved) > nodes.length) continue;
			const found = matches(moved);
			if (found > most) [best, most] = [moved, found];
		}
	}
	return best;
}
