// Sample frames of every route, every push and an error, which set every field there is. Run directly, this file
// writes golden.json again: do that only for a deliberate change of the wire format.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AnyMessageType } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import {
	authRoutes,
	type ConnectResponseProperties,
	ErrorCode,
	type ForgotPasswordRequestProperties,
	type LoginRequestProperties,
	type NotificationProperties,
	pushContracts,
	pushes,
	type RegisterRequestProperties,
	routeContracts,
	type SessionInfoProperties,
	SessionRevoked_Reason,
	type TokenPairProperties,
	type UserProperties,
} from "../../protocol/gen/schema.ts";

import { sampleOf, variantsOf } from "./sample.ts";

export const goldenPath = fileURLToPath(new URL("golden.json", import.meta.url));

const traceId = "0af7651916cd43dd8448eb211c80319c";
const timeMs = 1_754_530_782_000;

const user = {
	id: "0198f0a2-7c31-7d6e-8a55-2f1e9c0b7a11",
	username: "ada",
	nickname: "Ada L.",
	email: "ada@example.org",
	roles: ["user", "engineer"],
	createdAtMs: timeMs,
	// A map that did not come is read as an empty one.
	metadata: {},
} satisfies UserProperties;

const tokens = {
	accessToken: "access.token.value",
	accessExpiresAtMs: timeMs + 900_000,
	refreshToken: "refresh.token.value",
	refreshExpiresAtMs: timeMs + 2_592_000_000,
} satisfies TokenPairProperties;

const session = {
	sessionId: "s-1",
	nodeId: "node-1",
	serverTimeMs: timeMs,
	heartbeatIntervalMs: 30_000,
	maxMessageBytes: 65_536,
	permissions: ["edge.read", "edge.write"],
	maxSentMessageBytes: 524_288,
	expiresAtMs: timeMs + 900_000,
} satisfies SessionInfoProperties;

const position = { channel: "room:7", offset: Number.MAX_SAFE_INTEGER, epoch: "e1" };

/** One frame of the wire: whose body it carries, and its bytes. */
export interface GoldenFrame {
	readonly type: AnyMessageType;
	readonly message: object;
	readonly bytes: Uint8Array;
}

/** The sample frames by name, as this version of the code writes them. */
export function goldenFrames(): Map<string, GoldenFrame> {
	const frames = new Map<string, GoldenFrame>();
	const writer = new EnvelopeWriter();
	const add = (name: string, type: AnyMessageType, message: object, bytes: Uint8Array): void => {
		frames.set(name, { type, message, bytes: new Uint8Array(bytes) });
	};
	for (const [name, request, reply] of exchanges()) {
		const contract = authRoutes[name];
		const { number } = contract;
		const key = frames.has(`${contract.name} request`) ? `${contract.name} (2)` : contract.name;
		const type: AnyMessageType = contract.request;
		add(`${key} request`, type, request, writer.request(number, 7, type, request, traceId));
		add(`${key} reply`, contract.reply, reply, writer.reply(number, 7, contract.reply as AnyMessageType, reply, ""));
	}
	for (const [name, message, place] of pushSamples()) {
		const { number, message: type } = pushes[name];
		add(`${name} push`, type, message, writer.push(number, type as AnyMessageType, message, place));
	}
	// Blocks whose samples nobody has written by hand.
	for (const { name, number, request, reply } of routeContracts.values()) {
		if (frames.has(`${name} request`)) continue;
		const [asked, answered] = [sampleOf(request.typeName), sampleOf(reply.typeName)];
		add(`${name} request`, request, asked, writer.request(number, 7, request, asked, traceId));
		for (let member = 1; member < variantsOf(request.typeName); member++) {
			const other = sampleOf(request.typeName, member);
			add(`${name} (${member + 1}) request`, request, other, writer.request(number, 7, request, other, traceId));
		}
		add(`${name} reply`, reply, answered, writer.reply(number, 7, reply, answered, ""));
	}
	for (const { name, number, message: type } of pushContracts.values()) {
		const key = `${name.charAt(0).toLowerCase()}${name.slice(1)} push`;
		if (frames.has(key)) continue;
		const message = sampleOf(type.typeName);
		add(key, type, message, writer.push(number, type, message, position));
	}
	const detail = {
		message: "2 fields break their rules",
		retryable: true,
		retryAfterMs: 1500,
		violations: [{ field: "positions[2].channel", description: "is required" }],
	};
	const refused = authRoutes.connect;
	const error = writer.error(refused.number, 7, ErrorCode.VALIDATION_FAILED, detail, traceId);
	// It has no body: what decodes is the empty message.
	add("error reply", refused.reply, { recoveries: [] }, error);
	return frames;
}

type RequestClient = [name: keyof typeof authRoutes, request: object, reply: object];

function exchanges(): RequestClient[] {
	const recovery = { ...position, recovered: true };
	const login = { username: "ada", password: "correct horse", deviceId: "d-1", deviceName: "Pixel 9, Android 16" };
	const register = { username: "ada", password: "correct horse", email: "ada@example.org", nickname: "Ada L." };
	const confirm = { account: "ada", code: "12345678", newPassword: "battery staple" };
	return [
		[
			"connect",
			{ accessToken: "access.token.value", positions: [position], deltaChannels: [position.channel] },
			{ session, user, recoveries: [recovery] } satisfies ConnectResponseProperties,
		],
		["login", login satisfies LoginRequestProperties, { tokens, session, user, positions: [position] }],
		["register", register satisfies RegisterRequestProperties, { user }],
		[
			"forgotPassword",
			{ requestCode: { account: "ada@example.org" } } satisfies ForgotPasswordRequestProperties,
			{ codeExpiresInMs: 600_000 },
		],
		["forgotPassword", { confirm } satisfies ForgotPasswordRequestProperties, { passwordChanged: true }],
		["refreshToken", { refreshToken: "refresh.token.value" }, { tokens }],
		["heartbeat", { clientTimeMs: timeMs }, { clientTimeMs: timeMs, serverTimeMs: timeMs + 5 }],
		["logout", { allSessions: true }, { sessionsEnded: 3 }],
		["getUserInfo", { userId: user.id }, { user }],
	];
}

function pushSamples(): [name: keyof typeof pushes, message: object, place?: typeof position][] {
	const notification = {
		id: "n-1",
		type: "maintenance",
		title: "Tonight",
		text: "A short pause at 02:00 – grüße",
		data: { url: "https://example.org" },
		createdAtMs: timeMs,
	} satisfies NotificationProperties;
	return [
		["sessionRevoked", { sessionId: "s-1", reason: SessionRevoked_Reason.TOKEN_REUSED }],
		["notification", notification, position],
		["reconnect", { delayMs: 2500, reason: "drain" }],
	];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const hex = [...goldenFrames()].map(([name, { bytes }]) => [name, Buffer.from(bytes).toString("hex")]);
	writeFileSync(goldenPath, `${JSON.stringify(Object.fromEntries(hex), null, "\t")}\n`);
}
