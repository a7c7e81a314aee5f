// Chat of the client against a real gateway, after the tests against a scripted one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Client, type ClientOptions, createClient, DeliveryStage, ErrorCode, pushes } from "../../client/index.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { network } from "./network.ts";

let gateway: GatewayProcess;
const clients: Client[] = [];
const PASSWORD = "correct horse battery";

before(async () => {
	gateway = await startGateway();
});

after(async () => {
	for (const client of clients) client.close();
	await gateway.stop();
});

async function member(username: string, options: Partial<ClientOptions> = {}): Promise<Client> {
	const client = createClient({ url: gateway.url, backoff: { minMs: 5, maxMs: 20 }, ...options });
	clients.push(client);
	await client.connect();
	await client.auth.register({ username, password: PASSWORD });
	await client.login({ username, password: PASSWORD });
	return client;
}

async function room(owner: Client, ...others: Client[]): Promise<string> {
	const { room: made } = await owner.chat.createRoom({ name: "tea", isPublic: true });
	const roomId = made?.id ?? "";
	for (const other of others) await other.chat.joinRoom({ roomId });
	return roomId;
}

/** Collects the texts of a conversation's messages; `until` resolves when the text has come. */
function texts(client: Client, conversationId: string) {
	const received: string[] = [];
	const waiting = new Map<string, () => void>();
	client.chat.on(conversationId, pushes.messagePosted, ({ message }) => {
		const text = message?.content?.text ?? "";
		received.push(text);
		waiting.get(text)?.();
	});
	const until = (text: string): Promise<void> =>
		received.includes(text) ? Promise.resolve() : new Promise((resolve) => waiting.set(text, resolve));
	return { received, until };
}

test("members receive each other's messages once, in one order", async () => {
	const [ann, bob] = [await member("ann"), await member("bob")];
	const roomId = await room(ann, bob);
	const [byAnn, byBob] = [texts(ann, roomId), texts(bob, roomId)];
	const sent = await Promise.all(["a1", "a2", "a3"].map((text) => ann.chat.send(roomId, text)));
	assert.deepEqual(
		sent.map(({ sequence }) => sequence),
		[1, 2, 3],
	);
	assert.equal(sent[0]?.stage, DeliveryStage.DELIVERED);
	await bob.chat.send(roomId, "b1");
	await Promise.all([byAnn.until("b1"), byBob.until("b1")]);
	assert.deepEqual(byAnn.received, ["a1", "a2", "a3", "b1"]);
	assert.deepEqual(byBob.received, byAnn.received);
	const again = await ann.chat.send(roomId, "once", { clientMsgId: "x1" });
	assert.equal((await ann.chat.send(roomId, "once", { clientMsgId: "x1" })).messageId, again.messageId);
});

test("messages posted while the connection was down arrive after it, in order, without duplicates", async () => {
	const wire = network();
	const [cat, dan] = [await member("cat"), await member("dan", { WebSocket: wire.WebSocket })];
	const roomId = await room(cat, dan);
	const { received, until } = texts(dan, roomId);
	await cat.chat.send(roomId, "before");
	await until("before");
	const down = new Promise<void>((resolve) => {
		dan.onState((state) => state === "backoff" && resolve());
	});
	const recovered = new Promise<boolean>((resolve) => {
		dan.chat.onRecovery(roomId, (recovery) => resolve(recovery.recovered));
	});
	wire.cut();
	await down;
	assert.equal(dan.channel(`chat:${roomId}`).state, "interrupted");
	for (const text of ["one", "two", "three"]) await cat.chat.send(roomId, text);
	wire.mend();
	assert.equal(await recovered, true);
	await cat.chat.send(roomId, "after");
	await until("after");
	assert.deepEqual(received, ["before", "one", "two", "three", "after"]);
});

test("the creator of a room without messages misses nothing either", async () => {
	const wire = network();
	const [eve, fay] = [await member("eve", { WebSocket: wire.WebSocket }), await member("fay")];
	const roomId = await room(eve);
	const { received, until } = texts(eve, roomId);
	wire.cut();
	await fay.chat.joinRoom({ roomId });
	await fay.chat.send(roomId, "first");
	wire.mend();
	await until("first");
	assert.deepEqual(received, ["first"]);
});

test("history reads both ways across pages; private messages, read marks and lists work", async () => {
	const [gus, hal] = [await member("gus"), await member("hal")];
	const roomId = await room(gus, hal);
	for (let i = 1; i <= 7; i++) await gus.chat.send(roomId, `m${i}`);
	const read = async (direction: "backward" | "forward"): Promise<string[]> => {
		const found: string[] = [];
		for await (const message of hal.chat.history(roomId, { direction, pageSize: 3 })) {
			found.push(message.content?.text ?? "");
		}
		return found;
	};
	const all = ["m1", "m2", "m3", "m4", "m5", "m6", "m7"];
	assert.deepEqual(await read("forward"), all);
	assert.deepEqual(await read("backward"), all.toReversed());
	const { conversationId = "" } = await gus.chat.sendPrivate(hal.user?.id ?? "", "psst");
	const unread = new Map<string, number>();
	for await (const { id, unread: count } of hal.chat.conversations()) unread.set(id ?? "", Number(count ?? 0));
	assert.deepEqual([unread.get(roomId), unread.get(conversationId)], [7, 1]);
	assert.equal(Number((await hal.chat.markRead({ conversationId: roomId, sequence: 5 })).unread ?? 0), 2);
	const names: string[] = [];
	for await (const one of hal.chat.members({ roomId })) names.push(one.username ?? "");
	assert.deepEqual(names.sort(), ["gus", "hal"]);
});

test("users who are no members can neither send nor read", async () => {
	const [ida, jim] = [await member("ida"), await member("jim")];
	const roomId = await room(ida);
	const refused = { code: ErrorCode.PERMISSION_DENIED };
	await assert.rejects(jim.chat.send(roomId, "hello"), refused);
	await assert.rejects(jim.chat.history(roomId).next(), refused);
});
