// Rows of endpoints: each is called as a client of the older system calls it, and answers with the status and the fields of its row.
import assert from "node:assert/strict";
import { once } from "node:events";
import WebSocket from "ws";
import { answerOf, bearer } from "../../support/http-client.ts";
import { PASSWORD } from "../../support/wire-client.ts";
import type { Row } from "./rows.ts";
import type { Subject } from "./subject.ts";

interface Sample {
	/** Instead of the one in the row, which has parameters. */
	readonly path?: string;
	readonly token?: string;
	readonly content?: object;
}

let accounts = 0;
const newName = (): string => `migrant${++accounts}`;
const ofNewUser = async (subject: Subject): Promise<string> => `/api/v1/users/${await subject.register(newName())}`;
const asUser = ({ login }: Subject): Sample => ({ token: login.accessToken });
const asAdmin = ({ adminToken }: Subject): Sample => ({ token: adminToken });
const login = (): Sample => ({ content: { username: "older", password: PASSWORD } });
const register = (): Sample => {
	const username = newName();
	return { content: { username, email: `${username}@example.com`, password: "password123" } };
};
/** Each use ends the token: one of a session of its own. */
async function refresh({ at }: Subject): Promise<Sample> {
	const content = JSON.stringify(login().content);
	const headers = { "content-type": "application/json" };
	const { body } = await answerOf(await fetch(at("/auth/login"), { method: "POST", headers, body: content }));
	return { content: { refresh_token: body.tokens.refresh_token } };
}
const reload = ({ adminToken }: Subject): Sample => ({ content: { token: adminToken } });
const byToken =
	(path: string) =>
	({ adminToken }: Subject): Sample => ({ path: `${path}?token=${adminToken}` });
const NACOS = "/monitoring/nacos/service";

/** What is sent; endpoints that are not here take nothing. */
const samples: Readonly<Record<string, (subject: Subject) => Sample | Promise<Sample>>> = {
	"POST /auth/login": login,
	"POST /api/v1/auth/login": login,
	"POST /auth/register": register,
	"POST /api/v1/auth/register": () => {
		const content = { username: newName(), password: "password123", nickname: "测试用户" };
		return { content };
	},
	"POST /auth/refresh": refresh,
	"POST /api/v1/auth/refresh": refresh,
	"GET /api/v1/conversations": asUser,
	"GET /api/v1/groups": asUser,
	"GET /api/v1/users": asUser,
	"GET /api/v1/users/<id>": async (subject) => ({ ...asUser(subject), path: await ofNewUser(subject) }),
	"PUT /api/v1/users/<id>": async (subject) => {
		return { ...asUser(subject), path: await ofNewUser(subject), content: { nickname: "Nick" } };
	},
	"DELETE /api/v1/users/<id>": async (subject) => ({ ...asUser(subject), path: await ofNewUser(subject), content: {} }),
	"POST /{module}/{function}": ({ login: { accessToken } }) => {
		return { path: "/template/sync_hello", content: { token: accessToken, body: { name: "Ada" } } };
	},
	"GET /api/reload?token=": byToken("/api/reload"),
	"POST /api/reload": reload,
	"GET /api/reload-config?token=": byToken("/api/reload-config"),
	"POST /api/reload-config": reload,
	[`GET ${NACOS}/{service_name}/instances`]: (subject) => ({
		...asAdmin(subject),
		path: `${NACOS}/flask-api/instances`,
	}),
	[`POST ${NACOS}/register`]: asAdmin,
	[`POST ${NACOS}/deregister`]: asAdmin,
};

/** The status, and the fields that the content has, dots between levels. */
export function expectAnswer(row: Row, status: number, body: unknown): void {
	const expected = row.code.here.filter((text) => !/^[A-Z]+ /.test(text));
	assert.equal(status, Number(/\b\d{3}\b/.exec(row.here)?.[0]), JSON.stringify(body).slice(0, 500));
	for (const path of expected) {
		const value = path.split(".").reduce<unknown>((inner, name) => (inner as Record<string, unknown>)?.[name], body);
		assert.notEqual(value, undefined, `${path} of ${JSON.stringify(body).slice(0, 500)}`);
	}
}

export async function call(subject: Subject, method: string, path: string, sample: Sample) {
	const body = sample.content === undefined ? {} : { body: JSON.stringify(sample.content) };
	const headers = { "content-type": "application/json", ...bearer(sample.token ?? "") };
	return answerOf(await fetch(subject.at(sample.path ?? path), { method, headers, ...body }));
}

async function upgrade({ gateway, login: { accessToken } }: Subject): Promise<number> {
	const socket = new WebSocket(`${gateway.url}?token=${accessToken}`);
	// Both come in one turn.
	const [[response]] = await Promise.all([once(socket, "upgrade"), once(socket, "open")]);
	socket.close();
	await once(socket, "close");
	return (response as { statusCode: number }).statusCode;
}

export async function checkEndpoint(row: Row, subject: Subject): Promise<void> {
	const named = row.claim === "other" ? row.code.here : row.code.older;
	const [, method = "", path = ""] =
		/^([A-Z]+) (\/\S*)$/.exec(named.find((text) => /^[A-Z]+ \//.test(text)) ?? "") ?? [];
	assert.ok(path, "names no method and path");
	if (method === "WS") {
		assert.match(row.here, new RegExp(`^${await upgrade(subject)}\\b`));
		return;
	}
	const sample = (await samples[`${method} ${path}`]?.(subject)) ?? {};
	const { status, body } = await call(subject, method, path, sample);
	if (row.claim === "not here") assert.equal(status, 404, "is here: its row claims otherwise");
	else expectAnswer(row, status, body);
}
