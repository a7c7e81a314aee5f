// All games in real time of this process: what they share.
import type { RealtimeCode } from "../../../common/game-code.ts";
import type { Logger } from "../../../common/logger.ts";
import type { UserFrames } from "../../../messaging/live-audience.ts";
import type { NodeRpc } from "../../../messaging/node-rpc.ts";
import type { GamesOptions } from "../options.ts";
import { type LiveFigures, type LiveHost, LiveRoom, type LiveServices } from "./live-room.ts";
import { TickScheduler } from "./tick-scheduler.ts";
import { ViewRelay } from "./view-relay.ts";

/** Games and hand-overs of one room under one fencing token. */
const EPOCHS = 2 ** 20;
const HAND_OVERS = 64;

export interface LiveRoomsParts {
	readonly rpc: NodeRpc;
	readonly frames: UserFrames;
	readonly options: GamesOptions;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

export class LiveRooms {
	readonly figures: LiveFigures = { running: 0, inputs: 0, refusedInputs: 0, overruns: 0, failures: 0 };
	readonly scheduler: TickScheduler;
	readonly relay: ViewRelay;
	private readonly services: LiveServices;

	constructor({ rpc, frames, options, logger, now }: LiveRoomsParts) {
		this.relay = new ViewRelay(rpc, frames);
		this.scheduler = new TickScheduler(() => this.relay.flush(), now);
		this.services = { scheduler: this.scheduler, relay: this.relay, figures: this.figures, options, logger, now };
	}

	/** @param token - of the room's owner. @throws Error when what was saved is no snapshot. */
	open(host: LiveHost, code: RealtimeCode, token: number): LiveRoom {
		const epoch = token * EPOCHS + ((host.state.info.rounds * HAND_OVERS) % EPOCHS);
		return new LiveRoom(host, code, epoch, this.services);
	}

	close(): void {
		this.scheduler.close();
	}
}
