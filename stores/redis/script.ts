// A Lua script that is sent in full only to servers that do not know it yet.
import { createHash } from "node:crypto";
import { Command, type Redis } from "ioredis";
import type { RedisClient } from "./connection.ts";

type Argument = string | number | Buffer;

/** A command whose operands are encoded already. */
class EncodedCommand extends Command {
	private readonly encoded: string;

	constructor(name: string, operands: string, count: number) {
		super(name);
		this.encoded = `*${count + 1}\r\n${encodeOperand(name)}${operands}`;
	}

	override toWritable(): string {
		return this.encoded;
	}
}

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

	/**
	 * As `runBuffer`, for what is sent again and again: the client would encode each operand anew. Sending seventy of them was
	 * about 15 % of the CPU of a tick of telemetry with one client.
	 *
	 * @param keys - and `args`: each as `encodeOperand` makes it.
	 */
	async runEncoded(client: Redis, keys: readonly string[], args: readonly string[]): Promise<unknown> {
		const rest = encodeOperand(String(keys.length)) + keys.join("") + args.join("");
		const count = 2 + keys.length + args.length;
		try {
			return await client.sendCommand(new EncodedCommand("evalsha", encodeOperand(this.sha1) + rest, count));
		} catch (error) {
			if (!isUnknownScript(error)) throw error;
			return await client.sendCommand(new EncodedCommand("eval", encodeOperand(this.lua) + rest, count));
		}
	}

	/** Makes the script known to a server ahead of its use. */
	async load(client: RedisClient): Promise<void> {
		await client.script("LOAD", this.lua);
	}
}

/** A bulk string of RESP: https://redis.io/docs/latest/develop/reference/protocol-spec/#bulk-strings */
export function encodeOperand(text: string): string {
	return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

function operands(keys: string | readonly string[], args: readonly Argument[]): Argument[] {
	return typeof keys === "string" ? [1, keys, ...args] : [keys.length, ...keys, ...args];
}

function isUnknownScript(error: unknown): boolean {
	return error instanceof Error && error.message.startsWith("NOSCRIPT");
}
