// What happens inside Redis when something is published or read: each is one script, hence one atomic step. A channel is
// a stream of finished frames (`log`, ids `<offset>-0`) and a hash (`meta`: epoch, offset, replid, count and bytes of the log).

import { RedisScript } from "../stores/redis/script.ts";
import type { ChannelPosition, Publication } from "./broker.ts";

/**
 * Where the channel stands. A server that took over from another, or was started again, has another replication id, and
 * may not have all that was acknowledged: then, as when nothing is known, the channel begins a new life.
 *
 * A server without memory refuses a write that may need some, as long as the script has written nothing. Giving up the log
 * frees some, and is a write: the position goes on then, and what is published reaches its subscribers.
 */
const STANDING = `
local function standing()
  local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  local held = redis.call('HMGET', KEYS[2], 'epoch', 'offset', 'replid', 'count', 'bytes')
  return held[1], tonumber(held[2]), held[1] and held[3] == replid, replid, tonumber(held[4]), tonumber(held[5])
end
local function begin(epoch, replid)
  local reply = redis.pcall('HSET', KEYS[2], 'epoch', epoch, 'offset', 0, 'replid', replid, 'count', 0, 'bytes', 0)
  redis.call('DEL', KEYS[1])
  if type(reply) == 'number' then return true end
  redis.call('HSET', KEYS[2], 'epoch', epoch, 'offset', 0, 'replid', replid, 'count', 0, 'bytes', 0)
  return false
end`;

/**
 * How much of a log goes so that no more is left than so many entries and bytes. A log of which the numbers are not known,
 * since an older version wrote it, is counted.
 */
const SHORTENED = `
local function shortened(count, bytes, maxCount, maxBytes)
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0, 0 end
  local function each(from, act)
    local step = 1
    while true do
      local entries = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', step)
      for _, entry in ipairs(entries) do
        if act(string.len(entry[2][2])) then return end
        from = '(' .. entry[1]
      end
      if #entries < step then return end
      step = 16
    end
  end
  if not bytes or not count then
    count, bytes = 0, 0
    each('-', function(size)
      count, bytes = count + 1, bytes + size
    end)
  end
  if count > maxCount or bytes > maxBytes then
    each('-', function(size)
      if count <= maxCount and bytes <= maxBytes then return true end
      count, bytes = count - 1, bytes - size
    end)
  end
  if count < 1 then return 0, 0 end
  return count, math.max(bytes, 0)
end`;

/**
 * Appends fields 8 (offset) and 9 (epoch) of the envelope to a frame, writes the log and sends it. In the place of a hash for each frame,
 * `finish` writes where the channel stands.
 *
 * KEYS log, meta, pub/sub channel; ARGV epoch should one begin, history size, lives of log and meta in ms, bytes of history.
 */
const APPENDING = `${STANDING}${SHORTENED}
local epoch, offset, valid, replid, count, bytes = standing()
local maxCount, maxBytes = tonumber(ARGV[2]), tonumber(ARGV[5])
local hasMemory = true
if not valid then
  epoch, offset, count, bytes = ARGV[1], 0, 0, 0
  hasMemory = begin(epoch, replid)
end
local length = string.char(string.len(epoch))
local function append(given)
  offset = offset + 1
  local varint, rest = '', offset
  while rest >= 128 do
    varint = varint .. string.char(rest % 128 + 128)
    rest = math.floor(rest / 128)
  end
  varint = varint .. string.char(rest)
  local frame = given .. '\\64' .. varint .. '\\74' .. length .. epoch
  local size = string.len(frame)
  local keeps = hasMemory and maxCount > 0 and size <= maxBytes
  if keeps then
    count, bytes = shortened(count, bytes, maxCount - 1, maxBytes - size)
    count, bytes = count + 1, bytes + size
    local id = string.format('%.0f-0', offset)
    local added = redis.pcall('XADD', KEYS[1], 'MAXLEN', '=', count, id, 'f', frame)
    if type(added) ~= 'string' then keeps, hasMemory = false, false end
  end
  if not keeps then
    redis.call('DEL', KEYS[1])
    count, bytes = 0, 0
  end
  return redis.call('SPUBLISH', KEYS[3], struct.pack('>I8', offset) .. length .. epoch .. frame)
end
local function finish()
  redis.call('HSET', KEYS[2], 'offset', string.format('%.0f', offset), 'count', count, 'bytes', bytes)
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  return hasMemory and 0 or 1
end`;

const FIRST = `
local function first(key)
  local known = redis.call('GET', key)
  if not known then return nil end
  local offset, epoch, print = string.match(known, '^(%d+) (%S+) ?(%S*)$')
  return {tonumber(offset), epoch, print}
end`;

/**
 * KEYS and ARGV as APPENDING; then KEYS maybe the key of this publication, ARGV the frame and, with a key, how long it is kept in ms and the
 * digest of the content. Returns offset, epoch, bytes of the log, 1 when the server had no memory for it, and how many it was sent to; of a
 * repeat, the offset, epoch and digest of the first.
 */
export const publishScript = new RedisScript(`${FIRST}
if KEYS[4] then
  local known = first(KEYS[4])
  if known then return known end
end
${APPENDING}
local nodes = append(ARGV[6])
local unkept = finish()
if KEYS[4] then redis.call('SET', KEYS[4], string.format('%.0f ', offset) .. epoch .. ' ' .. ARGV[8], 'PX', ARGV[7]) end
return {offset, epoch, bytes, unkept, nodes}`);

/**
 * The same for several, each with a key: KEYS and ARGV as APPENDING, then KEYS the keys, ARGV how long they are kept in ms and for each the frame
 * and the digest. Returns bytes of the log, 1 when the server had no memory for it, and for each offset and epoch, of a repeat with
 * the digest of the first.
 */
export const publishTogetherScript = new RedisScript(`${FIRST}
local published, isNew = {}, false
for index = 4, #KEYS do
  local known = first(KEYS[index])
  published[index - 3] = known or false
  isNew = isNew or not known
end
if not isNew then return {0, 0, published} end
${APPENDING}
local here = {}
for index = 4, #KEYS do
  local key, at = KEYS[index], 7 + (index - 4) * 2
  if not published[index - 3] then
    if not here[key] then
      append(ARGV[at])
      here[key] = {offset, epoch, ARGV[at + 1]}
      published[index - 3] = {offset, epoch}
      redis.call('SET', key, string.format('%.0f ', offset) .. epoch .. ' ' .. ARGV[at + 1], 'PX', ARGV[6])
    else
      published[index - 3] = here[key]
    end
  end
end
return {bytes, finish(), published}`);

/**
 * KEYS log, meta; ARGV epoch should one begin, epoch and offset to read after, how many, TTL of meta in ms, how many bytes.
 * Returns offset and epoch of the top and the entries. Begins a new epoch as publishing would, so that no client gets a
 * position that may become invalid; also for an unknown channel, so that a new subscriber has a position to reconnect with.
 */
export const historyScript = new RedisScript(`${STANDING}
local epoch, offset, valid, replid = standing()
if not valid then
  begin(ARGV[1], replid)
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
  return {0, ARGV[1], {}}
end
local limit, room = tonumber(ARGV[4]), tonumber(ARGV[6])
if epoch ~= ARGV[2] or limit < 1 or tonumber(ARGV[3]) >= offset then return {offset, epoch, {}} end
local found, from = {}, '(' .. ARGV[3] .. '-0'
while #found < limit do
  local step = math.min(limit - #found, 16)
  local entries = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', step)
  for _, entry in ipairs(entries) do
    room = room - string.len(entry[2][2])
    if room < 0 and #found > 0 then return {offset, epoch, found} end
    found[#found + 1] = entry
    from = '(' .. entry[1]
  end
  if #entries < step then break end
end
return {offset, epoch, found}`);

/** KEYS log, meta; ARGV bytes that may be left. Returns the bytes of the log. */
export const shortenScript = new RedisScript(`${SHORTENED}
local held = redis.call('HMGET', KEYS[2], 'count', 'bytes')
local count, bytes = shortened(tonumber(held[1]), tonumber(held[2]), math.huge, tonumber(ARGV[1]))
if count == 0 then redis.call('DEL', KEYS[1]) else redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', count) end
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('HSET', KEYS[2], 'count', count, 'bytes', bytes) end
return bytes`);

/** Bytes before the epoch in what goes over pub/sub: the offset, and the epoch's length. */
const HEADER_BYTES = 9;

/** Reads what `publishScript` sends; the frame shares the payload's memory. */
export function parsePublication(payload: Buffer): Publication {
	const frameStart = HEADER_BYTES + (payload[HEADER_BYTES - 1] as number);
	return {
		offset: payload.readUInt32BE(0) * 2 ** 32 + payload.readUInt32BE(4),
		epoch: payload.toString("latin1", HEADER_BYTES, frameStart),
		frame: payload.subarray(frameStart),
	};
}

/** What `publishScript` replies. */
export interface PublishReply extends ChannelPosition {
	/** Bytes of frames in the channel's log; for a repeat, of which nothing was published, the digest of the first. */
	readonly left: number | string;
	/** The server had no memory for the log. */
	readonly isUnkept: boolean;
	/** Subscribers of this server; undefined for a repeat. */
	readonly nodes: number | undefined;
}

export function parsePublished(reply: unknown): PublishReply {
	const [offset, epoch, left, unkept, nodes] = reply as [number, string, number | string, number?, number?];
	return { offset, epoch, left, isUnkept: unkept === 1, nodes };
}

/** Reads the reply of `publishTogetherScript`. */
export function parsePublishedTogether(reply: unknown): {
	readonly left: number;
	readonly isUnkept: boolean;
	/** `print` is that of the first, of a repeat. */
	readonly published: readonly (ChannelPosition & { readonly print: string | undefined })[];
} {
	const [left, unkept, list] = reply as [number, number, [number, string, string?][]];
	const published = list.map(([offset, epoch, print]) => ({ offset, epoch, print }));
	return { left, isUnkept: unkept === 1, published };
}

/** Reads the reply of `historyScript`, with strings as buffers. */
export function parseHistory(reply: unknown): { top: ChannelPosition; publications: Publication[] } {
	const [offset, epochBytes, entries] = reply as [number, Buffer, [id: Buffer, fields: [Buffer, Buffer]][]];
	const epoch = epochBytes.toString();
	const publications = entries.map(([id, fields]) => {
		return { offset: Number.parseInt(id.toString(), 10), epoch, frame: fields[1] };
	});
	return { top: { offset, epoch }, publications };
}
