// One line for each request in files by category: what it says, what it hides, and that it is off unless wanted.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { authRoutes, chatRoutes, MessageKind } from "../../protocol/gen/schema.ts";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

interface Line {
	readonly msg: string;
	readonly category: string;
	readonly code: string;
	readonly [field: string]: unknown;
}

test("requests have lines with what they were, without secrets", async (t) => {
	const directory = mkdtempSync(path.join(tmpdir(), "framegate-lines-"));
	t.after(() => rmSync(directory, { recursive: true, force: true }));
	const gateway = await startGateway({
		env: {
			LOG_LEVEL: "info",
			ENABLE_REQUEST_LOGGING: "true",
			LOG_RESPONSE_DATA: "true",
			LOG_MAX_BODY_SIZE: "300",
			LOG_TO_FILE: "true",
			LOG_FILE_PATH: path.join(directory, "{category}_{date}.log"),
		},
	});
	t.after(() => gateway.stop());
	const day = new Date().toISOString().slice(0, 10);
	const lines = (category: string): Line[] => {
		const text = readFileSync(path.join(directory, `${category}_${day}.log`), "utf8");
		return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Line]));
	};
	const client = await WireClient.open(gateway.url);
	t.after(() => client.close());
	const text = "t".repeat(1000);
	const content = { kind: MessageKind.TEXT, text };
	await client.ask(chatRoutes.sendMessage, { roomId: "r", clientMsgId: "m", content });
	await client.ask(authRoutes.register, { username: "ada", password: PASSWORD });
	await client.ask(authRoutes.login, { username: "ada", password: "another password" });
	const { tokens } = await client.login("ada");
	await client.ask(chatRoutes.sendMessage, { roomId: "r", clientMsgId: "m", content });
	await fetch(`${gateway.httpUrl}/api/v1/me/sessions`, { headers: { authorization: `Bearer ${tokens?.accessToken}` } });
	await until(() => lines("request").length >= 2 && lines("auth").filter(({ code }) => code).length >= 4);
	const requests = lines("request").map(({ msg, code }) => [msg, code]);
	assert.deepEqual(requests, [
		["request chat.sendMessage", "UNAUTHENTICATED"],
		["request chat.sendMessage", "PERMISSION_DENIED"],
	]);
	const accounts = lines("auth").filter(({ msg }) => msg.startsWith("request "));
	assert.deepEqual(
		accounts.filter(({ msg }) => msg !== "request refused").map(({ msg, code }) => [msg, code]),
		[
			["request auth.register", "OK"],
			["request auth.login", "UNAUTHENTICATED"],
			["request auth.login", "OK"],
			["request user.listSessions", "OK"],
		],
	);
	const login = accounts.find(({ code, msg }) => msg === "request auth.login" && code === "OK");
	assert.match(String(login?.["request"]), /"username":"ada","password":"\[redacted\]"/);
	assert.match(String(login?.["reply"]), /"accessToken":"\[redacted\]"/);
	assert.equal(typeof login?.["durationMs"], "number");
	const long = String(lines("request")[1]?.["request"]);
	assert.match(long, /t{220}.*… \(\d+ characters\)$/);
	assert.ok(long.length < 400, long);
	const all = ["request", "auth", "system", "error"].flatMap(lines);
	for (const line of all) {
		assert.doesNotMatch(JSON.stringify(line), new RegExp(`${PASSWORD}|another password|${tokens?.refreshToken}`));
	}
	await fetch(`${gateway.httpUrl}/api/reload?token=no-admin-token`);
	const refused = () => lines("auth").filter(({ msg }) => msg === "admin request refused");
	await until(() => refused().length > 0);
	assert.deepEqual(
		refused().map(({ path: at, status }) => [at, status]),
		[["/api/reload", 403]],
	);
	assert.doesNotMatch(JSON.stringify(refused()), /no-admin-token/);
	assert.ok(lines("system").some(({ msg }) => msg.includes("listening")));
});

test("there are no such lines unless they are wanted", async (t) => {
	const gateway = await startGateway({ env: { LOG_LEVEL: "info" } });
	t.after(() => gateway.stop());
	const client = await WireClient.open(gateway.url);
	await client.ask(authRoutes.register, { username: "ada", password: PASSWORD });
	await client.close();
	await gateway.stop();
	assert.doesNotMatch(gateway.log(), /request auth\.register/);
});
