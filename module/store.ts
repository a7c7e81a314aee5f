// What a module keeps: values by key, and tables of its own.
import type { Kysely } from "kysely";

/** A value, and what it was read as. */
export interface StoredValue<Value = unknown> {
	readonly value: Value;
	/** Another one after each write of the key. */
	readonly version: string;
}

export interface WriteOptions {
	/** The value is gone after so long, in milliseconds; it stays when there is none. */
	readonly ttlMs?: number;
	/** Write only when this is the version of what is there; "" when nothing is. */
	readonly ifVersion?: string;
}

export interface KeysOptions {
	readonly prefix?: string;
	/** Only keys behind this one, in the order of their bytes. */
	readonly after?: string;
	/** 1 to 1,000; 100 by default. */
	readonly limit?: number;
}

/**
 * Values of JSON by key, shared by all processes of the gateway, and by all generations of the module. In Redis when there is one, else in
 * the memory of the process. A key has 1 to 256 bytes, a value at most `modules.store.maxValueBytes`, all together `modules.store.maxBytes`.
 * Every method throws a CallError UNAVAILABLE when the store does not answer.
 */
export interface ModuleStore {
	get<Value = unknown>(key: string): Promise<StoredValue<Value> | undefined>;
	/**
	 * Writes a value.
	 *
	 * @returns its version; undefined when `ifVersion` is not what is there, and then nothing is written.
	 * @throws CallError PAYLOAD_TOO_LARGE when the value is too long, or the store is full.
	 */
	set(key: string, value: unknown, options?: WriteOptions): Promise<string | undefined>;
	/** @returns whether there was one, of the version if one is given. */
	delete(key: string, options?: Pick<WriteOptions, "ifVersion">): Promise<boolean>;
	/** In the order of their bytes. */
	keys(options?: KeysOptions): Promise<readonly string[]>;
}

/**
 * A step that makes or changes tables. Never changed once it was released: add another one, whose name sorts last. On MySQL and MariaDB a
 * step that fails may have done a part of what it does: make it repeatable (`ifNotExists`).
 */
// biome-ignore lint/suspicious/noExplicitAny: of tables that do not exist yet, as in kysely's own migrations.
export type ModuleMigration = (db: Kysely<any>) => Promise<unknown>;
