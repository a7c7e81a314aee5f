// Alarms are read and changed by scripts. Reading leaves out what is longer than an alarm can be before it is sent. The one step
// that changes an alarm writes record, indexes and announcements, provided that the record is still as it was read.
import { RedisScript } from "../../../stores/redis/script.ts";

// KEYS: record, index, the index of the new state, then the indexes of all states that it is taken out of.
// ARGV: id, status as read, data as read, score in a sorted index of states, whether it is resolved by the writer that ranks
// its index by priority, priority, number of announcements, channel and message of each, then fields and values.
const CHANGE = new RedisScript(`
local id = ARGV[1]
local function isIn(key)
	local kind = redis.call('TYPE', key).ok
	if kind == 'set' then return redis.call('SISMEMBER', key, id) == 1 end
	return kind == 'zset' and redis.call('ZSCORE', key, id) ~= false
end
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' or not isIn(KEYS[2]) then return 'gone' end
if (redis.call('HGET', KEYS[1], 'status') or '') ~= ARGV[2] then return 'changed' end
if (redis.call('HGET', KEYS[1], 'data') or '') ~= ARGV[3] then return 'changed' end
local announcements = tonumber(ARGV[7])
for at = 8 + 2 * announcements, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1]) end
for at = 4, #KEYS do
	local kind = redis.call('TYPE', KEYS[at]).ok
	if kind == 'set' then redis.call('SREM', KEYS[at], id) elseif kind == 'zset' then redis.call('ZREM', KEYS[at], id) end
end
local kind = redis.call('TYPE', KEYS[3]).ok
if kind == 'zset' then redis.call('ZADD', KEYS[3], ARGV[4], id)
elseif kind == 'set' or kind == 'none' then redis.call('SADD', KEYS[3], id) end
if ARGV[5] == '1' and redis.call('TYPE', KEYS[2]).ok == 'zset' then
	if tonumber(redis.call('ZSCORE', KEYS[2], id)) == tonumber(ARGV[6]) then redis.call('ZADD', KEYS[2], -1, id) end
end
for at = 1, announcements do redis.call('PUBLISH', ARGV[6 + 2 * at], ARGV[7 + 2 * at]) end
return 'done'
`);

// KEYS: records. ARGV: the longest record that is read, bytes after which no further record is read, then the fields.
// Returns, for as many records as were looked at, the values of the fields, or nothing where the record cannot be read.
const READ = new RedisScript(`
local maxRecord, maxReply = tonumber(ARGV[1]), tonumber(ARGV[2])
local fields = { unpack(ARGV, 3) }
local out, sent = {}, 0
local function lengthOf(key)
	local bytes = 0
	for _, field in ipairs(fields) do
		local length = redis.pcall('HSTRLEN', key, field)
		if type(length) == 'table' then
			if string.find(length.err, 'WRONGTYPE', 1, true) then return nil end
			-- A user of an older list of rights may not ask for lengths.
			return 0
		end
		bytes = bytes + length
	end
	return bytes
end
for at, key in ipairs(KEYS) do
	if sent >= maxReply then break end
	-- A value is copied when it is read, however long it is: its length is not.
	local bytes = lengthOf(key)
	local isRead = bytes ~= nil and bytes <= maxRecord
	local values = isRead and redis.pcall('HMGET', key, unpack(fields))
	if values and values.err then values = false end
	if values and bytes == 0 then
		for _, text in ipairs(values) do bytes = bytes + (text and #text or 0) end
		if bytes > maxRecord then values = false end
	end
	out[at] = values
	if values then sent = sent + bytes end
end
return out
`);

/** Fields of a record, in the order asked; undefined: it cannot be read. */
export type RecordValues = readonly (string | null)[] | undefined;

/**
 * Reads the first records, as many as fit one reply, but one at least.
 *
 * @param maxRecordBytes - longer records are undefined.
 * @param maxReplyBytes - no further record is read behind so many bytes.
 */
export async function readRecords(
	client: Parameters<RedisScript["run"]>[0],
	keys: readonly string[],
	fields: readonly string[],
	{ maxRecordBytes, maxReplyBytes }: { readonly maxRecordBytes: number; readonly maxReplyBytes: number },
): Promise<readonly RecordValues[]> {
	const reply = await READ.run(client, keys, [maxRecordBytes, maxReplyBytes, ...fields]);
	return (reply as ((string | null)[] | null)[]).map((values) => values ?? undefined);
}

export interface AlarmChange {
	readonly id: string;
	readonly recordKey: string;
	readonly index: string;
	readonly newStatusIndex: string;
	readonly oldStatusIndexes: readonly string[];
	readonly statusRead: string;
	readonly dataRead: string;
	readonly atMs: number;
	/** Undefined: its rank in the index stays. */
	readonly resolvedPriority: string | undefined;
	readonly announcements: readonly (readonly [channel: string, message: string])[];
	readonly fields: Readonly<Record<string, string>>;
}

/** done; changed: another writer was first; gone: there is no such alarm. */
export type AlarmChangeOutcome = "done" | "changed" | "gone";

export async function changeAlarm(
	client: Parameters<RedisScript["run"]>[0],
	change: AlarmChange,
): Promise<AlarmChangeOutcome> {
	const keys = [change.recordKey, change.index, change.newStatusIndex, ...change.oldStatusIndexes];
	const { resolvedPriority } = change;
	const operands = [
		change.id,
		change.statusRead,
		change.dataRead,
		change.atMs,
		resolvedPriority === undefined ? "0" : "1",
		resolvedPriority ?? "",
		change.announcements.length,
		...change.announcements.flat(),
		...Object.entries(change.fields).flat(),
	];
	return (await CHANGE.run(client, keys, operands)) as AlarmChangeOutcome;
}
