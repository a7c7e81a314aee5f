// Values of modules in the memory of this process.
import { compareUtf8, OrderedTexts } from "../../../common/ordered-texts.ts";
import {
	type KeyQuery,
	REMOVED_PER_WRITE,
	type ValueStore,
	type ValueWrite,
	type ValueWritten,
	valueCost,
} from "../value-store.ts";

interface Entry {
	readonly text: string;
	readonly version: string;
	/** Infinity: it stays. */
	readonly untilMs: number;
	readonly cost: number;
}

interface ModuleValues {
	readonly entries: Map<string, Entry>;
	/** Keys of these. */
	readonly order: OrderedTexts;
	bytes: number;
	version: number;
	/** How far values whose time is over have been looked for. */
	sweep: MapIterator<[string, Entry]> | undefined;
}

export class MemoryValueStore implements ValueStore {
	private readonly now: () => number;
	private readonly modules = new Map<string, ModuleValues>();

	/** @param now - milliseconds that never go back. */
	constructor(now: () => number) {
		this.now = now;
	}

	async get(module: string, key: string) {
		const values = this.modules.get(module);
		const found = values && this.present(values, key);
		return found && { text: found.text, version: found.version };
	}

	async set(module: string, key: string, write: ValueWrite): Promise<ValueWritten> {
		const values = this.valuesOf(module);
		this.removeSome(values);
		const present = this.present(values, key);
		if (write.ifVersion !== undefined && write.ifVersion !== (present?.version ?? "")) return { state: "conflict" };
		const cost = valueCost(Buffer.byteLength(key), Buffer.byteLength(write.text));
		const added = cost - (present?.cost ?? 0);
		if (added > 0 && values.bytes + added > write.maxBytes) return { state: "full" };
		const version = String(++values.version);
		const untilMs = write.ttlMs === 0 ? Number.POSITIVE_INFINITY : this.now() + write.ttlMs;
		if (present === undefined) values.order.add(key);
		values.entries.set(key, { text: write.text, version, untilMs, cost });
		values.bytes += added;
		return { state: "written", version };
	}

	async delete(module: string, key: string, ifVersion: string | undefined): Promise<boolean> {
		const values = this.modules.get(module);
		const present = values && this.present(values, key);
		if (values === undefined || present === undefined) return false;
		if (ifVersion !== undefined && ifVersion !== present.version) return false;
		this.remove(values, key, present);
		return true;
	}

	async keys(module: string, { prefix, after, limit }: KeyQuery): Promise<readonly string[]> {
		const values = this.modules.get(module);
		if (values === undefined) return [];
		const nowMs = this.now();
		const found: string[] = [];
		for (const key of values.order.from(compareUtf8(after, prefix) > 0 ? after : prefix)) {
			if (found.length === limit || !key.startsWith(prefix)) break;
			if (key === after) continue;
			if ((values.entries.get(key) as Entry).untilMs > nowMs) found.push(key);
		}
		return found;
	}

	private valuesOf(module: string): ModuleValues {
		const known = this.modules.get(module);
		if (known !== undefined) return known;
		const made: ModuleValues = {
			entries: new Map(),
			order: new OrderedTexts(),
			bytes: 0,
			version: 0,
			sweep: undefined,
		};
		this.modules.set(module, made);
		return made;
	}

	private present(values: ModuleValues, key: string): Entry | undefined {
		const entry = values.entries.get(key);
		if (entry === undefined || entry.untilMs > this.now()) return entry;
		this.remove(values, key, entry);
		return undefined;
	}

	private remove(values: ModuleValues, key: string, { cost }: Entry): void {
		values.entries.delete(key);
		values.order.delete(key);
		values.bytes -= cost;
	}

	/** Goes on where the write before has stopped, so that every value is looked at in its turn. */
	private removeSome(values: ModuleValues): void {
		const nowMs = this.now();
		values.sweep ??= values.entries.entries();
		for (let left = REMOVED_PER_WRITE; left > 0; left--) {
			const { done, value } = values.sweep.next();
			if (done) {
				values.sweep = undefined;
				return;
			}
			const [key, entry] = value;
			if (entry.untilMs <= nowMs) this.remove(values, key, entry);
		}
	}
}
