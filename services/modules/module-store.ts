// The store of one module: holds keys and values to their bounds, before anything is asked of where they are kept.
import {
	CallError,
	type KeysOptions,
	type ModuleStore,
	type StoredValue,
	type WriteOptions,
} from "../../module/index.ts";
import type { ValueStore } from "./value-store.ts";

export interface StoreBounds {
	/** Of one value as JSON. */
	readonly maxValueBytes: number;
	/** Of all values of one module, with their keys. */
	readonly maxBytes: number;
}

const MAX_KEY_BYTES = 256;
const MAX_KEYS = 1000;
const DEFAULT_KEYS = 100;
const MAX_TTL_MS = 366 * 86_400_000;

export function moduleStore(module: string, store: ValueStore, { maxValueBytes, maxBytes }: StoreBounds): ModuleStore {
	return {
		async get<Value>(key: string): Promise<StoredValue<Value> | undefined> {
			const found = await store.get(module, checkKey(key));
			return found && { value: JSON.parse(found.text) as Value, version: found.version };
		},
		async set(key: string, value: unknown, options: WriteOptions = {}): Promise<string | undefined> {
			const { ttlMs = 0, ifVersion } = options;
			if (!Number.isFinite(ttlMs) || ttlMs < 0 || ttlMs > MAX_TTL_MS) {
				throw new RangeError(`store: ttlMs must be from 0 to ${MAX_TTL_MS}`);
			}
			const text = JSON.stringify(value) as string | undefined;
			if (text === undefined) throw new TypeError("store: the value is none that JSON has");
			if (Buffer.byteLength(text) > maxValueBytes) {
				throw new CallError("PAYLOAD_TOO_LARGE", `a stored value may have ${maxValueBytes} bytes as JSON`);
			}
			const write = { text, ttlMs: Math.ceil(ttlMs), ifVersion: checkVersion(ifVersion), maxBytes };
			const written = await store.set(module, checkKey(key), write);
			if (written.state === "full") throw new CallError("PAYLOAD_TOO_LARGE", `the store of module ${module} is full`);
			return written.state === "written" ? written.version : undefined;
		},
		async delete(key: string, options: Pick<WriteOptions, "ifVersion"> = {}): Promise<boolean> {
			return await store.delete(module, checkKey(key), checkVersion(options.ifVersion));
		},
		async keys({ prefix = "", after = "", limit = DEFAULT_KEYS }: KeysOptions = {}): Promise<readonly string[]> {
			if (!Number.isInteger(limit) || limit < 1 || limit > MAX_KEYS) {
				throw new RangeError(`store: limit must be from 1 to ${MAX_KEYS}`);
			}
			for (const text of [prefix, after]) if (text !== "") checkKey(text);
			return await store.keys(module, { prefix, after, limit });
		},
	};
}

function checkKey(key: unknown): string {
	// Half of a surrogate pair has no bytes of its own: two such keys would be one.
	const isKey =
		typeof key === "string" && key !== "" && Buffer.byteLength(key) <= MAX_KEY_BYTES && !/\p{Cs}/u.test(key);
	if (!isKey) throw new TypeError(`store: a key is a text of 1 to ${MAX_KEY_BYTES} bytes`);
	return key;
}

function checkVersion(version: unknown): string | undefined {
	if (version === undefined || typeof version === "string") return version;
	throw new TypeError("store: ifVersion must be a version that get or set returned");
}
