// Rows of messages: each is sent as a client of the older system sends it, and gets the reply that its row names.
import assert from "node:assert/strict";
import { once } from "node:events";
import WebSocket from "ws";
import { ErrorCode } from "../../../protocol/codes.ts";
import { EnvelopeWriter } from "../../../protocol/envelope.ts";
import { authRoutes, Envelope, pushContracts, routeContracts } from "../../../protocol/gen/schema.ts";
import { get, post } from "../../support/http-client.ts";
import { call, expectAnswer } from "./endpoints.ts";
import type { Row } from "./rows.ts";
import type { Subject } from "./subject.ts";

type Message = Readonly<Record<string, unknown>>;

/** A front end that was written for JSON messages with a `type`. */
async function talk(
	{ gateway, login }: Subject,
	message: Message,
	until: string,
	then: () => Promise<unknown> = async () => {},
): Promise<void> {
	const socket = new WebSocket(`${gateway.url}?token=${login.accessToken}`, { origin: "http://front.example" });
	const seen: unknown[] = [];
	try {
		const found = new Promise<void>((resolve, reject) => {
			socket.on("error", reject);
			socket.on("close", () => reject(new Error(`closed before ${until}; came: ${seen.join(", ")}`)));
			socket.on("message", (data: Buffer) => {
				const { type } = JSON.parse(data.toString()) as { type?: string };
				seen.push(type);
				if (type === until) resolve();
			});
		});
		await once(socket, "open");
		socket.send(JSON.stringify(message));
		await then();
		await found;
	} finally {
		socket.removeAllListeners("close");
		socket.terminate();
	}
}

const subscribe = {
	type: "subscribe",
	id: "sub_001",
	timestamp: "2024-01-01T00:00:00Z",
	data: { channels: [1001, 1002], data_types: ["T", "S"], interval: 10_000 },
};
const unsubscribe = { type: "unsubscribe", id: "unsub_001", data: { channels: [1001] } };
const control = {
	type: "control",
	id: "ctrl_001",
	data: { channel_id: 1001, point_id: 100, data_type: "C", value: 1 },
};
const ping = { type: "ping", id: "ping_001", timestamp: "2024-01-01T00:00:00Z", data: {} };
const sendMessage = {
	type: "send-message",
	message_id: "msg123",
	data: { conversation_id: "conv123", message_type: 1, content: "Hello World!", client_msg_id: "client123" },
	timestamp: 1_634_567_890,
};

/** To a new user; the sender's own devices get it as well. */
async function messageToUser({ register }: Subject): Promise<Message> {
	const { conversation_id: _, ...data } = sendMessage.data;
	return { ...sendMessage, data: { ...data, target_user_id: await register(`receiver${++receivers}`) } };
}

let receivers = 0;

/** What brings a message of the table about. */
const typed: Readonly<Record<string, Message | ((subject: Subject) => Promise<Message>)>> = {
	subscribe,
	unsubscribe,
	control,
	ping,
	data_batch: subscribe,
	subscribe_ack: subscribe,
	control_ack: control,
	pong: ping,
	alarm: ping,
	"send-message": messageToUser,
	"new-message": messageToUser,
	"an unknown type": { ...sendMessage, type: "fly" },
};

/** An operator acknowledges one, which is an event as the first alarm is. */
async function acknowledgeAlarm({ at, login: { accessToken } }: Subject): Promise<void> {
	const { body } = await get(at("/api/v1/alarms?status=ACTIVE&limit=1"), accessToken);
	const [alarm] = body.alarms as readonly { alarm_id: string; box: string }[];
	assert.ok(alarm, "the plant has no active alarm");
	const { status } = await post(at(`/api/v1/alarms/${encodeURIComponent(alarm.alarm_id)}/ack`), {}, accessToken);
	assert.equal(status, 200);
}

const hello = (body: object) => ({ path: "/template/sync_hello", content: { body } });
/** Calls over HTTP, by what the older documentation says of their answers. */
const answered: Readonly<Record<string, (subject: Subject) => ReturnType<typeof call>>> = {
	"answer of a function": (subject) => call(subject, "POST", "", hello({ name: "Ada" })),
	"answer with an error": (subject) => call(subject, "POST", "", hello({ name: 7 })),
	"parameter that the function has not": (subject) => call(subject, "POST", "", hello({ nme: "Ada" })),
	"parameter of another type": (subject) => call(subject, "POST", "", hello({ name: 7 })),
	"required parameter that is missing": (subject) => {
		const content = { token: subject.login.accessToken, body: {} };
		return call(subject, "POST", "/chat/createChatRoom", { content });
	},
	MISSING_ADMIN_TOKEN: (subject) => call(subject, "GET", "/api/reload", {}),
	INVALID_ADMIN_TOKEN: (subject) => call(subject, "GET", "/api/reload?token=your-admin-token", {}),
};

/** An empty request of a protocol number is answered by its route, which may refuse it, and not as an unknown one. */
async function checkNumber(number: number, name: string, { gateway }: Subject): Promise<void> {
	assert.equal(routeContracts.get(number)?.name, name);
	const socket = new WebSocket(gateway.url, ["framegate.v1"]);
	await once(socket, "open");
	socket.send(new EnvelopeWriter().request(number, 1, authRoutes.heartbeat.request, {}, ""));
	const [data] = (await once(socket, "message")) as [Buffer];
	socket.terminate();
	const reply = Envelope.decode(data);
	assert.deepEqual([reply.protocol, reply.seq], [number, 1]);
	assert.notEqual(reply.code, ErrorCode.UNKNOWN_PROTOCOL);
}

export async function checkMessage(row: Row, subject: Subject): Promise<void> {
	if (/^\d+$/.test(row.older)) return checkNumber(Number(row.older), row.here, subject);
	const known = typed[row.older];
	if (known !== undefined) {
		const message = typeof known === "function" ? await known(subject) : known;
		return talk(subject, message, row.here, row.older === "alarm" ? () => acknowledgeAlarm(subject) : undefined);
	}
	const answer = answered[row.older];
	if (answer !== undefined) {
		const { status, body } = await answer(subject);
		expectAnswer(row, status, body);
		if (/^[A-Z_]+$/.test(row.older)) assert.equal(body.code, row.older);
		return;
	}
	if (row.claim === "not here") return;
	// Called something else: a route or a push of the protocol.
	const routes = [...routeContracts.values()].map(({ name }) => name);
	const names = [...routes, ...[...pushContracts.values()].map(({ message }) => message.typeName.split(".").at(-1))];
	assert.ok(row.code.here.length > 0, "names no message of this gateway");
	for (const name of row.code.here) assert.ok(names.includes(name), `there is no ${name}`);
}
