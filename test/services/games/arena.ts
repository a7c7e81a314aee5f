// A game in real time for tests, and players who read what they are sent of it.
import type { RealtimeAccess, RealtimeCode } from "../../../common/game-code.ts";
import type { UserFrames } from "../../../messaging/live-audience.ts";
import { StateReader } from "../../../protocol/codec/state-reader.ts";
import type { StateType } from "../../../protocol/codec/state-type.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { EnvelopeReader } from "../../../protocol/envelope.ts";
import { fieldError, GatewayError } from "../../../protocol/error.ts";
import { type GameState, pushes } from "../../../protocol/gen/schema.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

export interface Arena {
	tick: number;
	players: Record<string, { x: number; secret: number; score: number }>;
	flag: boolean;
	broken?: unknown;
}

export interface ArenaView {
	tick: number;
	players: Record<string, { x: number; score: number }>;
	own?: { secret: number };
	flag: boolean;
}

const integer: StateType = { kind: "integer" };
const viewType: StateType = {
	kind: "object",
	fields: [
		{ name: "tick", type: integer },
		{
			name: "players",
			type: {
				kind: "map",
				item: {
					kind: "object",
					fields: [
						{ name: "x", type: { kind: "steps", step: 0.1 } },
						{ name: "score", type: integer },
					],
				},
			},
		},
		{ name: "own", type: { kind: "object", fields: [{ name: "secret", type: integer }] }, isOptional: true },
		{ name: "flag", type: { kind: "boolean" } },
	],
};

interface Input {
	readonly add?: number;
	readonly do?: "win" | "throw" | "NaN" | "flag" | "unseen";
}

/** Each player has a secret, a place that moves by chance, and a score; inputs do what they say. */
export function arena(more: Partial<RealtimeCode> = {}): RealtimeCode {
	const enter = (state: Arena, id: string, game: RealtimeAccess) => {
		state.players[id] = { x: game.integer(100) / 10, secret: 1000 + Object.keys(state.players).length, score: 0 };
	};
	return {
		name: "arena",
		kind: "realtime",
		minPlayers: 1,
		maxPlayers: 8,
		tickRate: 50,
		startsWith: undefined,
		joinsRunning: true,
		logger: quietLogger(),
		viewType,
		readInput: (payload) => {
			try {
				return JSON.parse(Buffer.from(payload).toString());
			} catch {
				throw fieldError("payload", "must be JSON");
			}
		},
		errorOf: (thrown) =>
			thrown instanceof GatewayError
				? thrown
				: new GatewayError(ErrorCode.INTERNAL, "internal error", { cause: thrown }),
		start: (game): Arena => {
			const state: Arena = { tick: 0, players: {}, flag: false };
			for (const { id } of game.players) enter(state, id, game);
			return state;
		},
		onInput: (given, input, player, game) => {
			const state = given as Arena;
			const { add = 0, do: what } = input as Input;
			const own = state.players[player.id];
			if (own !== undefined) own.score += add;
			if (what === "win") game.end({ [player.id]: "won" });
			if (what === "throw") throw new Error("broken");
			if (what === "NaN") state.broken = Number.NaN;
			if (what === "unseen" && own !== undefined) own.score = 0.5;
			if (what === "flag") game.after(100, "raise", { by: player.id });
		},
		onJoin: (state, { id }, game) => enter(state as Arena, id, game),
		onLeave: (given, { id }) => {
			delete (given as Arena).players[id];
		},
		hasTimer: (name) => name === "raise",
		onTimer: (_name, state) => {
			(state as Arena).flag = true;
		},
		tick: (given, game) => {
			const state = given as Arena;
			state.tick = game.tick;
			for (const player of Object.values(state.players)) player.x += (game.integer(21) - 10) / 10;
		},
		audience: (_state, playerId) => playerId ?? "",
		show: (given, audience) => {
			const state = given as Arena;
			const own = state.players[audience];
			return { ...state, ...(own && { own }) };
		},
		importState: undefined,
		...more,
	};
}

/** Connections of one node: what each user is sent, as clients read it. */
export class Screens implements UserFrames {
	readonly screens = new Map<string, Screen>();
	/** All frames, for what must not be in them. */
	readonly frames: { readonly userId: string; readonly bytes: Uint8Array }[] = [];
	/** Users whose next frames get lost. */
	readonly deaf = new Set<string>();

	push(_channel: string, userIds: readonly string[], frame: Uint8Array): void {
		const envelope = new EnvelopeReader();
		if (!envelope.read(frame) || envelope.protocol !== pushes.gameState.number) throw new Error("no state");
		const body = frame.subarray(envelope.bodyStart, envelope.bodyEnd);
		for (const userId of userIds) {
			if (this.deaf.has(userId)) continue;
			this.frames.push({ userId, bytes: frame.slice() });
			this.of(userId).take(pushes.gameState.message.decode(body.slice()));
		}
	}

	of(userId: string): Screen {
		let screen = this.screens.get(userId);
		if (screen === undefined) {
			screen = new Screen();
			this.screens.set(userId, screen);
		}
		return screen;
	}
}

export class Screen {
	reader: StateReader<ArenaView> | undefined;
	epoch = 0;
	version = 0;
	wholes = 0;
	differences = 0;
	/** Differences to a state that it does not have. */
	gaps = 0;

	get view(): ArenaView | undefined {
		return this.reader?.state;
	}

	take({ epoch, version, baseVersion, state, schema }: GameState): void {
		if (baseVersion === 0) {
			this.reader = new StateReader<ArenaView>(JSON.parse(schema) as StateType);
			this.reader.readWhole(state);
			this.wholes++;
		} else if (epoch === this.epoch && baseVersion === this.version) {
			this.reader?.readDifference(state);
			this.differences++;
		} else {
			this.gaps++;
			return;
		}
		this.epoch = epoch;
		this.version = version;
	}
}
