// Processes whose clocks are hours apart: leases and mutes end by the clock of the database, which is one for all of them.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import { DeliveryStage, MemberAction } from "../../../protocol/gen/schema.ts";
import { NoticeRelay } from "../../../services/chat/notice-relay.ts";
import { chatDefaults } from "../../../services/chat/options.ts";
import { passDatabaseTime } from "../../support/database-time.ts";
import { handClock } from "../../support/hand-clock.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPooledPostgres } from "../../support/pgbouncer.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { dataDirectory } from "../../support/real-server.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";
import { type ChatFixture, chatFixture, draft } from "./fixture.ts";

interface Backend {
	readonly url: string;
	stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;

const backends: Record<string, () => Promise<Backend>> = {
	SQLite: async () => {
		const directory = dataDirectory("sqlite");
		const stop = async () => rmSync(directory, { recursive: true });
		return { url: `sqlite:${path.join(directory, "chat.db")}`, stop };
	},
	PostgreSQL: startPostgres,
	PgBouncer: startPooledPostgres,
	MariaDB: startMariadb,
};

for (const [name, start] of Object.entries(backends)) {
	describe(`chat on ${name}, by processes whose clocks are an hour off`, () => {
		let backend: Backend;
		const open: ChatFixture[] = [];
		const closings: (() => Promise<unknown>)[] = [];

		/** A process whose clock differs from that of the database. */
		const process = async (offMs: number) => {
			const fixture = await chatFixture({ url: backend.url, clock: handClock(Date.now() + offMs) });
			open.push(fixture);
			return fixture;
		};
		/** A process that commits a message, and is never answered by the broker: it died in between. */
		const deadAfterCommit = async (offMs: number, sender: Identity, roomId: string) => {
			const dead = await process(offMs);
			const begun = new Promise<void>((resolve) => {
				dead.publisher.pause = () => {
					resolve();
					return new Promise(() => {});
				};
			});
			void dead.services.messages.sendToRoom(sender, roomId, draft("left behind"));
			await begun;
			// Closing it would wait for the broker.
			open.splice(open.indexOf(dead), 1);
			closings.push(() => dead.database.close());
		};

		before(async () => {
			backend = await start();
		});
		afterEach(async () => {
			for (const fixture of open.splice(0)) await fixture.close();
			for (const close of closings.splice(0)) await close();
		});
		after(() => backend.stop());

		for (const [how, offMs] of [
			["ahead", HOUR_MS],
			["behind", -HOUR_MS],
		] as const) {
			test(`one that is ${how} and dies with a claim delays a conversation for the claim's time only`, async () => {
				const live = await process(0);
				const owner = await live.user(`owner-${how}`);
				const roomId = await live.room(owner);
				await deadAfterCommit(offMs, owner, roomId);
				const held = await live.services.messages.sendToRoom(owner, roomId, draft("second"));
				assert.equal(held.stage, DeliveryStage.PERSISTED, "the claim is valid");
				await live.services.messages.sweep();
				assert.deepEqual(live.publisher.sequences(`chat:${roomId}`), []);
				await live.pass(chatDefaults.relay.claimMs);
				await live.services.messages.sweep();
				await until(() => live.publisher.sequences(`chat:${roomId}`).length === 2);
				assert.deepEqual(live.publisher.sequences(`chat:${roomId}`), [1, 2]);
			});

			test(`one that is ${how} does not take a valid claim, neither by a commit nor by its sweep`, async () => {
				const other = await process(offMs);
				const owner = await other.user(`holder-${how}`);
				const roomId = await other.room(owner);
				await deadAfterCommit(0, owner, roomId);
				const sent = await other.services.messages.sendToRoom(owner, roomId, draft("second"));
				assert.equal(sent.stage, DeliveryStage.PERSISTED);
				await other.services.messages.sweep();
				assert.deepEqual(other.publisher.sequences(`chat:${roomId}`), []);
				await passDatabaseTime(other.database, chatDefaults.relay.claimMs);
				await other.services.messages.sweep();
				await until(() => other.publisher.sequences(`chat:${roomId}`).length === 2);
			});

			test(`notices that one that is ${how} has claimed are published when the claim ends, not before`, async () => {
				const live = await process(0);
				const owner = await live.user(`notice-${how}`);
				live.publisher.isDown = true;
				const roomId = await live.room(owner);
				await live.pass(chatDefaults.outbox.claimMs);
				let begun = () => {};
				const hasBegun = new Promise<void>((resolve) => {
					begun = resolve;
				});
				const { outbox } = live.stores;
				const logger = live.logger;
				const never = () => {
					begun();
					return new Promise<void>(() => {});
				};
				const dead = new NoticeRelay({ outbox, clock: handClock(Date.now() + offMs), logger }, never, {
					flushTimeoutMs: 1,
				});
				await dead.flush(roomId);
				await hasBegun;
				const published: string[] = [];
				const publish = async (conversationId: string) => void published.push(conversationId);
				const rivals = [0, HOUR_MS, -HOUR_MS].map(
					(rivalMs) => new NoticeRelay({ outbox, clock: handClock(Date.now() + rivalMs), logger }, publish),
				);
				for (const rival of rivals) await rival.sweep();
				assert.deepEqual(published, []);
				await passDatabaseTime(live.database, chatDefaults.outbox.claimMs);
				for (const rival of rivals) await rival.sweep();
				assert.deepEqual(published, [roomId]);
				for (const rival of rivals) await rival.close();
			});

			test(`a member that one muted is muted for one that is ${how}, until the mute ends`, async () => {
				const [here, other] = [await process(0), await process(offMs)];
				const [owner, member] = [await here.user(`mutes-${how}`), await here.user(`muted-${how}`)];
				const roomId = await here.room(owner, member);
				const mute = { roomId, action: MemberAction.MUTE, userId: member.userId, muteMs: 60_000 };
				for (const [from, to] of [
					[here, other],
					[other, here],
				] as const) {
					await from.services.rooms.act(owner, mute);
					const refused = await rejectionOf(to.services.messages.sendToRoom(member, roomId, draft("x")));
					const { message, retryAfterMs } = refused as { message: string; retryAfterMs: number };
					assert.equal(message, "muted in this room");
					assert.ok(retryAfterMs > 0 && retryAfterMs <= 60_000, `${retryAfterMs} ms`);
					await passDatabaseTime(here.database, 60_000);
					await to.services.messages.sendToRoom(member, roomId, draft("x"));
				}
			});
		}
	});
}
