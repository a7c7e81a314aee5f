// What an API key may call: a key for every permission there is, one with all of them, and every route of the protocol, on a real
// gateway, over WebSocket and over HTTP. What is expected is written down here; a route that has no decision yet is expected to be
// closed to keys.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import { routeContracts } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { answerOf, bearer } from "../support/http-client.ts";
import { RawPeer, UNLIMITED } from "./raw-peer.ts";

/** Routes by the permission that opens them to a key. */
const GRANTS: Readonly<Record<string, readonly string[]>> = {
	"users.read": ["auth.listUsers"],
	"sessions.revoke": ["identity.revokeIssuerSessions"],
	"server.publish": ["server.publish"],
	"server.unicast": ["server.unicast"],
	"server.broadcast": ["server.broadcast"],
	"server.notify": ["server.notify"],
	"server.disconnect": ["server.disconnect"],
	"server.subscribe": ["server.subscribeUser", "server.unsubscribeUser"],
	"server.presence": ["server.getPresence"],
	"server.history": ["server.getConversationHistory"],
	"server.lookup": ["server.getRoom", "server.findUsers"],
	"channels.list": ["applicationChannel.listActiveChannels"],
	"users.write": ["user.setUserRoles", "user.setUserStatus", "user.createUser"],
	"keys.manage": ["key.createKey", "key.listKeys", "key.revokeKey"],
	"alarm.ack": ["edgeAlarm.alarmAck", "edgeAlarm.alarmClear"],
	"edge.read": [
		...["subscribe", "unsubscribe", "listSubscriptions", "readNow", "listChannels", "resync"].map(
			(name) => `edgeTelemetry.${name}`,
		),
		...["alarmList", "alarmCount", "alarmSubscribe"].map((name) => `edgeAlarm.${name}`),
		...["modelList", "modelGet", "modelValues", "ruleList", "ruleGet", "ruleState"].map((name) => `edgeModel.${name}`),
		"edgeControl.commandStatus",
	],
	"edge.write": ["writePoint", "selectPoint", "operatePoint", "cancelSelect"].map((name) => `edgeControl.${name}`),
};
/** What any key may call. */
const ANY_KEY = [
	...["auth.heartbeat", "auth.getUserInfo", "server.runBatch", "upstream.cancelStream"],
	// Of which users, the handler decides by users.read and users.write.
	...["updateUser", "deleteUser", "listSessions", "endSessions", "exportUser"].map((name) => `user.${name}`),
];
/** What needs no login, and looks at no key. */
const PUBLIC = [
	...["connect", "login", "register", "forgotPassword", "refreshToken"].map((name) => `auth.${name}`),
	"identity.loginGuest",
];

const contracts: readonly AnyRouteContract[] = [...routeContracts.values()];
const permissions = Object.keys(GRANTS);
const scopes = [...permissions, "*"] as const;
const secretOf = (scope: string) => `a secret of the key for ${scope} in a test`.replaceAll(" ", "-");
/** No message decodes from it. Authorisation comes before decoding. */
const NO_MESSAGE = Uint8Array.of(0xff);

function isOpen({ name }: AnyRouteContract, scope: string): boolean {
	const granted = scope === "*" ? Object.values(GRANTS).flat() : (GRANTS[scope] ?? []);
	return [...granted, ...ANY_KEY, ...PUBLIC].includes(name);
}

function expected(contract: AnyRouteContract, scope: string, isHttp: boolean): string {
	if (!isOpen(contract, scope)) return "PERMISSION_DENIED";
	return isHttp && contract.needsConnection ? "PRECONDITION_FAILED" : "BAD_REQUEST";
}

describe("API key × route", () => {
	let gateway: GatewayProcess;
	before(async () => {
		const fixed = scopes.map((scope) => ({
			...{ name: scope === "*" ? "all" : scope, secret: secretOf(scope) },
			...{ permissions: [scope], channels: ["*"], perSecond: 100_000, burst: 100_000 },
		}));
		gateway = await startGateway({ env: { ...UNLIMITED, FRAMEGATE_KEYS_FIXED: JSON.stringify(fixed) } });
	});
	after(() => gateway.kill9());

	it("every permission that a route asks for is decided about here, and every decision is about a route", () => {
		const asked = new Set(contracts.map(({ permission }) => permission));
		for (const open of ["public", "session", "authenticated"]) asked.delete(open);
		assert.deepEqual([...asked].sort(), [...permissions].sort());
		const names = new Set(contracts.map(({ name }) => name));
		for (const name of [...Object.values(GRANTS).flat(), ...ANY_KEY, ...PUBLIC]) assert.ok(names.has(name), name);
	});

	for (const scope of scopes) {
		it(`as decided for a key with ${scope}, over WebSocket and over HTTP`, async () => {
			const token = secretOf(scope);
			const peer = await RawPeer.open(gateway.url, token);
			const frames = await Promise.all(contracts.map(({ number }) => peer.ask(number, NO_MESSAGE)));
			peer.close();
			const http = await Promise.all(
				contracts.map(async ({ rpcPath }) => {
					const headers = { "content-type": "application/proto", ...bearer(token) };
					const init = { method: "POST", headers, body: Buffer.from(NO_MESSAGE) };
					const { body } = await answerOf(await fetch(`${gateway.httpUrl}${rpcPath}`, init));
					return (body.details[0].debug.code as string).replace("ERROR_CODE_", "");
				}),
			);
			const answers = contracts.map(({ name }, index) => [name, frames[index]?.code, http[index]]);
			const wanted = contracts.map((contract) => {
				return [contract.name, expected(contract, scope, false), expected(contract, scope, true)];
			});
			assert.deepEqual(answers, wanted);
		});
	}
});
