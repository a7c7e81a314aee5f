// States of games in real time: puts whole states and differences together, and asks for the state where one is missing.
import { StateReader } from "../../protocol/codec/state-reader.ts";
import type { StateType } from "../../protocol/codec/state-type.ts";
import { type GameState, type GameStateProperties, gamePushes } from "../../protocol/gen/codec/game.ts";
import { KeyedListeners } from "../keyed-listeners.ts";
import type { Unsubscribe } from "../listeners.ts";
import type { ClientContext } from "../requests/client-context.ts";

/** What a listener gets. */
export interface GameView<State> {
	/** As it is now. Changed in place by what comes next: copy what has to stay. */
	readonly state: State;
	/** The tick after which it was this. */
	readonly version: number;
	/** Nothing of what was known before counts: a new game, or one that goes on elsewhere. */
	readonly isNew: boolean;
}

interface Known {
	readonly reader: StateReader;
	readonly epoch: number;
	version: number;
}

/** Differences that wait for the state that was asked for; beyond it the oldest go. */
const MAX_WAITING = 128;

/** The state of the game of one room. */
export class RoomGameState {
	private readonly onView: (view: GameView<unknown>) => void;
	private readonly request: () => Promise<GameStateProperties | null | undefined>;
	private known: Known | undefined;
	private waiting: GameState[] = [];
	private isAsking = false;

	/**
	 * @param onView - gets each state.
	 * @param request - asks for the whole state; undefined or null: no game is on.
	 */
	constructor(
		onView: (view: GameView<unknown>) => void,
		request: () => Promise<GameStateProperties | null | undefined>,
	) {
		this.onView = onView;
		this.request = request;
	}

	/** The state as it is now, for who comes later. */
	get view(): GameView<unknown> | undefined {
		if (this.known === undefined) return undefined;
		const { reader, version } = this.known;
		return { state: reader.state, version, isNew: true };
	}

	/** A push. */
	take(update: GameState): void {
		if (update.baseVersion === 0) this.begin(update);
		else if (this.isAsking) this.keep(update);
		else if (!this.apply(update) && this.isMissing(update)) {
			this.keep(update);
			this.ask();
		}
	}

	/** The whole state of a reply. */
	begin({ epoch = 0, version = 0, state, schema }: GameStateProperties): void {
		const { known } = this;
		// A reply may be older than a push that came before it.
		const isOld = known !== undefined && (epoch < known.epoch || (epoch === known.epoch && version < known.version));
		if (isOld || !schema) return;
		const reader = new StateReader(JSON.parse(schema) as StateType);
		reader.readWhole(state ?? new Uint8Array(0));
		this.known = { reader, epoch, version };
		this.onView({ state: reader.state, version, isNew: known?.epoch !== epoch });
		for (const update of this.waiting.splice(0)) this.apply(update);
	}

	/** Asks for the state, unless that is being done. Never rejects. */
	ask(): void {
		if (this.isAsking) return;
		this.isAsking = true;
		this.request()
			.then(
				(state) => state && this.begin(state),
				// The next difference asks again.
				() => {},
			)
			.finally(() => {
				this.isAsking = false;
				this.waiting = [];
			});
	}

	private keep(update: GameState): void {
		this.waiting.push(update);
		if (this.waiting.length > MAX_WAITING) this.waiting.shift();
	}

	/** @returns whether it was the difference to what is known. */
	private apply({ epoch, version, baseVersion, state }: GameState): boolean {
		const { known } = this;
		if (known === undefined || epoch !== known.epoch || baseVersion !== known.version) return false;
		try {
			known.reader.readDifference(state);
		} catch {
			// What is known is of no use any more.
			this.known = undefined;
			return false;
		}
		known.version = version;
		this.onView({ state: known.reader.state, version, isNew: false });
		return true;
	}

	/** Whether it is newer than what is known. */
	private isMissing({ epoch, version }: GameState): boolean {
		const { known } = this;
		return known === undefined || epoch > known.epoch || (epoch === known.epoch && version > known.version);
	}
}

/** The states of the games of all rooms that have a listener. */
export class RoomStates {
	private readonly context: ClientContext;
	private readonly request: (roomId: string) => Promise<GameStateProperties | null | undefined>;
	private readonly listeners: KeyedListeners<[GameView<unknown>]>;
	private readonly states = new Map<string, RoomGameState>();
	private detach: readonly Unsubscribe[] = [];

	/** @param request - asks for the state of a room's game. */
	constructor(context: ClientContext, request: (roomId: string) => Promise<GameStateProperties | null | undefined>) {
		this.context = context;
		this.request = request;
		this.listeners = new KeyedListeners(context.onError);
	}

	add(roomId: string, listener: (view: GameView<unknown>) => void): Unsubscribe {
		if (this.states.size === 0) this.attach();
		const off = this.listeners.add(roomId, listener);
		const known = this.states.get(roomId);
		if (known === undefined) {
			const emit = (view: GameView<unknown>) => this.listeners.emit(roomId, view);
			const state = new RoomGameState(emit, () => this.request(roomId));
			this.states.set(roomId, state);
			state.ask();
		} else if (known.view !== undefined) listener(known.view);
		return () => {
			off();
			if (this.listeners.has(roomId)) return;
			this.states.delete(roomId);
			if (this.states.size > 0) return;
			for (const detach of this.detach) detach();
			this.detach = [];
		};
	}

	private attach(): void {
		const { context } = this;
		this.detach = [
			context.on(gamePushes.gameState, (update) => this.states.get(update.roomId)?.take(update)),
			// What came meanwhile is missing, also when nothing else comes.
			context.onReady(() => {
				for (const state of this.states.values()) state.ask();
			}),
		];
	}
}
