// Finds the entry for a path among templates such as `/api/v1/users/{user_id}`: one look-up for each segment, a literal before a
// variable.
import { NO_VARIABLES, type PathVariables } from "./call-style.ts";

interface Node<Entry> {
	readonly literals: Map<string, Node<Entry>>;
	variable: Node<Entry> | undefined;
	entry: Entry | undefined;
	/** Names of the variables on the way here. */
	names: readonly string[];
}

export class PathTable<Entry> {
	private readonly root: Node<Entry> = node();
	/** Templates without variables, which come before those with. */
	private readonly literals = new Map<string, { readonly entry: Entry; readonly variables: PathVariables }>();

	/** The entry of a template, made when it is new. */
	add(template: string, make: () => Entry): Entry {
		const names: string[] = [];
		let at = this.root;
		for (const segment of segmentsOf(template)) {
			const name = /^\{(.+)\}$/.exec(segment)?.[1];
			if (name === undefined) {
				const next = at.literals.get(segment) ?? node<Entry>();
				at.literals.set(segment, next);
				at = next;
			} else {
				names.push(name);
				at.variable ??= node();
				at = at.variable;
			}
		}
		at.entry ??= make();
		at.names = names;
		if (names.length === 0) this.literals.set(template, { entry: at.entry, variables: NO_VARIABLES });
		return at.entry;
	}

	/** @param path - as it was sent, percent-encoded. */
	find(path: string): { readonly entry: Entry; readonly variables: PathVariables } | undefined {
		const literal = this.literals.get(path);
		if (literal !== undefined) return literal;
		const values: string[] = [];
		const found = this.search(this.root, segmentsOf(path), 0, values);
		if (found?.entry === undefined) return undefined;
		const { entry, names } = found;
		return { entry, variables: Object.fromEntries(names.map((name, index) => [name, values[index] as string])) };
	}

	private search(
		at: Node<Entry>,
		segments: readonly string[],
		index: number,
		values: string[],
	): Node<Entry> | undefined {
		const segment = segments[index];
		if (segment === undefined) return at.entry === undefined ? undefined : at;
		const literal = at.literals.get(segment);
		const found = literal && this.search(literal, segments, index + 1, values);
		if (found !== undefined) return found;
		const value = at.variable && decoded(segment);
		if (at.variable === undefined || value === undefined || value === "") return undefined;
		values.push(value);
		const behind = this.search(at.variable, segments, index + 1, values);
		if (behind === undefined) values.pop();
		return behind;
	}
}

function node<Entry>(): Node<Entry> {
	return { literals: new Map(), variable: undefined, entry: undefined, names: [] };
}

/** More segments than any template has. */
const MAX_SEGMENTS = 16;

const segmentsOf = (path: string): string[] => path.slice(1).split("/", MAX_SEGMENTS);

function decoded(segment: string): string | undefined {
	try {
		return decodeURIComponent(segment);
	} catch {
		return undefined;
	}
}
