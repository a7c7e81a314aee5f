// What players of one game have done since its last tick. Each has a rate and a place of their own, so that none takes from the others.
import { type BucketRate, TokenBucket } from "../../../common/token-bucket.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import type { RunEvent } from "./game-run.ts";

interface PlayerInputs {
	readonly bucket: TokenBucket;
	queued: number;
	/** Of inputs that name themselves, latest last. */
	readonly recentIds: string[];
}

export interface InputBounds {
	readonly rate: BucketRate;
	/** Of one player, between two ticks. */
	readonly maxQueued: number;
}

/** Inputs of a player that may be repeated without being taken again. */
const RECENT = 16;

export class InputQueue {
	private readonly bounds: InputBounds;
	private readonly players = new Map<string, PlayerInputs>();
	private events: RunEvent[] = [];

	constructor(bounds: InputBounds) {
		this.bounds = bounds;
	}

	/** A player joins or leaves. */
	add(event: RunEvent): void {
		if (event.kind === "leave") this.players.delete(event.player.id);
		this.events.push(event);
	}

	/**
	 * Takes an input.
	 *
	 * @param id - of the input; "" for none. @param read - what the game reads of it.
	 * @throws GatewayError RATE_LIMITED; what `read` throws.
	 */
	input(userId: string, id: string, payload: Uint8Array, read: () => unknown, nowMs: number): void {
		let player = this.players.get(userId);
		if (player === undefined) {
			player = { bucket: new TokenBucket(), queued: 0, recentIds: [] };
			this.players.set(userId, player);
		}
		if (id !== "" && player.recentIds.includes(id)) return;
		const { rate, maxQueued } = this.bounds;
		if (player.queued >= maxQueued) throw tooMany(1000 / Math.max(rate.perSecond, 1));
		const waitMs = player.bucket.take(rate, 1, nowMs);
		if (waitMs > 0) throw tooMany(waitMs);
		const input = read();
		player.queued++;
		if (id !== "" && player.recentIds.push(id) > RECENT) player.recentIds.shift();
		// The payload may be part of a buffer that is used again.
		this.events.push({ kind: "input", userId, payload: payload.slice(), input });
	}

	/** All of it, in order. */
	take(): readonly RunEvent[] {
		const { events } = this;
		if (events.length === 0) return events;
		this.events = [];
		for (const player of this.players.values()) player.queued = 0;
		return events;
	}
}

function tooMany(waitMs: number): GatewayError {
	const options = { retryAfterMs: Math.ceil(waitMs) };
	return new GatewayError(ErrorCode.RATE_LIMITED, "too many inputs for this game", options);
}
