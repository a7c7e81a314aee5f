// `buf curl`, which knows of the gateway no more than its .proto files, against a real gateway.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import { PASSWORD } from "../../support/wire-client.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const buf = fileURLToPath(new URL("../../../node_modules/@bufbuild/buf/bin/buf", import.meta.url));
/** The program gives up after the gateway's own limit of a request. */
const WITHIN_MS = 60_000;

interface Outcome {
	/** 0, or the code of gRPC, shifted by three bits. */
	readonly exit: number;
	/** The reply, or the error. */
	readonly json: Readonly<Record<string, unknown>>;
}

describe("buf curl", () => {
	let gateway: GatewayProcess;
	before(async () => {
		gateway = await startGateway();
	});
	after(() => gateway.kill9());

	function call(method: string, request: object, token = ""): Promise<Outcome> {
		const authorization = token === "" ? [] : ["-H", `authorization: Bearer ${token}`];
		const url = `${gateway.httpUrl}/framegate.v1.${method}`;
		const args = ["curl", "--schema", "protocol/proto", ...authorization, "-d", JSON.stringify(request), url];
		return new Promise((resolve, reject) => {
			execFile(process.execPath, [buf, ...args], { cwd: root, timeout: WITHIN_MS }, (error, stdout, stderr) => {
				const exit = error === null ? 0 : Number(error.code);
				try {
					resolve({ exit, json: JSON.parse(exit === 0 ? stdout : stderr) as Outcome["json"] });
				} catch {
					reject(new Error(`buf ended with ${exit}: ${stdout}${stderr}`));
				}
			});
		});
	}

	it("logs in, sends a message and reads it", async () => {
		const account = { username: "ann", password: PASSWORD };
		assert.equal((await call("AuthService/Register", account)).exit, 0);
		const login = await call("AuthService/Login", account);
		const { accessToken } = login.json["tokens"] as { accessToken: string };
		const created = await call("ChatService/CreateChatRoom", { name: "hall", isPublic: true }, accessToken);
		const roomId = (created.json["room"] as { id: string }).id;
		const content = { kind: "MESSAGE_KIND_TEXT", text: "straße, 你好" };
		const sent = await call("ChatService/SendMessage", { roomId, clientMsgId: "1", content }, accessToken);
		assert.equal(sent.json["sequence"], "1");
		const history = await call("ChatService/GetHistory", { roomId }, accessToken);
		const [message] = history.json["messages"] as [{ id: string; content: object }];
		assert.deepEqual([message.id, message.content], [sent.json["messageId"], content]);
	});

	it("ends with the code of an error, and shows its details", async () => {
		const unauthenticated = await call("ChatService/ListChatRooms", {});
		assert.deepEqual([unauthenticated.exit, unauthenticated.json["code"]], [16 << 3, "unauthenticated"]);
		const invalid = await call("AuthService/Register", { username: "x", password: PASSWORD });
		assert.equal(invalid.exit, 3 << 3);
		const [{ debug }] = invalid.json["details"] as [{ debug: { code: string; violations: object[] } }];
		assert.deepEqual(debug.violations, [{ field: "username", description: "must be at least 3 characters" }]);
	});
});
