// Values of modules by key: what an implementation does. The bounds of keys and values are for `module-store.ts` to check.

export interface ValueWrite {
	/** JSON. */
	readonly text: string;
	/** 0: it stays. */
	readonly ttlMs: number;
	/** Write only over this version; "" when nothing may be there, undefined for any. */
	readonly ifVersion: string | undefined;
	/** Of all values of the module, `valueCost` of each. */
	readonly maxBytes: number;
}

export type ValueWritten =
	| { readonly state: "written"; readonly version: string }
	| { readonly state: "conflict" }
	| { readonly state: "full" };

export interface KeyQuery {
	readonly prefix: string;
	/** Only keys behind it; "" for all. */
	readonly after: string;
	readonly limit: number;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer. */
export interface ValueStore {
	get(module: string, key: string): Promise<{ readonly text: string; readonly version: string } | undefined>;
	set(module: string, key: string, write: ValueWrite): Promise<ValueWritten>;
	/** @returns whether there was one. */
	delete(module: string, key: string, ifVersion: string | undefined): Promise<boolean>;
	/** In the order of their bytes. */
	keys(module: string, query: KeyQuery): Promise<readonly string[]>;
}

/** What a value takes beside its bytes and those of its key. */
export const VALUE_OVERHEAD_BYTES = 100;
/** Values whose time is over that a write removes, so that they make room. */
export const REMOVED_PER_WRITE = 100;

/** @param key, text - in bytes. */
export function valueCost(key: number, text: number): number {
	return key + text + VALUE_OVERHEAD_BYTES;
}
