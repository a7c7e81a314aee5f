// Commands to the devices of a box, through the lists that its field services pop them from.

import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../../protocol/error.ts";
import { RedisScript } from "../../../stores/redis/script.ts";
import {
	type BoxCommand,
	type BoxCommands,
	type CommandFeedback,
	type CommandTarget,
	SendOutcome,
} from "../boxes/box-commands.ts";
import { type BoxOptions, boxDefaults } from "../boxes/options.ts";
import type { BoxChannels } from "./box-channels.ts";
import { isWrongType } from "./box-ids.ts";
import { type BoxLink, isRejection } from "./box-link.ts";
import { FEEDBACK_FIELDS, isCommandId, readFeedback, readNotice } from "./commands-feedback.ts";
import { type BoxDialect, DialectName, Family } from "./dialect.ts";

export interface RedisBoxCommandsOptions extends Pick<BoxOptions, "hasFeedback" | "maxWaitingCommands"> {
	/** A command that was not taken for so long is dropped, not carried out late; 0: it waits forever. */
	readonly expireMs: number;
	/** A command that reaches the server later than this after the server's last word is not taken. */
	readonly latestMs: number;
}

export const redisBoxCommandsDefaults: RedisBoxCommandsOptions = {
	hasFeedback: boxDefaults.hasFeedback,
	maxWaitingCommands: boxDefaults.maxWaitingCommands,
	expireMs: 30_000,
	latestMs: 2000,
};

// KEYS: list, hash of values, and in v2 the hash of times. What can fail fails before the first write.
const SEND = new RedisScript(`
local time = redis.call('TIME')
if time[1] * 1000 + time[2] / 1000 > tonumber(ARGV[1]) then return 'late' end
if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[2]) then return 'full' end
local field, value, entry = ARGV[4], ARGV[5], ARGV[6]
if KEYS[3] then
	local at = tonumber(ARGV[7])
	local last = tonumber(redis.call('HGET', KEYS[3], field) or '')
	if last and last >= at and last < 9007199254740991 then at = math.floor(last) + 1 end
	redis.call('HSET', KEYS[2], field, value)
	redis.call('HSET', KEYS[3], field, string.format('%.0f', at))
	entry = entry .. string.format('%.0f', at) .. '}'
else
	redis.call('HSET', KEYS[2], field, value)
end
redis.call('RPUSH', KEYS[1], entry)
if ARGV[3] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 'sent'
`);

const RETRY_AFTER_MS = 1000;
const MAX_UINT32 = 0xffff_ffff;
/** Hashes of commands that are being read because a message named them; outcomes beyond this are found by polling. */
const MAX_LOOKUPS = 100;
/** The error of ioredis for a command that it did not write to the connection. */
const NOT_WRITTEN = "Stream isn't writeable";

export class RedisBoxCommands implements BoxCommands {
	readonly hasFeedback: boolean;
	private readonly link: BoxLink;
	private readonly dialect: BoxDialect;
	private readonly options: RedisBoxCommandsOptions;
	private readonly channels: BoxChannels;
	private lookups = 0;

	constructor(
		link: BoxLink,
		dialect: BoxDialect,
		channels: BoxChannels,
		options: Partial<RedisBoxCommandsOptions> = {},
	) {
		this.link = link;
		this.dialect = dialect;
		this.channels = channels;
		this.options = { ...redisBoxCommandsDefaults, ...options };
		this.hasFeedback = this.options.hasFeedback;
	}

	async send(command: BoxCommand): Promise<SendOutcome> {
		const keys = this.keysOf(command);
		const deadlineMs = (await this.serverTimeMs()) + this.options.latestMs;
		const reply = await this.link
			.run((client) => SEND.run(client, keys, this.operands(command, deadlineMs)))
			.catch(sendOutcome);
		if (reply === SendOutcome.UNKNOWN || reply === "sent") return reply;
		if (reply === "late")
			throw new GatewayError(ErrorCode.UNAVAILABLE, "the box answers too late", { retryAfterMs: RETRY_AFTER_MS });
		const text = "too many commands wait for this channel: its field service does not take them";
		throw new GatewayError(ErrorCode.PRECONDITION_FAILED, text, { retryAfterMs: RETRY_AFTER_MS });
	}

	async feedback(commandId: string): Promise<CommandFeedback | undefined> {
		if (!isCommandId(commandId)) return undefined;
		const key = this.dialect.commands.feedbackKey(commandId);
		const values = await this.link
			.run((client) => client.hmget(key, ...FEEDBACK_FIELDS))
			.catch((error: GatewayError) => {
				if (isWrongType(error.cause)) return [];
				throw error;
			});
		return readFeedback(commandId, Object.fromEntries(FEEDBACK_FIELDS.map((field, index) => [field, values[index]])));
	}

	onFeedback(listener: (feedback: CommandFeedback) => void): void {
		if (!this.hasFeedback) return;
		this.channels.listen(this.dialect.commands.feedbackPattern, {
			onMessage: (message) => this.onMessage(message, listener),
			// The process that waits for a command's end polls.
			onSubscribed: () => undefined,
		});
	}

	private onMessage(message: string, listener: (feedback: CommandFeedback) => void): void {
		const notice = readNotice(message);
		if (notice === undefined) return;
		if (notice.feedback !== undefined) {
			listener(notice.feedback);
			return;
		}
		if (this.lookups >= MAX_LOOKUPS) return;
		this.lookups++;
		this.feedback(notice.commandId)
			.then((feedback) => feedback !== undefined && listener(feedback))
			// The box became unreachable in between: the process that waits polls.
			.catch(() => undefined)
			.finally(() => {
				this.lookups--;
			});
	}

	/**
	 * The server's clock, by which the script recognizes a command that was delayed, by a stalled server or by the
	 * network. If the server does not answer here, no command was sent.
	 */
	private async serverTimeMs(): Promise<number> {
		const [seconds, microseconds] = await this.link.run((client) => client.time());
		return Number(seconds) * 1000 + Number(microseconds) / 1000;
	}

	/** @throws GatewayError VALIDATION_FAILED naming the field. */
	private keysOf(command: BoxCommand): string[] {
		const { target } = command;
		if (!isUint32(target.channel)) throw fieldError("target.channel", "must be a channel's number");
		if (!isUint32(target.pointId)) throw fieldError("target.point_id", "must be a point's number");
		if (!Number.isFinite(command.value)) throw fieldError("value", "must be a finite number");
		if (!isCommandId(command.commandId)) {
			throw fieldError("command_id", "must be of the characters A-Z a-z 0-9 . _ : - and not too long");
		}
		const list =
			target.family === Family.COMSRV ? this.dialect.commands.listKey(target.channel, target.type) : undefined;
		const values = this.dialect.points.keyOf(target);
		if (list === undefined || values === undefined) {
			throw fieldError("target.data_type", "cannot be written in this source");
		}
		const times = this.dialect.points.timesKey(target);
		return times === undefined ? [list, values] : [list, values, times];
	}

	private operands(command: BoxCommand, deadlineMs: number): (string | number)[] {
		const { maxWaitingCommands, expireMs } = this.options;
		const { target, value, atMs } = command;
		const entry = this.dialect.name === DialectName.V2 ? this.entryV2(command) : entryV1(command);
		return [deadlineMs, maxWaitingCommands, expireMs, target.pointId, JSON.stringify(value), entry, Math.floor(atMs)];
	}

	/** All but the time and the closing brace, which the server adds: the consumer drops what is not newer than its last. */
	private entryV2({ target, value, commandId }: BoxCommand): string {
		const fields = { point_id: target.pointId, value, ...(this.hasFeedback && { command_id: commandId }) };
		return `${JSON.stringify(fields).slice(0, -1)},"timestamp":`;
	}
}

/** The value is a number here as in the port: a consumer takes a text for 0. */
function entryV1({ target, value, operator, commandId, atMs }: BoxCommand): string {
	return JSON.stringify({
		point_id: target.pointId,
		value,
		source: operator,
		command_id: commandId,
		timestamp: Math.floor(atMs / 1000),
	});
}

/** The outcome of a command without a reply. @throws GatewayError when it was certainly not handed over. */
function sendOutcome(error: GatewayError): SendOutcome {
	const { cause } = error;
	if (isWrongType(cause)) {
		const text = "the box has something else in the place of this channel's commands";
		throw new GatewayError(ErrorCode.PRECONDITION_FAILED, text, { cause });
	}
	if (cause === undefined || isRejection(cause)) throw error;
	if (cause instanceof Error && cause.message.startsWith(NOT_WRITTEN)) throw error;
	return SendOutcome.UNKNOWN;
}

function isUint32(value: CommandTarget["pointId"]): boolean {
	return Number.isInteger(value) && value >= 0 && value <= MAX_UINT32;
}
