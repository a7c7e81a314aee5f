// The one command that reads a batch of hashes. A script, since a command for each hash costs the gateway twenty times
// as much: about 18 µs a hash in the client, where this takes 1 µs. What comes back is one string for each hash, which is
// compared with the one before as it is; all of them in one string, which the client takes as one reply and not as many.
import type { Redis } from "ioredis";
import { type EncodedCall, encodeOperand, RedisScript } from "../../../stores/redis/script.ts";
import { PackedStrings } from "./points-packed.ts";

/**
 * Larger replies are not packed: 32 hashes of half a megabyte took 66 to 71 ms packed, and 45 to 47 ms as 32 replies.
 */
const MAX_PACKED_BYTES = 262_144;

// A refused command fails its own hash only. Nothing is written, so a full server or a replica will do. No packed hash
// begins with one of the marks.
const READ = new RedisScript(`
local limit, maxBytes = tonumber(ARGV[1]), tonumber(ARGV[2])
local out, bytes = {}, 0
for i = 1, #KEYS do
	local count = redis.pcall('HLEN', KEYS[i])
	if type(count) == 'table' then
		out[i] = '!' .. count.err
	elseif count == 0 or count > limit then
		out[i] = string.format('#%d', count)
	else
		local packed = cmsgpack.pack(redis.call('HGETALL', KEYS[i]))
		if #packed > maxBytes then out[i] = '!more than ' .. maxBytes .. ' bytes' else out[i] = packed end
	end
	bytes = bytes + #out[i]
end
if bytes > ${MAX_PACKED_BYTES} then return out else return cmsgpack.pack(out) end
`);
const ERROR = "!".charCodeAt(0);
const COUNT = "#".charCodeAt(0);

/** A packed hash; how many fields it has where they are none or too many; or why it cannot be read. */
export type HashReply = Buffer | number | string;

/** Commands that are kept, of some kilobytes each. */
const MAX_KEPT_COMMANDS = 256;

interface KeptCommand {
	readonly keys: readonly string[];
	readonly call: EncodedCall;
}

/** Reads hashes, mostly the same as the last time. */
export class HashScript {
	private readonly limits: readonly string[];
	/** By first key, last key and number of keys: a tick reads the same keys as the tick before. */
	private readonly commands = new Map<string, KeptCommand>();

	/**
	 * @param maxFields - of a hash with more of them only the count is returned.
	 * @param maxBytes - a hash of more is an error.
	 */
	constructor(maxFields: number, maxBytes: number) {
		this.limits = [encodeOperand(String(maxFields)), encodeOperand(String(maxBytes))];
	}

	/** @param keys - hashes, each as `encodeOperand` makes it. */
	async read(client: Redis, keys: readonly string[]): Promise<readonly HashReply[]> {
		const reply = (await READ.runEncoded(client, this.callFor(keys))) as Buffer | readonly Buffer[];
		// Built without `map`: see "Once a second" in ARCHITECTURE.md.
		const hashes: HashReply[] = [];
		for (const each of isList(reply) ? reply : unpack(reply)) hashes.push(hashReply(each));
		return hashes;
	}

	private callFor(keys: readonly string[]): EncodedCall {
		const name = `${keys.length}${keys[0]}${keys.at(-1)}`;
		const known = this.commands.get(name);
		if (known !== undefined && isSame(keys, known.keys)) return known.call;
		if (this.commands.size >= MAX_KEPT_COMMANDS) this.commands.clear();
		const call = READ.encode(keys, this.limits);
		this.commands.set(name, { keys, call });
		return call;
	}
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
	if (a.length !== b.length) return false;
	for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
	return true;
}

function isList(reply: Buffer | readonly Buffer[]): reply is readonly Buffer[] {
	return Array.isArray(reply);
}

function unpack(packed: Buffer): readonly Buffer[] {
	const parts: Buffer[] = [];
	const strings = new PackedStrings(packed);
	while (strings.left > 0) {
		strings.next();
		parts.push(packed.subarray(strings.start, strings.end));
	}
	return parts;
}

function hashReply(reply: Buffer): HashReply {
	if (reply[0] === ERROR) return explain(reply.toString("utf8", 1));
	return reply[0] === COUNT ? Number(reply.toString("latin1", 1)) : reply;
}

function explain(error: string): string {
	return error.startsWith("WRONGTYPE") ? "WRONGTYPE: not a hash" : error.slice(0, 200);
}
