// Ids in the keys of a box: which ids are allowed in a key, and indexes of ids, read up to a limit.
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { RedisScript } from "../../../stores/redis/script.ts";
import { type BoxLink, isRejection } from "./box-link.ts";

/** Letters of any script; no spaces, no control characters, no wild cards, no braces. */
const ID = /^[\p{L}\p{N}_.@#+=/|~-][\p{L}\p{M}\p{N}_.:@#+=/|~-]{0,127}$/u;

/** Whether an id, which may come from a client, can be part of a key. */
export function isBoxId(id: string): boolean {
	return ID.test(id);
}

// A set, or a sorted set from its highest score down; a hash gives its values. A large set gives the first members of a
// scan, which stay the same while the set does not change.
const IDS = new RedisScript(`
local kind, limit = redis.call('TYPE', KEYS[1]).ok, tonumber(ARGV[1])
if kind == 'none' or limit <= 0 then return {} end
if kind == 'zset' then return redis.call('ZREVRANGE', KEYS[1], 0, limit - 1) end
local isHash = kind == 'hash' and ARGV[2] == 'hash'
if kind ~= 'set' and not isHash then return redis.error_reply('WRONGTYPE a ' .. kind) end
if not isHash and redis.call('SCARD', KEYS[1]) <= limit then return redis.call('SMEMBERS', KEYS[1]) end
if isHash and redis.call('HLEN', KEYS[1]) <= limit then return redis.call('HVALS', KEYS[1]) end
local out, seen, cursor, step = {}, {}, '0', isHash and 2 or 1
repeat
	local page = redis.call(isHash and 'HSCAN' or 'SSCAN', KEYS[1], cursor, 'COUNT', 1000)
	cursor = page[1]
	for at = step, #page[2], step do
		local id = page[2][at]
		if not seen[id] and #out < limit then
			seen[id] = true
			out[#out + 1] = id
		end
	end
until cursor == '0' or #out >= limit
return out
`);

/** What an index must be. */
export const IndexKind = { SET: "set", HASH: "hash" } as const;
export type IndexKind = (typeof IndexKind)[keyof typeof IndexKind];

/**
 * The ids of an index that may stand in a key, at most `limit`; none when there is no such index.
 *
 * @param kind - SET: a set or a sorted set, highest score first. HASH: the values of a hash.
 * @throws GatewayError UNAVAILABLE; PRECONDITION_FAILED when there is something else under its name.
 */
export async function readIndex(link: BoxLink, key: string, limit: number, kind: IndexKind): Promise<string[]> {
	const reply = await link
		.run((client) => IDS.run(client, key, [Math.floor(limit), kind]))
		.catch((error: GatewayError) => {
			if (!isWrongType(error.cause)) throw error;
			throw new GatewayError(ErrorCode.PRECONDITION_FAILED, `${key} of the box is not an index`, {
				cause: error.cause,
			});
		});
	return (reply as unknown[]).map(String).filter(isBoxId);
}

/** The server's error because a key holds another type. */
export function isWrongType(error: unknown): boolean {
	return isRejection(error) && (error as Error).message.startsWith("WRONGTYPE");
}
