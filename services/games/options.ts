// Options of game rooms: the section `games` of the configuration.
import * as z from "zod";
import { bytes, field, integer, MAX_RATE, milliseconds, rate, section } from "../../common/option-fields.ts";
import { defaultsOf, type OptionsOf } from "../../common/options.ts";

export const gamesSection = section({
	maxRoomsPerUser: integer({
		description: "Rooms that one user may be in at a time.",
		min: 1,
		max: 10_000,
		default: 20,
	}),
	maxRoomsPerNode: integer({
		description: "Rooms that this process holds; beyond it rooms are refused, or stay where they are.",
		min: 1,
		max: 1_000_000,
		default: 10_000,
	}),
	maxPlayers: integer({
		description: "Players of any room.",
		min: 1,
		max: 1000,
		default: 1000,
	}),
	maxSpectators: integer({
		description: "Spectators of any room.",
		min: 0,
		max: 100_000,
		default: 1000,
	}),
	maxMetadataBytes: bytes({
		description: "Keys and values of a room's metadata together.",
		min: 0,
		max: 65_536,
		default: 8192,
	}),
	maxPayloadBytes: bytes({
		description: "Longest payload of an action.",
		min: 0,
		max: 16_384,
		default: 16_384,
	}),
	maxStateBytes: bytes({
		description:
			"State, view or event of a game of a module, as JSON; a longer one is an error of the game, and the action is refused.",
		min: 1024,
		max: 131_072,
		default: 65_536,
	}),
	actionsPerSecond: field(z.number().min(0).max(MAX_RATE).default(200), {
		description:
			"Actions of players in one room: sustained rate. Joins and requests of spectators have the same rate of their own. 0 switches it off.",
		unit: "1/s",
	}),
	actionsBurst: integer({
		description: "Actions of players, and joins and requests of spectators, in one room: how many at once.",
		min: 1,
		max: MAX_RATE,
		default: 400,
	}),
	startRate: rate("Games that one user starts", { perSecond: 0.1, burst: 20 }),
	maxQueued: integer({
		description: "Requests that may wait for one room; beyond it they are refused.",
		min: 1,
		max: 1_000_000,
		default: 1000,
	}),
	maxUnpublished: integer({
		description: "Events of a room that may wait to be published; beyond it nothing happens in the room.",
		min: 1,
		max: 1_000_000,
		default: 1000,
	}),
	maxUnpublishedBytes: bytes({
		description: "The same in bytes: beyond it nothing happens in the room.",
		min: 1024,
		max: 64 * 1024 * 1024,
		default: 1_048_576,
	}),
	maxTotalUnpublishedBytes: bytes({
		description:
			"Bytes of events of all rooms of this process that may wait to be published; beyond it nothing happens in any.",
		min: 65_536,
		max: 16 * 1024 * 1024 * 1024,
		default: 67_108_864,
	}),
	maxRecordedActions: integer({
		description: "Actions recorded of one game; the record of a longer one is marked as truncated.",
		min: 0,
		max: 1_000_000,
		default: 10_000,
	}),
	maxRecordedBytes: bytes({
		description: "Bytes recorded of one game; the record of a longer one is marked as truncated.",
		min: 0,
		max: 64 * 1024 * 1024,
		default: 1_048_576,
	}),
	maxTotalRecordedBytes: bytes({
		description:
			"Bytes recorded of all running games of this process; beyond it their records are marked as truncated.",
		min: 0,
		max: 16 * 1024 * 1024 * 1024,
		default: 134_217_728,
	}),
	recordKeptMs: milliseconds({
		description: "How long the records of games are kept; statistics stay. 0: for ever.",
		min: 0,
		default: 0,
	}),
	reconnectGraceMs: milliseconds({
		description: "How long the place of a member without a connection is held.",
		min: 0,
		max: 3_600_000,
		default: 60_000,
	}),
	idleTimeoutMs: milliseconds({
		description: "A room in which nothing happened for this time is closed.",
		min: 1000,
		default: 1_800_000,
	}),
	leaseMs: milliseconds({
		description:
			"Lease of the process that owns a room; without renewal for this time another process takes the room over.",
		min: 300,
		max: 600_000,
		default: 6000,
	}),
	tickIntervalMs: milliseconds({
		description: "How often leases are renewed and deadlines are checked.",
		min: 10,
		max: 60_000,
		default: 1000,
	}),
	realtime: section({
		maxTickMs: integer({
			description:
				"Time that one tick of a game may take; a game that often takes longer gets fewer ticks, and is ended when that does not help.",
			unit: "ms",
			min: 1,
			max: 1000,
			default: 10,
		}),
		snapshotIntervalMs: milliseconds({
			description: "How often the state of a running game is saved; when its node dies, as much is lost.",
			min: 100,
			max: 60_000,
			default: 1000,
		}),
		maxSnapshotBytes: bytes({
			description: "State of a game with its players and timers, as JSON; a game whose state is longer is ended.",
			min: 1024,
			max: 1_048_576,
			default: 65_536,
		}),
		maxViewBytes: bytes({
			description: "What one player is sent of a state at a time; a game that would send more is ended.",
			min: 1024,
			max: 131_072,
			default: 32_768,
		}),
		inputRate: rate("Inputs of one player of a game in real time", { perSecond: 60, burst: 60 }),
		maxQueuedInputs: integer({
			description: "Inputs of one player that may wait for the next tick; beyond it they are refused.",
			min: 1,
			max: 1000,
			default: 32,
		}),
	}),
	forwardTimeoutMs: milliseconds({
		description: "Longest wait for the process that owns a room.",
		min: 100,
		max: 60_000,
		default: 3000,
	}),
});

export type GamesOptions = OptionsOf<typeof gamesSection>;

export const gamesDefaults: GamesOptions = defaultsOf(gamesSection);

/** Long enough for another process to find a room after its owner died, and to see its deadlines through. */
export function roomTtlMs({ idleTimeoutMs, reconnectGraceMs, leaseMs }: GamesOptions): number {
	return 2 * (idleTimeoutMs + reconnectGraceMs + leaseMs);
}
