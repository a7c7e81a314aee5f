// What happens inside Redis when something is published or read: each is one script, hence one atomic step. A channel is
// a stream of finished frames (`log`, ids `<offset>-0`) and a hash (`meta`: epoch, offset, replid).
import type { ChannelPosition, Publication } from "../../ports/broker.ts";
import { RedisScript } from "./script.ts";

/**
 * Where the channel stands. A server that took over from another, or was started again, has another replication id, and
 * may not have all that was acknowledged: then, as when nothing is known, the channel begins a new life.
 */
const STANDING = `
local function standing()
  local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  local held = redis.call('HMGET', KEYS[2], 'epoch', 'offset', 'replid')
  return held[1], tonumber(held[2]), held[1] and held[3] == replid, replid
end
local function begin(epoch, replid)
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[2], 'epoch', epoch, 'offset', 0, 'replid', replid)
end`;

/**
 * KEYS log, meta, pub/sub channel; ARGV frame, epoch should one begin, history size, lives of log and meta in ms.
 * Appends fields 8 (offset) and 9 (epoch) of the envelope. Returns offset and epoch.
 */
export const publishScript = new RedisScript(`${STANDING}
local epoch, _, valid, replid = standing()
if not valid then
  epoch = ARGV[2]
  begin(epoch, replid)
end
local offset = redis.call('HINCRBY', KEYS[2], 'offset', 1)
local varint, rest = '', offset
while rest >= 128 do
  varint = varint .. string.char(rest % 128 + 128)
  rest = math.floor(rest / 128)
end
varint = varint .. string.char(rest)
local length = string.char(string.len(epoch))
local frame = ARGV[1] .. '\\64' .. varint .. '\\74' .. length .. epoch
redis.call('XADD', KEYS[1], 'MAXLEN', '=', ARGV[3], string.format('%.0f-0', offset), 'f', frame)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('SPUBLISH', KEYS[3], struct.pack('>I8', offset) .. length .. epoch .. frame)
return {offset, epoch}`);

/**
 * KEYS log, meta; ARGV epoch should one begin, epoch and offset to read after, how many, life of meta in ms. Returns
 * offset and epoch of the top and the entries. Begins a new life as publishing would, so that nobody is told a position
 * that may be taken back; of a channel that nothing was known of, too, so that whoever begins to follow it has a position
 * to come back with.
 */
export const historyScript = new RedisScript(`${STANDING}
local epoch, offset, valid, replid = standing()
if not valid then
  begin(ARGV[1], replid)
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
  return {0, ARGV[1], {}}
end
local limit = tonumber(ARGV[4])
if epoch ~= ARGV[2] or limit < 1 or tonumber(ARGV[3]) >= offset then return {offset, epoch, {}} end
return {offset, epoch, redis.call('XRANGE', KEYS[1], '(' .. ARGV[3] .. '-0', '+', 'COUNT', limit)}`);

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

/** Reads the reply of `publishScript`. */
export function parsePosition(reply: unknown): ChannelPosition {
	const [offset, epoch] = reply as [number, string];
	return { offset, epoch };
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
