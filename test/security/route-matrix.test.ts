// Who may call what: every role of the default configuration, and a client that is not logged in, against every route of the
// protocol, on a real gateway. What is expected is written down here and nowhere else; a route, a role or an HTTP path
// that has no decision yet fails the test.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import * as schema from "../../protocol/gen/schema.ts";
import { loadConfig } from "../../server/config/load.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { answerOf, bearer } from "../support/http-client.ts";
import { WireClient } from "../support/wire-client.ts";
import { RawPeer, UNLIMITED } from "./raw-peer.ts";
import { createRoleAccounts } from "./role-accounts.ts";

const ROLES = ["guest", "user", "viewer", "engineer", "admin"] as const;
type ClientContext = "anonymous" | (typeof ROLES)[number];

const CALLERS: readonly ClientContext[] = ["anonymous", ...ROLES];
const ANYONE: readonly ClientContext[] = CALLERS;
const MEMBERS: readonly ClientContext[] = ROLES;
const READERS: readonly ClientContext[] = ["viewer", "engineer", "admin"];
const OPERATORS: readonly ClientContext[] = ["engineer", "admin"];

/** The decision for each route. */
const DECISIONS: Readonly<Record<string, readonly ClientContext[]>> = {
	"auth.connect": ANYONE,
	"auth.login": ANYONE,
	"auth.register": ANYONE,
	"auth.forgotPassword": ANYONE,
	"auth.refreshToken": ANYONE,
	"auth.heartbeat": MEMBERS,
	"auth.logout": MEMBERS,
	"auth.getUserInfo": MEMBERS,
	"auth.listUsers": ["admin"],
	"identity.loginGuest": ANYONE,
	"identity.joinAccount": MEMBERS,
	"identity.revokeIssuerSessions": ["admin"],
	"identity.listIdentities": MEMBERS,
	// Their own; of others with the permission, which the handler checks.
	"user.updateUser": MEMBERS,
	"user.deleteUser": MEMBERS,
	"user.setUserRoles": ["admin"],
	"user.setUserStatus": ["admin"],
	"user.listSessions": MEMBERS,
	"user.endSessions": MEMBERS,
	"user.exportUser": MEMBERS,
	"user.createUser": ["admin"],
	"notification.listNotifications": MEMBERS,
	"notification.markNotificationsRead": MEMBERS,
	"game.getGameState": MEMBERS,
	"game.createRoom": MEMBERS,
	"game.joinRoom": MEMBERS,
	"game.leaveRoom": MEMBERS,
	"game.listRooms": MEMBERS,
	"game.gameAction": MEMBERS,
	"game.getGameHistory": MEMBERS,
	"game.getPlayerStats": MEMBERS,
	"chat.sendMessage": MEMBERS,
	"chat.getHistory": MEMBERS,
	"chat.createChatRoom": MEMBERS,
	"chat.joinChatRoom": MEMBERS,
	"chat.leaveChatRoom": MEMBERS,
	"chat.listChatRooms": MEMBERS,
	"chat.sendPrivateMessage": MEMBERS,
	"chat.getPrivateHistory": MEMBERS,
	"chat.markRead": MEMBERS,
	"chat.listConversations": MEMBERS,
	"chat.recallMessage": MEMBERS,
	"chat.presence": MEMBERS,
	"chat.listChatMembers": MEMBERS,
	"server.publish": ["admin"],
	"server.unicast": ["admin"],
	"server.broadcast": ["admin"],
	"server.notify": ["admin"],
	"server.disconnect": ["admin"],
	"server.subscribeUser": ["admin"],
	"server.unsubscribeUser": ["admin"],
	"server.getPresence": ["admin"],
	"server.getConversationHistory": ["admin"],
	"server.getRoom": ["admin"],
	"server.findUsers": ["admin"],
	"server.runBatch": MEMBERS,
	"key.createKey": ["admin"],
	"key.listKeys": ["admin"],
	"key.revokeKey": ["admin"],
	"edgeTelemetry.subscribe": READERS,
	"edgeTelemetry.unsubscribe": READERS,
	"edgeTelemetry.listSubscriptions": READERS,
	"edgeTelemetry.readNow": READERS,
	"edgeTelemetry.listChannels": READERS,
	"edgeTelemetry.resync": READERS,
	"edgeControl.writePoint": OPERATORS,
	"edgeControl.selectPoint": OPERATORS,
	"edgeControl.operatePoint": OPERATORS,
	"edgeControl.cancelSelect": OPERATORS,
	"edgeControl.commandStatus": READERS,
	"edgeAlarm.alarmList": READERS,
	"edgeAlarm.alarmAck": OPERATORS,
	"edgeAlarm.alarmClear": OPERATORS,
	"edgeAlarm.alarmCount": READERS,
	"edgeAlarm.alarmSubscribe": READERS,
	"edgeModel.modelList": READERS,
	"edgeModel.modelGet": READERS,
	"edgeModel.modelValues": READERS,
	"edgeModel.ruleList": READERS,
	"edgeModel.ruleGet": READERS,
	"edgeModel.ruleState": READERS,
	"applicationChannel.subscribeChannel": MEMBERS,
	"applicationChannel.unsubscribeChannel": MEMBERS,
	"applicationChannel.publishChannel": MEMBERS,
	"applicationChannel.channelHistory": MEMBERS,
	"applicationChannel.channelPresence": MEMBERS,
	"applicationChannel.listActiveChannels": ["admin"],
	"upstream.cancelStream": MEMBERS,
};

/** Plain HTTP has no login: what is served must be fit for every client that reaches the port. */
const PUBLIC_HTTP = [
	"/",
	"/.well-known/jwks.json",
	"/api/v1/health",
	"/docs",
	"/docs/codes",
	"/docs/start.js",
	"/docs/swagger-ui-bundle.js",
	"/docs/swagger-ui.css",
	"/health",
	"/monitoring/metrics",
	"/openapi.json",
	"/ready",
	"/status",
	"/websocket/status",
];

/** No message decodes from it. Authorisation comes before decoding, so that it distinguishes the two and changes nothing. */
const NO_MESSAGE = Uint8Array.of(0xff);

const contracts: readonly AnyRouteContract[] = Object.entries(schema)
	.filter(([name]) => name.endsWith("Routes"))
	.flatMap(([, routes]) => Object.values(routes as Readonly<Record<string, AnyRouteContract>>));

function expected(contract: AnyRouteContract, caller: ClientContext): string {
	const decision = DECISIONS[contract.name];
	if (decision === undefined) return `no decision for ${contract.name}`;
	if (decision.includes(caller)) return "BAD_REQUEST";
	return caller === "anonymous" ? "UNAUTHENTICATED" : "PERMISSION_DENIED";
}

describe("role × route", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-matrix-"));
	const env = { ...UNLIMITED, FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "accounts.db")}` };
	let gateway: GatewayProcess;
	before(async () => {
		await createRoleAccounts(env, ROLES);
		gateway = await startGateway({ env });
	});
	after(async () => {
		await gateway.kill9();
		rmSync(directory, { recursive: true });
	});

	/** A connection of this caller; a raw one, so that nothing of the client library stands between. */
	async function peerOf(caller: ClientContext): Promise<RawPeer> {
		if (caller === "anonymous") return await RawPeer.open(gateway.url);
		const client = await WireClient.open(gateway.url);
		const { tokens } = await client.login(caller);
		const peer = await RawPeer.open(gateway.url, tokens?.accessToken ?? "");
		await client.close();
		return peer;
	}

	it("there is a decision for every route, and for no others; and for every role of the default configuration", () => {
		assert.deepEqual(Object.keys(DECISIONS).sort(), contracts.map(({ name }) => name).sort());
		const { auth } = loadConfig({ env: {}, cwd: directory, nodeId: "n" });
		assert.deepEqual(Object.keys(auth.roles).sort(), [...ROLES].sort());
	});

	it("the gateway serves these routes, and these HTTP paths", async () => {
		const page = (await (await fetch(`${gateway.httpUrl}/`)).json()) as {
			routes: { name: string }[];
			http: { path: string; method: string }[];
		};
		assert.deepEqual(page.routes.map(({ name }) => name).sort(), Object.keys(DECISIONS).sort());
		assert.deepEqual(page.http.map(({ path }) => path).sort(), PUBLIC_HTTP);
		assert.deepEqual([...new Set(page.http.map(({ method }) => method))], ["GET"]);
	});

	for (const caller of CALLERS) {
		it(`as decided for ${caller}, in protobuf and in JSON, before anything of the request is looked at`, async () => {
			const peer = await peerOf(caller);
			const wanted = contracts.map((contract) => [contract.name, expected(contract, caller)]);
			const binary = await Promise.all(contracts.map(({ number }) => peer.ask(number, NO_MESSAGE)));
			assert.deepEqual(named(binary), wanted);
			const text: { code: string }[] = [];
			for (const { number } of contracts) text.push(await peer.askJson(number, []));
			assert.deepEqual(named(text), wanted);
			peer.close();
		});
	}

	for (const caller of CALLERS) {
		it(`as decided for ${caller} over HTTP, where routes about a connection are not served`, async () => {
			const token = caller === "anonymous" ? "" : await tokenOf(gateway.url, caller);
			const wanted = contracts.map((contract) => [contract.name, expectedOverHttp(contract, caller)]);
			const answers = await Promise.all(
				contracts.map(({ rpcPath }) => codeOverHttp(`${gateway.httpUrl}${rpcPath}`, token)),
			);
			assert.deepEqual(named(answers), wanted);
		});
	}

	it("the older dialect is no way around it", async () => {
		const control = {
			type: "control",
			id: "c",
			data: { channel_id: 1001, point_id: 1, value: 1, command_type: "control" },
		};
		const subscribe = { type: "subscribe", id: "s", data: { channels: [1001] } };
		for (const [caller, message, code] of [
			["anonymous", control, "WS_AUTH_FAILED"],
			["anonymous", subscribe, "WS_AUTH_FAILED"],
			["user", subscribe, "WS_PERMISSION_DENIED"],
			["viewer", control, "WS_PERMISSION_DENIED"],
		] as const) {
			const peer = await peerOf(caller);
			const { data } = JSON.parse(await peer.say(message)) as { data: { code?: string; result?: { code: string } } };
			assert.equal(data.result?.code ?? data.code, code, `${caller}: ${message.type}`);
			peer.close();
		}
	});
});

async function tokenOf(url: string, username: string): Promise<string> {
	const client = await WireClient.open(url);
	const { tokens } = await client.login(username);
	await client.close();
	return tokens?.accessToken ?? "";
}

function expectedOverHttp(contract: AnyRouteContract, caller: ClientContext): string {
	const code = expected(contract, caller);
	return code === "BAD_REQUEST" && contract.needsConnection ? "PRECONDITION_FAILED" : code;
}

async function codeOverHttp(url: string, token: string): Promise<{ readonly code: string }> {
	const headers = { "content-type": "application/proto", ...bearer(token) };
	const { body } = await answerOf(await fetch(url, { method: "POST", headers, body: Buffer.from(NO_MESSAGE) }));
	return { code: (body.details[0].debug.code as string).replace("ERROR_CODE_", "") };
}

function named(replies: readonly { readonly code: string }[]): (string | undefined)[][] {
	return contracts.map(({ name }, index) => [name, replies[index]?.code]);
}
