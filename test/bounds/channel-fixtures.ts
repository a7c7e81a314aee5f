// Application channels that answer with as much as they may.
import { HUGE, many, uuid } from "./worst-values.ts";

/** Application channels as full as they may be, and with as many users and names as a page may have. */
export const channels = {
	terms: async () => ({ grant: { expiresAtMs: HUGE }, deltas: true, joins: `joins:${"c".repeat(190)}` }),
	checkMayRead: async () => {},
	history: async () => ({
		publications: many(1000, () => ({
			offset: HUGE,
			publication: {
				...{ data: new Uint8Array(65_536), delta: true, publisherId: uuid(0) },
				...{ publishedAtMs: HUGE, publicationId: "p".repeat(64) },
			},
		})),
		top: { offset: HUGE, epoch: "e".repeat(64) },
		isComplete: true,
	}),
	presence: async () => ({
		users: many(1500, () => ({ userId: uuid(0), sinceMs: HUGE })),
		count: 4e9,
		nextCursor: "9".repeat(20),
	}),
	list: async () => ({ channels: many(1000, () => "c".repeat(190)), nextCursor: "c".repeat(190) }),
};
