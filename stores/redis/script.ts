// A Lua script that is sent in full only to servers that do not know it yet.
import { createHash } from "node:crypto";
import type { RedisClient } from "./connection.ts";

export class RedisScript {
	private readonly lua: string;
	private readonly sha1: string;

	/** @param lua - touches only the keys it is given, all of one slot, as a Cluster demands. */
	constructor(lua: string) {
		this.lua = lua;
		this.sha1 = createHash("sha1").update(lua).digest("hex");
	}

	async run(client: RedisClient, key: string, args: readonly (string | number)[]): Promise<unknown> {
		try {
			return await client.evalsha(this.sha1, 1, key, ...args);
		} catch (error) {
			if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
			return await client.eval(this.lua, 1, key, ...args);
		}
	}
}
