// Notifications: templates, one user, many and all online, the list and its read marks; and the server-side API.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { pushes } from "../../../protocol/gen/schema.ts";
import { Notifications } from "../../../services/notifications/notifications.ts";
import { SqlNotificationStore } from "../../../services/notifications/store/notification-store-sql.ts";
import { render } from "../../../services/notifications/templates.ts";
import { ServerApi } from "../../../services/server/server-api.ts";
import { type ChatFixture, chatFixture, draft, range, wholeHistory } from "../chat/fixture.ts";

const templates = { "level.up": { title: "Level {level}", text: "{name} reached {level}" } };

function notifications(fixture: ChatFixture, options = {}) {
	const { presenceStore: presence, publisher, clock, logger } = fixture;
	const store = new SqlNotificationStore(fixture.database);
	return new Notifications({ store, presence, publisher, clock, logger }, { templates, ...options });
}

test("a template takes its variables; one without a value is named", () => {
	assert.equal(render("{{x} {a} {a}{b.c}", { a: "1", "b.c": "{a}" }), "{x} 1 1{a}");
	for (const variables of [{ a: "1" }, Object.create({ b: "inherited" }) as Record<string, string>]) {
		assert.throws(() => render("{a} {b}", { a: "1", ...variables }), {
			code: ErrorCode.VALIDATION_FAILED,
			violations: [{ field: "variables.b", description: "has no value" }],
		});
	}
	assert.throws(() => render("{a}", { a: "x".repeat(10_001) }), { code: ErrorCode.VALIDATION_FAILED });
});

test("one user is notified, lists the notification, and marks it read", async () => {
	const fixture = await chatFixture();
	const service = notifications(fixture);
	const alice = await fixture.user("alice");
	for (const level of range(1, 5)) await service.send([alice.userId], "level.up", { name: "Al", level: `${level}` });
	const pushed = fixture.publisher.on(`events:${alice.userId}`, "Notification").map((entry) => entry.message);
	assert.deepEqual(
		pushed.map((entry) => entry.text),
		range(1, 5).map((level) => `Al reached ${level}`),
	);
	const first = await service.list(alice.userId, false, "", 3);
	const second = await service.list(alice.userId, false, first.nextCursor, 3);
	const listed = [...first.notifications, ...second.notifications];
	assert.deepEqual(
		listed.map((entry) => entry.id),
		pushed.map((entry) => entry.id).reverse(),
	);
	assert.deepEqual([first.unread, second.nextCursor], [5, ""]);
	const ids = [pushed[0].id, pushed[1].id];
	assert.equal(await service.markRead("somebody else", ids), 0);
	assert.equal(await service.markRead(alice.userId, ids), 2);
	assert.equal(await service.markRead(alice.userId, ids), 0);
	const unread = await service.list(alice.userId, true, "", 0);
	assert.deepEqual([unread.notifications.length, unread.unread], [3, 3]);
	assert.equal(await service.markRead(alice.userId, undefined), 3);
	await assert.rejects(service.list("bob", false, first.nextCursor, 3), { code: ErrorCode.VALIDATION_FAILED });
	await assert.rejects(service.send([alice.userId], "nothing", {}), { code: ErrorCode.VALIDATION_FAILED });
	fixture.clock.advance(91 * 86_400_000);
	assert.equal(await service.sweep(), 5);
	await fixture.close();
});

test("many users are notified in batches, each once; an outage of the broker loses nothing", async () => {
	const fixture = await chatFixture();
	const service = notifications(fixture, { batch: 10, concurrency: 4 });
	const ids = range(1, 35).map((n) => `u${n}`);
	assert.deepEqual(await service.send([...ids, ...ids], "level.up", { name: "x", level: "1" }), {
		stored: 35,
		pushed: 35,
	});
	fixture.publisher.isDown = true;
	assert.deepEqual(await service.send(ids, "level.up", { name: "x", level: "2" }), { stored: 35, pushed: 0 });
	assert.equal((await service.list("u35", false, "", 0)).notifications.length, 2);
	await fixture.close();
});

test("a sweep deletes all that is too old, however much came since the last one, and ends with its process", async () => {
	const fixture = await chatFixture();
	const service = notifications(fixture, { batch: 1000, concurrency: 1000 });
	const ids = range(1, 2500).map((n) => `u${n}`);
	await service.send(ids, "level.up", { name: "x", level: "1" });
	fixture.clock.advance(91 * 86_400_000);
	await service.send(["u1"], "level.up", { name: "x", level: "2" });
	assert.equal(await service.sweep(AbortSignal.abort()), 0);
	assert.equal(await service.sweep(), 2500);
	assert.equal((await service.list("u1", false, "", 0)).notifications.length, 1);
	await fixture.close();
});

test("all online users are notified, and nobody else", async () => {
	const fixture = await chatFixture();
	const { presence } = fixture.services;
	await presence.tick();
	for (const n of range(1, 12)) presence.onOnline(`u${n}`);
	await presence.settled();
	const sent = await notifications(fixture, { batch: 5 }).sendToOnline("level.up", { name: "x", level: "1" });
	assert.deepEqual(sent, { stored: 12, pushed: 12 });
	assert.equal(fixture.publisher.on("events:u12", "Notification").length, 1);
	assert.equal(fixture.publisher.on("events:u13", "Notification").length, 0);

	const ended: string[] = [];
	const api = new ServerApi({
		...{ publisher: fixture.publisher, presence, history: fixture.services.history },
		sessions: { revokeAll: async (userId, reason) => ended.push(`${userId} ${reason}`) },
	});
	const notice = { id: "1", title: "Maintenance" };
	assert.deepEqual(await api.broadcast(pushes.notification, notice), { reached: 12, failed: 0 });
	await api.unicast("u13", pushes.notification, notice);
	assert.equal(fixture.publisher.on("user:u13", "Notification").length, 1);
	fixture.publisher.isDown = true;
	assert.deepEqual(await api.broadcast(pushes.notification, notice), { reached: 0, failed: 12 });
	fixture.publisher.isDown = false;
	await api.disconnect("u1");
	assert.deepEqual(ended, ["u1 administrative"]);
	assert.deepEqual(
		(await api.presence(["u1", "u13"])).map((record) => record.isOnline),
		[true, false],
	);
	const owner = await fixture.user("owner");
	const room = await fixture.room(owner);
	await fixture.services.messages.sendToRoom(owner, room, draft("x"));
	assert.equal((await api.history(room, wholeHistory)).messages.length, 1);
	await fixture.close();
});
