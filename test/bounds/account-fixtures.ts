// Accounts, their sessions and identities, as large as they may be.
import type { PageFill } from "../../common/page-fill.ts";
import { identity } from "./handler-answer.ts";
import { control, HUGE, many, quotes, uuid, wide } from "./worst-values.ts";

export const user = {
	...{ id: uuid(0), username: wide(32), nickname: wide(64), email: wide(254), createdAtMs: HUGE },
	roles: many(20, () => wide(32)),
	...{
		avatarUrl: quotes(1024),
		metadata: { key: quotes(4090) },
		status: "active",
		updatedAtMs: HUGE,
		version: 2 ** 31,
	},
};
const session = (index: number) => ({
	...{
		id: uuid(index),
		userId: uuid(0),
		deviceId: wide(128),
		deviceName: wide(128),
		ip: "f".repeat(45),
		generation: 1,
	},
	...{ createdAtMs: HUGE, lastSeenAtMs: HUGE, expiresAtMs: HUGE, rotatedAtMs: HUGE },
});
const issued = {
	accessToken: control(8192),
	accessExpiresAtMs: HUGE,
	refreshToken: control(8192),
	refreshExpiresAtMs: HUGE,
};
export const accounts = {
	credentials: { resume: async () => ({ identity, profile: { ...user, registeredAtMs: HUGE } }) },
	sessions: {
		refresh: async () => ({ identity, tokens: issued }),
		logout: async () => 1e9,
	},
	accounts: {
		login: async () => ({ user, identity, tokens: issued }),
		register: async () => user,
		getUser: async () => ({ user, isFull: true }),
		find: async ({ limit }: { limit: number }) => ({
			users: many(limit, (index) => ({ ...user, id: uuid(index) })),
			nextCursor: uuid(0),
		}),
		reset: { requestCode: async () => 1e9 },
	},
	clock: { now: () => HUGE },
	settings: { nodeId: wide(128), heartbeatIntervalMs: 1e9, maxMessageBytes: 1e9 },
	hooks: {},
};
/** An issuer says what it likes about its users; its own name is the operator's. */
const identities = many(10, () => ({ kind: "issuer", issuer: wide(2048), subject: control(255), createdAtMs: HUGE }));
export const guests = {
	...accounts,
	guests: {
		login: async () => ({ user, identity, tokens: issued, isCreated: true }),
		joinNew: async () => ({ user, identity, tokens: issued }),
		joinIssuer: async () => ({ user, identity, tokens: issued }),
		identitiesOf: async () => identities,
	},
	revocation: { revoke: async () => 1e9 },
};
export const newAccount = { username: "ada", password: "p", email: "", nickname: "" };
export const management = {
	users: {
		...{ update: async () => user, setRoles: async () => user, setStatus: async () => user, create: async () => user },
		...{ readable: async () => user, sessionsOf: async () => many(1000, session) },
	},
	exports: {
		fill: async (_id: string, _cursor: string, filled: PageFill<object>) => {
			// As large as the content of a message.
			for (
				let index = 0;
				filled.take({ kind: "chat.message", data: { text: control(10_000), custom: "A".repeat(43_700), index } });
				index++
			);
			return { nextCursor: quotes(512) };
		},
	},
};
