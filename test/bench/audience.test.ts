// Members of rooms: against the controls of the bench, and against servers that lose, double or refuse messages.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { Audience } from "../../bench/load/audience.ts";
import type { DialectName } from "../../bench/load/dialects.ts";
import { merge } from "../../bench/load/histogram.ts";
import { BLANK_STAMP, clockUs, setStamp, stampIn, stampPlaces } from "../../bench/load/stamps.ts";
import { Waiting } from "../../bench/load/waiting.ts";
import { startControl } from "../../bench/servers/control.ts";

const texts: Record<DialectName, string> = {
	framegate: "",
	uws: `hello ${BLANK_STAMP} hello`,
	socketio: `42["m","${BLANK_STAMP} hello"]`,
};

interface Scope {
	after(task: () => unknown): void;
}

async function gathered(context: Scope, port: number, dialect: DialectName, rooms: readonly string[]) {
	const members = rooms.map((room) => ({ room }));
	const audience = new Audience({ kind: "connect", group: "g", port, dialect, members, window: 3 });
	context.after(() => audience.close());
	return { audience, opened: await audience.open() };
}

const load = (dialect: DialectName, publishers: readonly number[]) => {
	const messages = [Buffer.from(texts[dialect])];
	return { kind: "publish", group: "g", publishers, messages, perSecond: 400, seconds: 0.1 } as const;
};

test("a stamp is found again, whatever surrounds it", () => {
	const message = Buffer.from(`a@b ${BLANK_STAMP} c ${BLANK_STAMP}`);
	const places = stampPlaces(message);
	assert.deepEqual(places, [6, 27]);
	for (const place of places) setStamp(message, place, 1_234_567.4, [0, 0, 0, 0], 0);
	assert.equal(message.toString(), "a@b @@0000000001234567 c @@0000000001234567");
	assert.equal(stampIn(message, 0, message.length), 1_234_567);
	assert.equal(stampIn(message, 5, message.length), 1_234_567);
	assert.equal(stampIn(message, 30, message.length), -1);
	assert.ok(Math.abs(clockUs() - Number(process.hrtime.bigint()) / 1000) < 1_000_000);
});

for (const dialect of ["uws", "socketio"] as const) {
	test(`all members of a room receive what is published there, and no others do: ${dialect}`, async (context) => {
		const server = await startControl(dialect);
		const { audience, opened } = await gathered(context, server.port, dialect, ["1", "1", "1", "2"]);
		// Behind the members: see Connection.close. A run that does not get here ends its servers as it exits.
		context.after(() => server.stop());
		assert.deepEqual([opened.errors, opened.firstError], [0, ""]);
		const first = await audience.publish(load(dialect, [0, 2]));
		assert.deepEqual([first.sent, first.errors], [40, 0]);
		await received(audience, 120);
		audience.startCounting();
		await audience.publish(load(dialect, [3]));
		await received(audience, 40);
		const { histogram, sample, errors } = audience.received(true);
		assert.equal(merge([histogram]).totalCount, 40);
		assert.equal(sample.length, texts[dialect].length);
		assert.equal(errors, 0);
	});
}

/** Waits for so many deliveries. */
async function received(audience: Audience, count: number): Promise<void> {
	const waiting = new Waiting();
	const timer = setInterval(() => waiting.wake(), 2);
	await waiting.until(() => audience.received(false).delivered >= count, 60_000);
	clearInterval(timer);
	assert.equal(audience.received(false).delivered, count);
}

test("a connection that is lost and unexpected frames are errors", async (context) => {
	const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
	context.after(async () => {
		for (const socket of server.clients) socket.terminate();
		await new Promise((resolve) => server.close(resolve));
	});
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	server.on("connection", (socket: WebSocket) => socket.send("who are you"));
	const confused = await gathered(context, port, "uws", ["1"]);
	const waiting = new Waiting();
	const timer = setInterval(() => waiting.wake(), 2);
	await waiting.until(() => confused.audience.received(false).errors > 0, 60_000);
	clearInterval(timer);
	assert.match(confused.audience.received(false).firstError, /unexpected frame/);
	const refused = await gathered(context, 1, "uws", ["1"]);
	assert.match(refused.opened.firstError, /ECONNREFUSED/);
});
