// Hooks of modules at every point of a running gateway: what they see, change and refuse, and what becomes of calls when they fail.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import {
	applicationChannelRoutes,
	authRoutes,
	chatRoutes,
	gameRoutes,
	MessageKind,
	type MessagePosted,
	pushes,
} from "../../protocol/gen/schema.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { get, post } from "../support/http-client.ts";
import { until } from "../support/until.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

const ADMIN = "an-admin-token-of-a-test";
/** Writes down what each hook sees, and does what the names in an event ask for. */
const WATCH = `import { CallError, defineModule } from "framegate/module";
const see = (point, { context, log }, event) => log.info("hook", { point, event });
const refuse = (wish) => {
	if (wish.includes("refused")) throw new CallError("PERMISSION_DENIED", "not today", { field: "why" });
	if (wish.includes("broken")) throw new Error("broken hook");
	if (wish.includes("endless")) return new Promise(() => {});
};
export default defineModule({
	hooks: {
		connect: (event, call) => { see("connect", call, event); return refuse(event.deviceId); },
		disconnect: (event, call) => { see("disconnect", call, event); if (event.user.username === "broken1") throw new Error("after the end"); },
		subscribe: { run: (event, call) => { see("subscribe", call, event); return refuse(event.channel); } },
		login: { timeoutMs: 100, run: (event, call) => { see("login", call, event); return refuse(event.deviceId); } },
		register: { timeoutMs: 100, onFailure: "allow", run: (event, call) => { see("register", call, event); return refuse(event.nickname); } },
		beforeMessage: { order: 10, timeoutMs: 200, run: (event, call) => {
			see("beforeMessage", call, event);
			if (event.content.text === "bad content") return { kind: "nothing" };
			if (event.content.text === "empty it") return { kind: "text", text: " " };
			return refuse(event.content.text ?? "");
		} },
		afterMessage: (event, call) => see("afterMessage", call, event),
		room: (event, call) => see("room", call, event),
	},
});
`;
/** Comes first, whatever its name, and changes what the other one sees. */
const CENSOR = `import { defineModule } from "framegate/module";
export default defineModule({
	hooks: {
		beforeMessage: { order: -1, onFailure: "allow", run: ({ content }) => {
			if (content.text === "allowed failure") throw new Error("the censor is out");
			return content.kind === "text" ? { ...content, text: content.text.replaceAll("darn", "d**n") } : undefined;
		} },
	},
});
`;

describe("hooks of modules", () => {
	let dir: string;
	let gateway: GatewayProcess;
	let ann: WireClient;
	let bob: WireClient;
	const seen = (point: string) =>
		gateway
			.log()
			.split("\n")
			.filter((line) => line.includes(`"point":"${point}"`))
			.map((line) => JSON.parse(line) as { event: Record<string, unknown>; module: string; userId?: string });
	let numbers = 0;
	const send = (client: WireClient, text: string, extra: object = {}) => {
		const content = { kind: MessageKind.TEXT, text };
		return client.ask(chatRoutes.sendMessage, { roomId, clientMsgId: `m${numbers++}`, content, ...extra });
	};
	let roomId = "";

	before(async () => {
		dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
		writeFileSync(join(dir, "watch.ts"), WATCH);
		writeFileSync(join(dir, "zensor.ts"), CENSOR);
		const namespaces = JSON.stringify({ scores: { subscribe: ["session"] }, desk: { subscribe: ["own"] } });
		gateway = await startGateway({
			env: {
				...UNLIMITED,
				FRAMEGATE_MODULES_DIR: dir,
				FRAMEGATE_ADMIN_TOKENS: ADMIN,
				FRAMEGATE_LOG_LEVEL: "info",
				FRAMEGATE_APPLICATION_CHANNELS_NAMESPACES: namespaces,
			},
		});
		ann = (await WireClient.member(gateway.url, "ann")).client;
		bob = (await WireClient.member(gateway.url, "bob")).client;
		const created = await ann.ask(chatRoutes.createChatRoom, { name: "tea", isPublic: true });
		roomId = chatRoutes.createChatRoom.reply.decode(created.body ?? new Uint8Array()).room?.id ?? "";
		assert.notEqual(roomId, "", created.error?.message);
		assert.equal((await bob.ask(chatRoutes.joinChatRoom, { roomId })).code, ErrorCode.OK);
	});
	after(async () => {
		await gateway.kill9();
		rmSync(dir, { recursive: true });
	});

	it("refuse a login with their reason, before there is a session; what fails is UNAVAILABLE", async () => {
		const login = (deviceId: string) => ann.ask(authRoutes.login, { username: "bob", password: PASSWORD, deviceId });
		const refused = await login("refused");
		assert.deepEqual(
			[refused.code, refused.error?.message, refused.error?.violations?.[0]?.field],
			[ErrorCode.PERMISSION_DENIED, "not today", "why"],
		);
		for (const device of ["broken", "endless"]) {
			const failed = await login(device);
			assert.equal(failed.code, ErrorCode.UNAVAILABLE, device);
			assert.ok(Number(failed.error?.retryAfterMs) > 0);
		}
		const devices = () => seen("login").map(({ event }) => event["deviceId"]);
		await until(() => devices().includes("endless"));
		assert.deepEqual(devices().slice(-3), ["refused", "broken", "endless"]);
		await until(() => /"err":.*broken hook/.test(gateway.log()));
	});

	it("refuse a registration; one that fails open lets it pass", async () => {
		const register = (nickname: string) => {
			return bob.ask(authRoutes.register, { username: `new-${nickname}`, password: PASSWORD, nickname });
		};
		assert.equal((await register("refused")).code, ErrorCode.PERMISSION_DENIED);
		assert.equal((await register("broken")).code, ErrorCode.OK);
		assert.equal((await register("endless")).code, ErrorCode.OK);
		const [first] = seen("register");
		assert.deepEqual(Object.keys(first?.event ?? {}).sort(), ["email", "ip", "nickname", "username"]);
	});

	it("see connections come, refuse them, and see them go", async () => {
		const client = await WireClient.open(gateway.url);
		const login = await client.login("bob", "phone");
		const token = login.tokens?.accessToken ?? "";
		const second = await WireClient.open(gateway.url);
		assert.equal((await second.ask(authRoutes.connect, { accessToken: token })).code, ErrorCode.OK);
		await until(() => seen("connect").some(({ event }) => event["deviceId"] === "phone"));
		await second.close();
		await until(() => seen("disconnect").some(({ event }) => event["deviceId"] === "phone"));
		assert.equal((await client.ask(authRoutes.logout, {})).code, ErrorCode.OK);
		await until(() => seen("disconnect").filter(({ event }) => event["deviceId"] === "phone").length === 2);
		await client.close();
		assert.equal(seen("disconnect").filter(({ event }) => event["deviceId"] === "phone").length, 2, "once each");
		// A session from before the hook refuses its device.
		writeFileSync(
			join(dir, "watch.ts"),
			WATCH.replace(
				"refuse(event.deviceId); },\n\t\tdisconnect",
				'refuse(event.user.username + "-refused"); },\n\t\tdisconnect',
			),
		);
		await post(`${gateway.httpUrl}/api/reload`, { token: ADMIN });
		const again = await WireClient.member(gateway.url, "carl");
		const third = await WireClient.open(gateway.url);
		const refused = await third.ask(authRoutes.connect, { accessToken: again.login.tokens?.accessToken ?? "" });
		assert.deepEqual([refused.code, refused.error?.message], [ErrorCode.PERMISSION_DENIED, "not today"]);
		writeFileSync(join(dir, "watch.ts"), WATCH);
		await post(`${gateway.httpUrl}/api/reload`, { token: ADMIN });
		for (const one of [third, again.client]) await one.close();
	});

	it("refuse a subscription that the channel's own rules allow, and are not asked about others", async () => {
		const subscribe = (channel: string) => bob.ask(applicationChannelRoutes.subscribeChannel, { channel });
		assert.equal((await subscribe("scores:today")).code, ErrorCode.OK);
		const refused = await subscribe("scores:refused");
		assert.deepEqual([refused.code, refused.error?.message], [ErrorCode.PERMISSION_DENIED, "not today"]);
		assert.equal((await subscribe("desk:today")).code, ErrorCode.PERMISSION_DENIED);
		assert.equal(
			seen("subscribe").some(({ event }) => event["channel"] === "desk:today"),
			false,
		);
	});

	it("change a message, one after the other in their order, and see it when it is stored", async () => {
		const reply = await send(ann, "darn it, darn");
		assert.equal(reply.code, ErrorCode.OK, reply.error?.message);
		const posted = async () => {
			for (;;) {
				const push = await bob.push();
				if (push.protocol !== pushes.messagePosted.number) continue;
				const { message } = pushes.messagePosted.message.decode(push.body ?? new Uint8Array()) as MessagePosted;
				if (message?.content?.text?.includes("it")) return message;
			}
		};
		assert.equal((await posted()).content?.text, "d**n it, d**n");
		await until(() => seen("beforeMessage").length > 0);
		const before = seen("beforeMessage").at(-1)?.event;
		assert.deepEqual(
			[before?.["content"], before?.["conversationId"]],
			[{ kind: "text", text: "d**n it, d**n" }, roomId],
		);
		await until(() => seen("afterMessage").length > 0);
		const stored = seen("afterMessage").at(-1)?.event;
		assert.deepEqual(stored?.["content"], { kind: "text", text: "d**n it, d**n" });
	});

	it("know a repeat by what the client sent, whatever they made of it", async () => {
		const messages = () => seen("afterMessage").length;
		const first = await send(ann, "darn again", { clientMsgId: "same" });
		await until(() => messages() > 1);
		const count = messages();
		const again = await send(ann, "darn again", { clientMsgId: "same" });
		assert.deepEqual([first.code, again.code], [ErrorCode.OK, ErrorCode.OK]);
		const idOf = (body: Uint8Array | null | undefined) =>
			chatRoutes.sendMessage.reply.decode(body ?? new Uint8Array()).messageId;
		assert.equal(idOf(first.body), idOf(again.body));
		assert.equal((await send(ann, "darn other", { clientMsgId: "same" })).code, ErrorCode.CONFLICT);
		assert.equal(messages(), count, "a repeat is no further message");
	});

	it("refuse a message with their reason; a failure, or a content that is none, is UNAVAILABLE, and allowed where they say so", async () => {
		const refused = await send(ann, "refused");
		assert.deepEqual([refused.code, refused.error?.message], [ErrorCode.PERMISSION_DENIED, "not today"]);
		for (const text of ["broken", "endless", "bad content"]) {
			assert.equal((await send(ann, text)).code, ErrorCode.UNAVAILABLE, text);
		}
		const emptied = await send(ann, "empty it");
		assert.equal(emptied.code, ErrorCode.VALIDATION_FAILED, "what a hook returns is held to the rules of contents");
		assert.equal((await send(ann, "allowed failure")).code, ErrorCode.OK);
		const direct = await ann.ask(chatRoutes.sendPrivateMessage, {
			userId: "nobody",
			clientMsgId: "x1",
			content: { kind: MessageKind.TEXT, text: "refused" },
		});
		assert.equal(direct.code, ErrorCode.PERMISSION_DENIED, "also in a private conversation");
	});

	it("see what happens to rooms of chat and of games", async () => {
		const changes = (kind: string, id: string) =>
			seen("room").flatMap(({ event }) => (event["kind"] === kind && event["roomId"] === id ? [event["change"]] : []));
		assert.equal((await bob.ask(chatRoutes.leaveChatRoom, { roomId })).code, ErrorCode.OK);
		await until(() => changes("chat", roomId).includes("LEFT"));
		assert.deepEqual(changes("chat", roomId), ["CREATED", "JOINED", "LEFT"]);
		const created = await ann.ask(gameRoutes.createRoom, { name: "r", game: "relay" });
		assert.equal(created.code, ErrorCode.OK, created.error?.message);
		const gameRoom = gameRoutes.createRoom.reply.decode(created.body ?? new Uint8Array()).room?.id ?? "";
		assert.equal((await ann.ask(gameRoutes.leaveRoom, { roomId: gameRoom })).code, ErrorCode.OK);
		await until(() => changes("game", gameRoom).length > 0);
	});

	it("are counted by point and outcome, and are gone with their module", async () => {
		const metrics = (await get(`${gateway.httpUrl}/metrics`)).body as string;
		for (const outcome of ["passed", "refused", "failed"]) {
			assert.match(
				metrics,
				new RegExp(`framegate_module_hooks_total\\{point="beforeMessage",outcome="${outcome}"\\} [1-9]`),
			);
		}
		for (const file of ["watch.ts", "zensor.ts"]) rmSync(join(dir, file));
		await post(`${gateway.httpUrl}/api/reload`, { token: ADMIN });
		const count = seen("beforeMessage").length;
		assert.equal((await send(ann, "refused, darn")).code, ErrorCode.OK);
		assert.equal(seen("beforeMessage").length, count);
	});
});
