// A room at its beginning.

import { canonicalName, problemOfName, problemOfText } from "../../common/text.ts";
import { RoomStatus } from "../../protocol/gen/schema.ts";
import type { GameModule } from "./game-module.ts";
import type { GamesOptions } from "./options.ts";
import { invalid } from "./room-errors.ts";
import type { RoomState } from "./room-state.ts";

export interface NewRoom {
	readonly name: string;
	readonly game: string;
	/** 0: as many as the game allows. */
	readonly capacity: number;
	readonly isPrivate: boolean;
	/** "" for none. */
	readonly password: string;
	readonly allowsSpectators: boolean;
	readonly metadata: Readonly<Record<string, string>>;
}

/** @throws GatewayError VALIDATION_FAILED naming the field. */
export function newRoom(
	id: string,
	host: { readonly userId: string; readonly username: string; readonly node: string },
	request: NewRoom,
	module: GameModule,
	options: GamesOptions,
	nowMs: number,
): RoomState {
	const { userId, username, node } = host;
	const { name, game, isPrivate, allowsSpectators, metadata } = request;
	const problem = problemOfName(name);
	if (problem !== undefined) throw invalid("name", problem);
	checkMetadata(metadata, options.maxMetadataBytes);
	const member = { userId, username, isReady: false, isSpectator: false, joinedAtMs: nowMs, joinNumber: 1 };
	return {
		id,
		info: {
			name: canonicalName(name),
			game,
			allowsSpectators,
			metadata: { ...metadata },
			passwordHash: "",
			createdAtMs: nowMs,
			capacity: capacityOf(request.capacity, module, options),
			...(module.realtime?.joinsRunning === true && { joinsRunning: true }),
			isPublic: !isPrivate,
			status: RoomStatus.WAITING,
			hostId: userId,
			banned: [],
			departed: [],
			playerCount: 1,
			spectatorCount: 0,
			joins: 1,
			gameId: "",
			rounds: 0,
			startedAtMs: 0,
			finishedAtMs: 0,
			participants: [],
			isUnrecorded: false,
		},
		progress: {
			eventNumber: 0,
			actionNumber: 0,
			outboxed: 0,
			lastActiveAtMs: nowMs,
			recordedActions: 0,
			recordedBytes: 0,
			game: undefined,
		},
		members: new Map([[userId, { ...member, nodes: [node], disconnectedAtMs: 0 }]]),
		recent: new Map(),
		outbox: [],
	};
}

/** @throws GatewayError VALIDATION_FAILED. */
export function capacityOf(wanted: number, module: GameModule, { maxPlayers }: GamesOptions): number {
	const most = Math.min(module.maxPlayers, maxPlayers);
	if (wanted === 0) return most;
	if (wanted < module.minPlayers || wanted > most) {
		throw invalid("capacity", `must be ${module.minPlayers} to ${most}, or 0`);
	}
	return wanted;
}

function checkMetadata(metadata: Readonly<Record<string, string>>, maxBytes: number): void {
	let bytes = 0;
	for (const [key, value] of Object.entries(metadata)) {
		// Objects of decoders and clients take this one for something else.
		if (key === "__proto__") throw invalid("metadata", "must not have the key __proto__");
		const problem = problemOfText(key) ?? problemOfText(value);
		if (problem !== undefined) throw invalid("metadata", problem);
		bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
	}
	if (bytes > maxBytes) throw invalid("metadata", `must be at most ${maxBytes} bytes`);
}
