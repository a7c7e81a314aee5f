// A Lua script that is sent in full only to servers that do not know it yet.
import { createHash } from "node:crypto";
import type { RedisClient } from "./connection.ts";

type Argument = string | number | Buffer;

export class RedisScript {
	private readonly lua: string;
	private readonly sha1: string;

	/** @param lua - touches only the keys it is given, all of one slot, as a Cluster demands. */
	constructor(lua: string) {
		this.lua = lua;
		this.sha1 = createHash("sha1").update(lua).digest("hex");
	}

	/** @param keys - one, or several of one slot. */
	async run(client: RedisClient, keys: string | readonly string[], args: readonly Argument[]): Promise<unknown> {
		const rest = operands(keys, args);
		try {
			return await client.call("evalsha", this.sha1, ...rest);
		} catch (error) {
			if (!isUnknownScript(error)) throw error;
			return await client.call("eval", this.lua, ...rest);
		}
	}

	/** As `run`; strings of the reply are buffers. */
	async runBuffer(client: RedisClient, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
		const rest = operands(keys, args);
		try {
			return await client.callBuffer("evalsha", this.sha1, ...rest);
		} catch (error) {
			if (!isUnknownScript(error)) throw error;
			return await client.callBuffer("eval", this.lua, ...rest);
		}
	}

	/** Makes the script known to a server ahead of its use. */
	async load(client: RedisClient): Promise<void> {
		await client.script("LOAD", this.lua);
	}
}

function operands(keys: string | readonly string[], args: readonly Argument[]): Argument[] {
	return typeof keys === "string" ? [1, keys, ...args] : [keys.length, ...keys, ...args];
}

function isUnknownScript(error: unknown): boolean {
	return error instanceof Error && error.message.startsWith("NOSCRIPT");
}
