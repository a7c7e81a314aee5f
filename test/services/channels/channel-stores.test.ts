// One contract for the stores of application channels, in memory and on a real Redis: what backends granted, and who is present.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ChannelPresenceStore } from "../../../services/channels/channel-presence-store.ts";
import { MemoryChannelPresenceStore } from "../../../services/channels/channel-presence-store-memory.ts";
import { RedisChannelPresenceStore } from "../../../services/channels/channel-presence-store-redis.ts";
import type { ChannelGrantStore } from "../../../services/channels/grant-store.ts";
import { MemoryChannelGrantStore } from "../../../services/channels/grant-store-memory.ts";
import { RedisChannelGrantStore } from "../../../services/channels/grant-store-redis.ts";
import { openRedis } from "../../../stores/redis/connection.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";

interface Stores {
	readonly presence: ChannelPresenceStore;
	/** With leases that have ended as soon as they were given. */
	readonly brief: ChannelPresenceStore;
	readonly grants: ChannelGrantStore;
	stop(): Promise<void>;
}

const LONG = { leaseMs: 60_000, maxUsers: 3 };

const backends: Readonly<Record<string, () => Promise<Stores>>> = {
	memory: async () => {
		const presence = new MemoryChannelPresenceStore(LONG, Date.now);
		const grants = new MemoryChannelGrantStore(() => performance.now());
		return { presence, brief: shortened(presence), grants, stop: async () => {} };
	},
	Redis: async () => {
		const server = await startRedis();
		const redis = openRedis({ url: server.url, keyPrefix: "t:" }, quietLogger());
		await until(() => redis.isReady);
		return {
			presence: new RedisChannelPresenceStore(redis, LONG),
			brief: new RedisChannelPresenceStore(redis, { ...LONG, leaseMs: 1 }),
			grants: new RedisChannelGrantStore(redis),
			stop: async () => {
				await redis.close();
				await server.stop();
			},
		};
	},
};

/** The same channels, with a lease of a millisecond. */
function shortened(store: MemoryChannelPresenceStore): ChannelPresenceStore {
	return Object.assign(Object.create(store) as MemoryChannelPresenceStore, { options: { ...LONG, leaseMs: 1 } });
}

for (const [name, start] of Object.entries(backends)) {
	describe(`stores of application channels: ${name}`, () => {
		let stores: Stores;
		let number = 0;
		const fresh = () => `lobby:${number++}`;
		before(async () => {
			stores = await start();
		});
		after(() => stores.stop());

		const usersOf = async (channel: string) => {
			const { users, count } = await stores.presence.list(channel, "", 100);
			assert.equal(count, users.length);
			return users.map(({ userId }) => userId).sort();
		};

		it("a user joins with the first process and leaves with the last", async () => {
			const channel = fresh();
			const { presence } = stores;
			assert.deepEqual(await presence.join(channel, "ada", "n1"), { result: "joined", isKnown: false });
			assert.deepEqual(await presence.join(channel, "ada", "n1"), { result: "present", isKnown: true });
			assert.deepEqual(await presence.join(channel, "ada", "n2"), { result: "present", isKnown: false });
			assert.deepEqual(await presence.join(channel, "bob", "n2"), { result: "joined", isKnown: true });
			assert.deepEqual(await usersOf(channel), ["ada", "bob"]);
			assert.equal(await presence.leave(channel, "ada", "n1"), false);
			assert.equal(await presence.leave(channel, "ada", "n1"), false, "it was not there any more");
			assert.equal(await presence.leave(channel, "ada", "n2"), true);
			assert.deepEqual(await usersOf(channel), ["bob"]);
			assert.equal(await presence.leave(channel, "bob", "n2"), true);
			assert.deepEqual(await usersOf(channel), []);
			assert.deepEqual(await presence.renew(channel, "n2"), { isKnown: false, gone: [] });
		});

		it("a channel with too many users takes no further one", async () => {
			const channel = fresh();
			for (const user of ["a", "b", "c"]) await stores.presence.join(channel, user, "n1");
			assert.equal((await stores.presence.join(channel, "d", "n1")).result, "full");
			assert.equal((await stores.presence.join(channel, "a", "n2")).result, "present");
			assert.deepEqual(await usersOf(channel), ["a", "b", "c"]);
		});

		it("users of a process whose lease has ended are removed by another one, once", async () => {
			const channel = fresh();
			const { presence, brief } = stores;
			await presence.join(channel, "ada", "living");
			await brief.join(channel, "ada", "dead");
			await brief.join(channel, "bob", "dead");
			// The lease of the living process is renewed; by then that of the other has ended.
			let gone: readonly string[] = [];
			await until(async () => {
				({ gone } = await presence.renew(channel, "living"));
				return gone.length > 0;
			});
			assert.deepEqual(gone, ["bob"]);
			assert.deepEqual(await presence.renew(channel, "living"), { isKnown: true, gone: [] });
			assert.deepEqual(await usersOf(channel), ["ada"]);
			assert.equal(await presence.leave(channel, "ada", "living"), true);
		});

		it("pages bring everybody", async () => {
			const channel = fresh();
			for (const user of ["a", "b", "c"]) await stores.presence.join(channel, user, "n1");
			const found = new Set<string>();
			let cursor = "";
			do {
				const page = await stores.presence.list(channel, cursor, 1);
				for (const { userId, sinceMs } of page.users) {
					found.add(userId);
					assert.ok(Math.abs(Date.now() - sinceMs) < 600_000);
				}
				cursor = page.nextCursor;
			} while (cursor !== "");
			assert.deepEqual([...found].sort(), ["a", "b", "c"]);
		});

		it("what a backend said of a user in a channel is kept for a time, the last of it", async () => {
			const { grants } = stores;
			const [one, other] = [fresh(), fresh()];
			await grants.set("ada", one, { isGranted: true, sinceMs: 5 }, 60_000);
			await grants.set("ada", one, { isGranted: false, sinceMs: 7 }, 60_000);
			await grants.set("bob", other, { isGranted: true, sinceMs: 9 }, 60_000);
			const queries = [
				{ userId: "ada", channel: one },
				{ userId: "ada", channel: other },
				{ userId: "bob", channel: other },
			];
			assert.deepEqual(await grants.get(queries), [
				{ isGranted: false, sinceMs: 7 },
				undefined,
				{ isGranted: true, sinceMs: 9 },
			]);
			await grants.set("bob", other, { isGranted: true, sinceMs: 9 }, 1);
			await until(async () => (await grants.get([{ userId: "bob", channel: other }]))[0] === undefined);
		});
	});
}
