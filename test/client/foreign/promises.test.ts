// What protocol/README.md specifies about the transport and errors, tested from outside: by the `ws` package, which
// shares nothing with the gateway, against a real gateway process.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, suite, test } from "node:test";
import { type ClientOptions, WebSocket } from "ws";
import { CloseCode } from "../../../protocol/codes.ts";
import { Envelope, HeartbeatRequest, HeartbeatResponse } from "../../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";

type Frame = Buffer | Record<string, unknown>;
type JsonFrame = Record<string, unknown> & { body: Record<string, Record<string, unknown>> };

const MAX_MESSAGE_BYTES = 65_536;
const account = { username: "ada", password: "correct horse battery" };

/** A connection whose frames are taken one after the other: binary as bytes, text parsed. */
class Wire {
	readonly socket: WebSocket;
	private readonly frames: Frame[] = [];
	/** Resolves once the connection is closed, whenever that was. */
	readonly closed: Promise<{ code: number; reason: string }>;
	private wake: (() => void) | undefined;

	private constructor(socket: WebSocket) {
		this.socket = socket;
		socket.on("message", (data, isBinary) => {
			const bytes = data as Buffer;
			this.frames.push(isBinary ? bytes : (JSON.parse(bytes.toString()) as Record<string, unknown>));
			this.wake?.();
		});
		this.closed = new Promise((resolve) => {
			socket.on("close", (code, reason) => {
				resolve({ code, reason: reason.toString() });
				this.wake?.();
			});
		});
	}

	static async open(url: string, protocols: string[] = [], options: ClientOptions = {}): Promise<Wire> {
		const wire = new Wire(new WebSocket(url, protocols, options));
		await once(wire.socket, "open");
		return wire;
	}

	async next(): Promise<Frame> {
		while (this.frames.length === 0) {
			assert.notEqual(this.socket.readyState, WebSocket.CLOSED, "closed instead of an answer");
			await new Promise<void>((resolve) => {
				this.wake = resolve;
			});
		}
		return this.frames.shift() as Frame;
	}

	async json(request: object): Promise<JsonFrame> {
		this.socket.send(JSON.stringify(request));
		return (await this.next()) as JsonFrame;
	}

	async binary(request: Parameters<typeof Envelope.encode>[0]): Promise<Envelope> {
		this.socket.send(Envelope.encode(request).finish());
		const frame = await this.next();
		assert.ok(Buffer.isBuffer(frame), "a binary request is answered in binary");
		return Envelope.decode(frame);
	}
}

suite("the rules of the protocol page", () => {
	let gateway: GatewayProcess;
	let accessToken = "";
	const wires: Wire[] = [];

	before(async () => {
		gateway = await startGateway();
		const wire = await open();
		await wire.json({ protocol: 1002, seq: 1, body: account });
		const login = await wire.json({ protocol: 1001, seq: 2, body: account });
		accessToken = login.body["tokens"]?.["accessToken"] as string;
		assert.ok(accessToken, JSON.stringify(login));
	});

	after(async () => {
		for (const wire of wires) wire.socket.terminate();
		await gateway.kill9();
	});

	async function open(protocols: string[] = [], options: ClientOptions = {}, query = ""): Promise<Wire> {
		const wire = await Wire.open(gateway.url + query, protocols, options);
		wires.push(wire);
		return wire;
	}

	test("replies in the encoding of the last request", async () => {
		const wire = await open();
		const connect = await wire.json({ protocol: 1000, seq: 1, body: { access_token: accessToken } });
		assert.deepEqual([connect["protocol"], connect["seq"], connect["code"]], [1000, 1, undefined]);
		const body = HeartbeatRequest.encode({ clientTimeMs: 5 }).finish();
		const binary = await wire.binary({ protocol: 1005, seq: 2, body });
		assert.equal(HeartbeatResponse.decode(binary.body ?? new Uint8Array(0)).clientTimeMs, 5);
		const text = await wire.json({ protocol: 1005, seq: 3, body: { clientTimeMs: "7" } });
		assert.equal(text.body["clientTimeMs"], "7");
	});

	test("uses the sub-protocol's encoding before the client has sent a frame", async () => {
		for (const [protocols, isBinary] of [
			[[], true],
			[["framegate.v1"], true],
			[["framegate.v1.json"], false],
			[["something.else", "framegate.v1.json"], false],
		] as const) {
			const wire = await open([...protocols], {}, `?token=${accessToken}`);
			assert.equal(wire.socket.protocol, protocols.find((name) => name.startsWith("framegate")) ?? "");
			assert.equal(Buffer.isBuffer(await wire.next()), isBinary, protocols.join());
		}
	});

	test("a token at the upgrade is answered as Connect would be, with seq 0", async () => {
		const headers = { Authorization: `Bearer ${accessToken}` };
		for (const present of [
			() => open(["framegate.v1"], { headers }),
			() => open(["framegate.v1"], {}, `?token=${accessToken}`),
		]) {
			const wire = await present();
			const { protocol, seq, code } = Envelope.decode((await wire.next()) as Buffer);
			assert.deepEqual([protocol, seq ?? 0, code ?? 0], [1000, 0, 0]);
			assert.equal((await wire.binary({ protocol: 1005, seq: 1 })).code ?? 0, 0);
		}
	});

	test("a bad token at the upgrade is refused in-band", async () => {
		const wire = await open(["framegate.v1.json"], {}, "?token=nonsense");
		const reply = (await wire.next()) as JsonFrame;
		assert.deepEqual([reply["protocol"], reply["code"]], [1000, "ERROR_CODE_UNAUTHENTICATED"]);
		const login = await wire.json({ protocol: 1001, seq: 1, body: account });
		assert.equal(login["code"], undefined, "the connection can still log in");
	});

	test("unknown numbers, wrong bodies and broken rules get a reply, and the connection stays", async () => {
		const wire = await open();
		const unknown = await wire.binary({ protocol: 6999, seq: 1 });
		assert.equal(unknown.code, 5);
		const undecodable = await wire.binary({ protocol: 1001, seq: 2, body: Buffer.from([0x0a, 0xff]) });
		assert.equal(undecodable.code, 6);
		const invalid = await wire.binary({ protocol: 1001, seq: 3 });
		assert.deepEqual([invalid.code, invalid.error?.violations?.[0]?.field], [7, "username"]);
		const wrongType = await wire.json({ protocol: 1001, seq: 4, body: { username: ["ada"] } });
		assert.equal(wrongType["code"], "ERROR_CODE_BAD_REQUEST");
		assert.equal((await wire.binary({ protocol: 1005, seq: 5 })).code, 2);
	});

	test("a request with seq 0 gets no reply, not even an error", async () => {
		const wire = await open();
		for (const protocol of [1005, 6999]) wire.socket.send(Envelope.encode({ protocol }).finish());
		assert.equal((await wire.binary({ protocol: 1005, seq: 9 })).seq, 9);
	});

	test("a trace id is echoed", async () => {
		const wire = await open();
		const traceId = "0af7651916cd43dd8448eb211c80319c";
		assert.equal((await wire.binary({ protocol: 1005, seq: 1, traceId })).traceId, traceId);
		assert.equal((await wire.json({ protocol: 1005, seq: 2, trace_id: traceId }))["traceId"], traceId);
	});

	test("requests behind a Login are served as the session that it opens", async () => {
		const wire = await open(["framegate.v1.json"]);
		wire.socket.send(JSON.stringify({ protocol: 1001, seq: 1, body: account }));
		wire.socket.send(JSON.stringify({ protocol: 1007, seq: 2 }));
		const [login, info] = [(await wire.next()) as JsonFrame, (await wire.next()) as JsonFrame];
		assert.deepEqual([login["seq"], info["seq"], info["code"]], [1, 2, undefined]);
		assert.equal(info.body["user"]?.["username"], account.username);
	});

	test("a new connection receives nothing after RefreshToken, and all missed pushes after Connect", async () => {
		const device = { ...account, device_id: "that lost its connection" };
		const login = await (await open(["framegate.v1.json"])).json({ protocol: 1001, seq: 1, body: device });
		const { refreshToken } = login.body["tokens"] ?? {};
		const positions = login.body["positions"];
		const sender = await open(["framegate.v1.json"]);
		await sender.json({ protocol: 1002, seq: 1, body: { ...account, username: "bob" } });
		await sender.json({ protocol: 1001, seq: 2, body: { ...account, username: "bob" } });
		const userId = login.body["user"]?.["id"];
		const say = async (text: string) => {
			const body = { user_id: userId, client_msg_id: text, content: { kind: "MESSAGE_KIND_TEXT", text } };
			let sent = await sender.json({ protocol: 3007, seq: 3, body });
			// The sender's own inbox has it first.
			while (sent["seq"] !== 3) sent = (await sender.next()) as JsonFrame;
			assert.equal(sent.body["stage"], "DELIVERY_STAGE_DELIVERED", JSON.stringify(sent));
		};
		await say("missed");
		const wire = await open(["framegate.v1.json"]);
		const renewed = await wire.json({ protocol: 1004, seq: 1, body: { refresh_token: refreshToken } });
		await say("meanwhile");
		const access_token = renewed.body["tokens"]?.["accessToken"];
		wire.socket.send(JSON.stringify({ protocol: 1000, seq: 2, body: { access_token, positions } }));
		const frames = [await wire.next(), await wire.next(), await wire.next()] as JsonFrame[];
		const messages = frames.slice(0, 2).map(({ body }) => body["message"]?.["clientMsgId"]);
		assert.deepEqual(messages, ["missed", "meanwhile"]);
		const recoveries = frames[2]?.body["recoveries"] as unknown as { recovered: boolean }[];
		assert.deepEqual([frames[2]?.["protocol"], recoveries.map(({ recovered }) => recovered)], [1000, [true, true]]);
	});

	test("closes with BAD_FRAME after a frame that is no envelope or too large", async () => {
		const notEnvelope = await open();
		notEnvelope.socket.send(Buffer.from([0x22, 0xff]));
		assert.deepEqual(await notEnvelope.closed, { code: CloseCode.BAD_FRAME, reason: "bad frame: no envelope" });
		const notJson = await open();
		notJson.socket.send("hello");
		assert.equal((await notJson.closed).code, CloseCode.BAD_FRAME);
		const tooLarge = await open();
		tooLarge.socket.send(Buffer.alloc(MAX_MESSAGE_BYTES + 1));
		assert.equal((await tooLarge.closed).code, CloseCode.BAD_FRAME);
		const large = await open();
		// Field 100 is unknown and skipped: a message of exactly the limit is served.
		const filler = MAX_MESSAGE_BYTES - 10;
		const head = [
			0x08,
			0xed,
			0x07,
			0x10,
			0x01,
			0xa2,
			0x06,
			(filler & 127) | 128,
			((filler >> 7) & 127) | 128,
			filler >> 14,
		];
		large.socket.send(Buffer.concat([Buffer.from(head), Buffer.alloc(filler)]));
		assert.equal(Envelope.decode((await large.next()) as Buffer).seq, 1);
	});

	test("too many errors within a minute close with LIMIT, but only those made after the first could be read", async () => {
		const wire = await open();
		const wrong = (seq: number) => wire.socket.send(Envelope.encode({ protocol: 6999, seq }).finish());
		for (let seq = 1; seq <= 300; seq++) wrong(seq);
		for (let seq = 1; seq <= 300; seq++) assert.equal(Envelope.decode((await wire.next()) as Buffer).seq, seq);
		wire.socket.on("message", (data: Buffer) => wrong((Envelope.decode(data).seq ?? 0) + 1));
		wrong(301);
		assert.equal((await wire.closed).code, CloseCode.LIMIT);
	});

	test("logout ends the session on its other connections with SessionRevoked and a close", async () => {
		const login = await (await open(["framegate.v1.json"])).json({
			protocol: 1001,
			seq: 1,
			body: { ...account, deviceId: "d" },
		});
		const token = login.body["tokens"]?.["accessToken"] as string;
		const first = wires.at(-1) as Wire;
		const closed = first.closed;
		let second = first;
		for (let connections = 2; connections <= 9; connections++) {
			second = await open(["framegate.v1.json"]);
			assert.equal((await second.json({ protocol: 1000, seq: 1, body: { accessToken: token } }))["code"], undefined);
		}
		assert.deepEqual(await closed, { code: CloseCode.TAKEN_OVER, reason: "taken over" });
		const other = await open(["framegate.v1.json"]);
		await other.json({ protocol: 1001, seq: 1, body: account });
		await other.json({ protocol: 1006, seq: 2, body: { allSessions: true } });
		assert.equal((await other.json({ protocol: 1001, seq: 3, body: account }))["code"], undefined);
		const revoked = (await second.next()) as JsonFrame;
		assert.deepEqual([revoked["protocol"], revoked["seq"]], [1501, undefined]);
		assert.equal((revoked["body"] as Record<string, unknown>)["reason"], "REASON_LOGGED_OUT");
		assert.equal((await second.closed).code, CloseCode.REVOKED);
	});

	test("a stopping node sends Reconnect, then closes with DRAIN", async () => {
		const node = await startGateway({ env: { FRAMEGATE_LIMITS_DRAIN_WINDOW_MS: "200" } });
		const wire = await Wire.open(node.url, ["framegate.v1.json"]);
		await wire.json({ protocol: 1002, seq: 1, body: account });
		await wire.json({ protocol: 1001, seq: 2, body: account });
		const exit = node.stop();
		const push = (await wire.next()) as JsonFrame;
		assert.equal(push["protocol"], 1503);
		assert.equal((await wire.closed).code, CloseCode.DRAIN);
		assert.deepEqual(await exit, { code: 0, signal: null });
	});
});
