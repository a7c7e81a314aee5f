// What each audience of a game is sent: its views, as differences to what it was sent before, encoded once for all who see the same.
import { StateWriter } from "../../../protocol/codec/state-writer.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { EnvelopeWriter } from "../../../protocol/envelope.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { type GameStateProperties, pushes } from "../../../protocol/gen/schema.ts";
import type { GameRun } from "./game-run.ts";

interface Stream {
	readonly writer: StateWriter;
	/** The tick after which it was sent last. */
	version: number;
}

/** What goes to those of one audience. */
export interface AudienceUpdate {
	/** For those who have the version before; undefined when nothing has changed. */
	readonly difference: Uint8Array | undefined;
	/** For those who have nothing; made when the first of them is there. */
	whole(): Uint8Array;
}

export class ViewStreams {
	private readonly roomId: string;
	private readonly epoch: number;
	private readonly maxBytes: number;
	private readonly schema: string;
	private readonly streams = new Map<string, Stream>();
	private readonly frames = new EnvelopeWriter();
	private run: GameRun;

	/** @param epoch - names this run. @param maxBytes - of a whole view. */
	constructor(roomId: string, epoch: number, run: GameRun, maxBytes: number) {
		this.roomId = roomId;
		this.epoch = epoch;
		this.run = run;
		this.maxBytes = maxBytes;
		this.schema = JSON.stringify(run.code.viewType);
	}

	/**
	 * The views after a tick.
	 *
	 * @returns for each audience, its update.
	 * @throws what the game's code throws; StateError for a view that is not what the game declares; GatewayError when one is too long.
	 */
	advance(audiences: ReadonlySet<string>): ReadonlyMap<string, AudienceUpdate> {
		for (const audience of this.streams.keys()) if (!audiences.has(audience)) this.streams.delete(audience);
		const updates = new Map<string, AudienceUpdate>();
		for (const audience of audiences) updates.set(audience, this.update(audience));
		return updates;
	}

	/** The state as an audience was sent it last. @throws as `advance`. */
	whole(audience: string): GameStateProperties {
		const { writer, version } = this.streams.get(audience) ?? this.begin(audience);
		const { roomId, epoch, schema } = this;
		const state = writer.whole();
		if (state.length > this.maxBytes) throw tooLong(state.length, this.maxBytes);
		return { roomId, epoch, version, baseVersion: 0, state, schema };
	}

	private update(audience: string): AudienceUpdate {
		const stream = this.streams.get(audience);
		const whole = () => this.frame(this.whole(audience));
		if (stream === undefined) {
			this.begin(audience);
			return { difference: undefined, whole };
		}
		const state = stream.writer.difference(this.run.show(audience));
		if (state === undefined) return { difference: undefined, whole };
		if (state.length > this.maxBytes) throw tooLong(state.length, this.maxBytes);
		const { roomId, epoch } = this;
		const baseVersion = stream.version;
		stream.version = this.run.tick;
		return { difference: this.frame({ roomId, epoch, version: stream.version, baseVersion, state }), whole };
	}

	private begin(audience: string): Stream {
		const writer = new StateWriter(this.run.code.viewType);
		writer.begin(this.run.show(audience));
		// 0 is no version.
		const stream = { writer, version: Math.max(1, this.run.tick) };
		this.streams.set(audience, stream);
		return stream;
	}

	/** A copy: it is sent later, too. */
	private frame(state: GameStateProperties): Uint8Array {
		return this.frames.push(pushes.gameState.number, pushes.gameState.message, state).slice();
	}
}

function tooLong(length: number, maxBytes: number): GatewayError {
	const cause = new Error(`a view is ${length} bytes, more than ${maxBytes}`);
	return new GatewayError(ErrorCode.INTERNAL, "internal error", { cause });
}
