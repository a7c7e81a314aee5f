// A Lua script that is sent in full only to servers that do not know it yet.
import { createHash } from "node:crypto";
import { Command, type Redis } from "ioredis";
import type { RedisClient } from "./redis-client.ts";

type Argument = string | number | Buffer;

/**
 * For the beginning of a script: sets `now` to the time of the server in milliseconds, which is the same for all processes; their
 * own clocks may be apart.
 */
export const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** A call of a script that is encoded: see `RedisScript.encode`. */
export interface EncodedCall {
	/** All of EVALSHA. */
	readonly command: Buffer;
	/** What comes after the script, and how many operands that are. */
	readonly operands: string;
	readonly count: number;
}

class EncodedCommand extends Command {
	private readonly encoded: Buffer;

	/** @param encoded - all of it. */
	constructor(name: string, encoded: Buffer) {
		super(name);
		this.encoded = encoded;
	}

	override toWritable(): Buffer {
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
	 * Encodes a call that is sent repeatedly. The client would encode each operand every time: sending seventy of them was about 15 %
	 * of the CPU of a tick of telemetry with one client.
	 *
	 * @param keys - and `args`: each as `encodeOperand` makes it.
	 */
	encode(keys: readonly string[], args: readonly string[]): EncodedCall {
		const operands = encodeOperand(String(keys.length)) + keys.join("") + args.join("");
		const count = 1 + keys.length + args.length;
		return { command: encodeCommand("evalsha", this.sha1, operands, count), operands, count };
	}

	/** As `runBuffer`. @param call - of this script. */
	async runEncoded(client: Redis, { command, operands, count }: EncodedCall): Promise<unknown> {
		try {
			return await client.sendCommand(new EncodedCommand("evalsha", command));
		} catch (error) {
			if (!isUnknownScript(error)) throw error;
			const full = encodeCommand("eval", this.lua, operands, count);
			return await client.sendCommand(new EncodedCommand("eval", full));
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

/** @param operands - what comes after the script, `count` of them. */
function encodeCommand(name: string, script: string, operands: string, count: number): Buffer {
	return Buffer.from(`*${count + 2}\r\n${encodeOperand(name)}${encodeOperand(script)}${operands}`);
}

function operands(keys: string | readonly string[], args: readonly Argument[]): Argument[] {
	return typeof keys === "string" ? [1, keys, ...args] : [keys.length, ...keys, ...args];
}

function isUnknownScript(error: unknown): boolean {
	return error instanceof Error && error.message.startsWith("NOSCRIPT");
}
