// Invalid credentials, and access to what belongs to others, beside clients: all of it gets error replies, is counted in
// the metrics, and refused credentials and permissions are logged.
import { type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { ErrorCode, replyCode } from "../../../protocol/codes.ts";
import { authRoutes, ConnectResponse, chatRoutes, MessageKind } from "../../../protocol/gen/schema.ts";
import type { GatewayProcess } from "../../../test/support/gateway.ts";
import { WireClient } from "../../../test/support/wire-client.ts";
import type { Clients } from "../clients.ts";
import { sumOf } from "../metrics.ts";
import type { Context, Scenario } from "../scenario.ts";
import { atLeast, atMost, evaluate, LOAD_STEPS, pause, underLoad } from "../under-load.ts";

const FROM = "127.3.0.1";
/** A node logs so many rejections a second, and counts the rest. */
const BETWEEN_MS = 60;
const { connect, refreshToken, logout } = authRoutes;

interface Try {
	readonly what: string;
	/** By the number of the reply code. */
	readonly expected: readonly ErrorCode[];
	readonly code: ErrorCode;
}

export const tokens: Scenario<"standalone"> = {
	name: "tokens",
	title: "forged credentials and other people's things",
	needs: { redis: "standalone", nodes: 2, env: { LOG_LEVEL: "info" } },
	steps: LOAD_STEPS,
	async run(context) {
		const { nodes } = context;
		const tries: Try[] = [];
		let counted = 0;
		const trial = await underLoad(context, async (clients) => {
			const before = await rejectionsOf(nodes);
			for (const [index, node] of nodes.entries()) tries.push(...(await steal(context, clients, node, index)));
			counted = (await rejectionsOf(nodes)) - before;
		});
		const wrong = tries.filter(({ code, expected }) => !expected.includes(code));
		const logged = nodes.reduce((sum, node) => sum + node.log().split('"msg":"request refused"').length - 1, 0);
		const toLog = [ErrorCode.UNAUTHENTICATED, ErrorCode.PERMISSION_DENIED] as ErrorCode[];
		const outcome = evaluate(
			context,
			trial,
			[
				atLeast("attempts", tries.length, 26),
				atMost("attempts that were not refused as they should be", wrong.length, 0),
				atLeast("of them counted in the metrics", counted, tries.length),
				atLeast("of them logged", logged, tries.filter(({ code }) => toLog.includes(code)).length),
				atMost("gaps within the window", trial.figures.gaps, 0),
			],
			{ attempts: tries.length, refused: tries.length - wrong.length, logged },
		);
		const examples = wrong.map(({ what, code }) => `${what}: ${replyCode(code).name}`);
		return { ...outcome, examples: [...outcome.examples, ...examples] };
	},
};

function rejectionsOf(nodes: readonly GatewayProcess[]): Promise<number> {
	const codes = ["UNAUTHENTICATED", "TOKEN_EXPIRED", "PERMISSION_DENIED", "NOT_FOUND"];
	return Promise.all(codes.map((code) => sumOf(nodes, "framegate_requests_total", { code }))).then((sums) =>
		sums.reduce((total, sum) => total + sum, 0),
	);
}

async function steal(context: Context, clients: Clients, node: GatewayProcess, index: number): Promise<Try[]> {
	const open = (): Promise<WireClient> => WireClient.open(node.url, { localAddress: FROM });
	const victim = await open();
	const thief = await open();
	const names = [`victim-${index}`, `thief-${index}`] as const;
	const password = "a long password";
	for (const username of names) await thief.ask(authRoutes.register, { username, password });
	const theirs = (await victim.login(names[0])).tokens;
	const own = await thief.login(names[1]);
	const access = theirs?.accessToken ?? "";
	const refresh = theirs?.refreshToken ?? "";
	const tries: Try[] = [];
	const { UNAUTHENTICATED, TOKEN_EXPIRED, PERMISSION_DENIED, NOT_FOUND } = ErrorCode;
	const record = (what: string, code: ErrorCode | undefined, ...expected: ErrorCode[]): Promise<void> => {
		tries.push({ what, code: code ?? ErrorCode.OK, expected });
		return pause(BETWEEN_MS);
	};
	const present = async (what: string, token: string, ...expected: ErrorCode[]): Promise<void> => {
		const client = await open();
		const { code } = await client.ask(connect, { accessToken: token });
		client.socket.close();
		await record(what, code, ...expected);
	};
	const forged = await forgeries(access, own.tokens?.accessToken ?? "", context.secret);
	for (const [what, token, code] of forged) await present(what, token, code);
	await present("a refresh token as an access token", refresh, UNAUTHENTICATED);
	await present("no token", "x", UNAUTHENTICATED);
	const { roomId } = clients.rooms[index]?.[0] ?? { roomId: "" };
	const refused = [PERMISSION_DENIED, NOT_FOUND] as const;
	await record("history of others", (await thief.ask(chatRoutes.getHistory, { roomId })).code, ...refused);
	const content = { kind: MessageKind.TEXT, text: "from outside" };
	const message = { roomId, clientMsgId: "1", content };
	await record("a message to others", (await thief.ask(chatRoutes.sendMessage, message)).code, ...refused);
	await record("members of others", (await thief.ask(chatRoutes.listChatMembers, { roomId })).code, ...refused);
	const channel = clients.rooms[index]?.[0]?.log.channel ?? "";
	const peek = { accessToken: own.tokens?.accessToken ?? "", positions: [{ channel, offset: 0, epoch: "" }] };
	const answer = ConnectResponse.decode((await thief.ask(connect, peek)).body ?? new Uint8Array());
	const subscription = answer.recoveries.find((recovery) => recovery.channel === channel);
	// Connect itself succeeds, and the subscription to a channel of others does not: its epoch is empty.
	if ((subscription?.epoch ?? "") !== "") await record("the channel of others", ErrorCode.OK, PERMISSION_DENIED);
	await victim.ask(refreshToken, { refreshToken: refresh });
	// By another client: the victim's own connection ends with its session.
	const replay = await open();
	const again = await replay.ask(refreshToken, { refreshToken: refresh });
	await record("a refresh token again", again.code, UNAUTHENTICATED);
	await present("a session whose refresh token was used twice", access, UNAUTHENTICATED);
	await thief.ask(logout, {});
	await present("a session that was ended", own.tokens?.accessToken ?? "", UNAUTHENTICATED);
	await record(
		"a request after the logout",
		(await thief.ask(authRoutes.heartbeat, {})).code,
		UNAUTHENTICATED,
		TOKEN_EXPIRED,
	);
	for (const client of [victim, thief, replay]) client.socket.close();
	return tries;
}

/** Tokens that look like a valid one. */
async function forgeries(valid: string, other: string, secret: string): Promise<[string, string, ErrorCode][]> {
	const read = (token: string, part: number): JWTPayload =>
		JSON.parse(Buffer.from(token.split(".")[part] ?? "", "base64url").toString()) as JWTPayload;
	const header = read(valid, 0) as { alg: string; typ: string; kid: string };
	const claims = read(valid, 1);
	const sign = (payload: JWTPayload, key: string): Promise<string> =>
		new SignJWT(payload).setProtectedHeader(header).sign(Buffer.from(key));
	const [head, , signature] = valid.split(".");
	const admin = Buffer.from(JSON.stringify({ ...claims, roles: ["admin"] })).toString("base64url");
	const none = { ...header, alg: "none" };
	const unsigned = Buffer.from(JSON.stringify(none)).toString("base64url");
	const anHourAgo = Math.floor(Date.now() / 1000) - 3600;
	const past = { ...claims, iat: anHourAgo - 900, exp: anHourAgo };
	const { UNAUTHENTICATED, TOKEN_EXPIRED } = ErrorCode;
	return [
		["signed with another key", await sign(claims, secret.split("").reverse().join("")), UNAUTHENTICATED],
		["alg none", new UnsecuredJWT(claims).encode(), UNAUTHENTICATED],
		["alg none with a key id", `${unsigned}.${valid.split(".")[1]}.`, UNAUTHENTICATED],
		["claims changed", `${head}.${admin}.${signature}`, UNAUTHENTICATED],
		["expired", await sign(past, secret), TOKEN_EXPIRED],
		["another user's session", await sign({ ...claims, sub: read(other, 1).sub ?? "" }, secret), UNAUTHENTICATED],
	];
}
