// The games that a module declares, checked, as rooms run them.
import * as z from "zod";
import type { CodePlayer, GameCode, RealtimeAccess, RealtimeCode, TurnCode } from "../../common/game-code.ts";
import type { Logger } from "../../common/logger.ts";
import {
	CallError,
	type ModuleDefinition,
	ModuleGame,
	type RealtimeGameOptions,
	type TurnGameOptions,
} from "../../module/index.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../protocol/error.ts";
import { gatewayError, invalidInput } from "./function-errors.ts";
import type { LoopWatchdog } from "./loop-watchdog.ts";
import { ModuleError } from "./module-problem.ts";
import type { ServedGame } from "./serving-generation.ts";
import type { SourcePositions } from "./source-positions.ts";
import { stateTypeOf } from "./state-of-schema.ts";

export interface GameLoaderParts {
	readonly module: string;
	readonly generation: number;
	/** Names the module and its generation. */
	readonly logger: Logger;
	readonly positions: SourcePositions;
	readonly watchdog: LoopWatchdog | undefined;
}

type Turns = TurnGameOptions<unknown, z.ZodType>;
type Realtime = RealtimeGameOptions<unknown, z.ZodObject, z.ZodType>;
type Options = Turns | Realtime;

/** Games of one module. */
const MAX_GAMES = 50;
const MAX_PLAYERS = 1000;
const MAX_TICK_RATE = 60;
const MAX_TYPE_LENGTH = 16_384;
const NAME = /^[a-z0-9-]{1,32}$/;

/** @throws ModuleError where one is not what it should be. */
export function loadedGames({ options }: ModuleDefinition, parts: GameLoaderParts): readonly ServedGame[] {
	const { module, positions } = parts;
	const declared = Object.entries(options.games ?? {});
	if (declared.length > MAX_GAMES) throw new ModuleError({ module, message: `more than ${MAX_GAMES} games` });
	return declared.map(([name, game]) => {
		try {
			if (!(game instanceof ModuleGame)) throw new Error("not what defineGame or defineRealtimeGame returns");
			const loader = new GameLoader(name, game.options as Options, parts);
			return { code: game.kind === "turns" ? loader.turns() : loader.realtime(), definedAt: game.definedAt };
		} catch (error) {
			const place = game instanceof ModuleGame ? positions.placeOf(game.definedAt) : {};
			throw new ModuleError({ module, message: `game ${name}: ${(error as Error).message}`, ...place });
		}
	});
}

/** What games of both kinds have. */
type Shared = Pick<GameCode, "name" | "minPlayers" | "maxPlayers" | "logger" | "readInput" | "errorOf">;

class GameLoader {
	private readonly name: string;
	private readonly options: Options;
	private readonly parts: GameLoaderParts;
	private readonly activity: number;

	constructor(name: string, options: Options, parts: GameLoaderParts) {
		this.name = name;
		this.options = options;
		this.parts = parts;
		this.activity = parts.watchdog?.register(parts.module, `game ${name} of ${parts.module}`) ?? 0;
	}

	turns(): TurnCode {
		const options = this.options as Turns;
		const { start, act, leave, view } = options;
		checkFunctions({ start, act, view }, { leave });
		return {
			...this.shared(options.move),
			kind: "turns",
			start: (game) => this.run(() => start(game)),
			act: (state, move, player, game) => this.run(() => act(state, move, player, game)),
			leave: leave && ((state, player, game) => this.run(() => leave(state, player, game))),
			view: (state, playerId) => this.run(() => view(state, playerId)),
		};
	}

	realtime(): RealtimeCode {
		const options = this.options as Realtime;
		const { start, tick, onInput, onJoin, onLeave, audience, show, importState, timers = {} } = options;
		checkFunctions({ start, tick }, { onInput, onJoin, onLeave, audience, show, importState, ...timers });
		const { tickRate, startsWith, joinsRunning = false, minPlayers, maxPlayers } = options;
		checkInteger("tickRate", tickRate, 1, MAX_TICK_RATE);
		if (startsWith !== undefined) checkInteger("startsWith", startsWith, minPlayers, maxPlayers);
		const joined = onJoin as ((state: unknown, player: CodePlayer, game: RealtimeAccess) => void) | undefined;
		return {
			...this.shared(options.input),
			kind: "realtime",
			tickRate,
			startsWith,
			joinsRunning,
			viewType: viewTypeOf(options.view),
			start: (game) => this.run(() => start(game)),
			onInput: (state, input, player, game) => this.run(() => onInput?.(state, input, player, game)),
			onJoin: (state, player, game) => this.run(() => joined?.(state, player, game)),
			onLeave: onLeave && ((state, player, game) => this.run(() => onLeave(state, player, game))),
			hasTimer: (name) => Object.hasOwn(timers, name),
			onTimer: (name, state, data, game) => this.run(() => timers[name]?.(state, data, game)),
			tick: (state, game) => this.run(() => tick(state, game)),
			audience: (state, playerId) => (audience === undefined ? "" : this.run(() => audience(state, playerId))),
			show: (state, to) => (show === undefined ? state : this.run(() => show(state, to))),
			importState: importState && ((state) => this.run(() => importState(state))),
		};
	}

	/** Reports to the watchdog what runs. */
	private run<Result>(work: () => Result): Result {
		const { watchdog, generation } = this.parts;
		watchdog?.enter(this.activity, generation);
		try {
			return work();
		} finally {
			watchdog?.leave();
		}
	}

	private shared(schema: unknown): Shared {
		const { minPlayers, maxPlayers } = this.options;
		if (!NAME.test(this.name)) throw new Error("a game's name is up to 32 lower-case letters, digits and hyphens");
		checkInteger("minPlayers", minPlayers, 1, MAX_PLAYERS);
		checkInteger("maxPlayers", maxPlayers, minPlayers, MAX_PLAYERS);
		if (!(schema instanceof z.ZodType)) throw new Error("what players do must be a schema of zod");
		const input = schema instanceof z.ZodObject && schema.def.catchall === undefined ? schema.strict() : schema;
		return {
			name: this.name,
			minPlayers,
			maxPlayers,
			logger: this.parts.logger,
			readInput: (payload) => readInput(input, payload),
			errorOf: (thrown) => this.errorOf(thrown),
		};
	}

	/** Never throws. */
	private errorOf(thrown: unknown): GatewayError {
		try {
			if (thrown instanceof CallError) return gatewayError(thrown);
			if (!(thrown instanceof GatewayError)) return this.fault(this.parts.positions.translate(thrown));
			return thrown.code === ErrorCode.INTERNAL ? this.fault(thrown.cause ?? thrown) : thrown;
		} catch (unreadable) {
			return this.fault(unreadable);
		}
	}

	/** The route is the gateway's own, so that nothing else says whose code it was. */
	private fault(cause: unknown): GatewayError {
		const { module, generation } = this.parts;
		return new GatewayError(ErrorCode.INTERNAL, "internal error", { cause, source: { module, generation } });
	}
}

function readInput(schema: z.ZodType, payload: Uint8Array): unknown {
	let value: unknown;
	try {
		value = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
	} catch {
		throw fieldError("payload", "must be JSON");
	}
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	throw invalidInput(parsed.error.issues, ["payload"]);
}

function viewTypeOf(view: unknown) {
	if (!(view instanceof z.ZodObject)) throw new Error("view must be z.object({ … })");
	const schema = z.toJSONSchema(view, {
		io: "input",
		target: "draft-2020-12",
		reused: "inline",
		unrepresentable: "any",
	});
	const type = stateTypeOf(schema);
	// It goes to clients with each whole state.
	if (JSON.stringify(type).length <= MAX_TYPE_LENGTH) return type;
	throw new Error(`view: described in more than ${MAX_TYPE_LENGTH} characters`);
}

function checkFunctions(
	required: Readonly<Record<string, unknown>>,
	optional: Readonly<Record<string, unknown>>,
): void {
	for (const [name, value] of Object.entries(required)) {
		if (typeof value !== "function") throw new Error(`${name} must be a function`);
	}
	for (const [name, value] of Object.entries(optional)) {
		if (value !== undefined && typeof value !== "function") throw new Error(`${name} must be a function`);
	}
}

function checkInteger(name: string, value: unknown, min: number, max: number): void {
	if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
	throw new Error(`${name} must be a whole number from ${min} to ${max}`);
}
