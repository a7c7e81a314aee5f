// Small hashes and lists, or keys of another type: read whole if they are small, and distinguished by their type.
import { batches } from "../../../common/batches.ts";
import { RedisScript } from "../../../stores/redis/script.ts";
import { type JsonObject, parseObject } from "./box-json.ts";
import type { BoxLink } from "./box-link.ts";

// A hash as fields and values alternately, a list as its newest entries, nothing for other types and for larger keys.
const READ = new RedisScript(`
local maxFields, maxBytes, maxEntries = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local function fits(texts)
	local bytes = 0
	for _, text in ipairs(texts) do bytes = bytes + #text end
	return bytes <= maxBytes
end
local out = {}
for at, key in ipairs(KEYS) do
	local kind, found = redis.call('TYPE', key).ok, {}
	if kind == 'hash' and redis.call('HLEN', key) <= maxFields then
		found = redis.call('HGETALL', key)
	elseif kind == 'list' then
		found = redis.call('LRANGE', key, 0, maxEntries - 1)
	end
	out[at] = { kind, fits(found) and found or {} }
end
return out
`);

const MAX_FIELDS = 500;
const MAX_BYTES = 256 * 1024;
const BATCH = 200;

export interface SmallKey {
	/** Of a hash; empty otherwise. */
	readonly fields: Readonly<Record<string, string>>;
	/** Of a list of JSON objects, newest first; those that are none are left out. */
	readonly entries: readonly JsonObject[];
}

/** In the order asked. @throws GatewayError UNAVAILABLE. */
export async function readSmallKeys(link: BoxLink, keys: readonly string[], maxEntries: number): Promise<SmallKey[]> {
	const found: SmallKey[] = [];
	for (const batch of batches(keys, BATCH)) {
		const replies = await link.run((client) => READ.run(client, batch, [MAX_FIELDS, MAX_BYTES, maxEntries]));
		for (const [kind, texts] of replies as (readonly [string, readonly string[]])[]) found.push(smallKey(kind, texts));
	}
	return found;
}

function smallKey(kind: string, texts: readonly string[]): SmallKey {
	if (kind === "list") return { fields: {}, entries: texts.map(parseObject).filter((entry) => entry !== undefined) };
	const fields: [string, string][] = [];
	for (let at = 0; kind === "hash" && at + 1 < texts.length; at += 2) {
		fields.push([texts[at] as string, texts[at + 1] as string]);
	}
	return { fields: Object.fromEntries(fields), entries: [] };
}
