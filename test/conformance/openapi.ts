// The OpenAPI description by others' tools: a validator of the document, and schemathesis, which makes requests of it by the thousand
// and holds the replies of a gateway to it. `npm run conformance` runs it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createRoleAccounts } from "../security/role-accounts.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { post } from "../support/http-client.ts";
import { hasPythonTools, installPythonTools, OPENAPI_TOOLS, pythonTools } from "../support/python-tools.ts";
import { PASSWORD } from "../support/wire-client.ts";
import { run } from "./run.ts";

const description = fileURLToPath(new URL("../../protocol/gen/openapi.json", import.meta.url));
const config = fileURLToPath(new URL("schemathesis.toml", import.meta.url));
const PLENTY = "1000000";
/** All come from one address and one user. */
const RATES = ["USER", "USER_BYTES", "IP", "GLOBAL"].flatMap((name) => [
	[`FRAMEGATE_RATES_${name}_PER_SECOND`, PLENTY],
	[`FRAMEGATE_RATES_${name}_BURST`, PLENTY],
]);

suite("the OpenAPI description", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-openapi-"));
	const env = {
		FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "accounts.db")}`,
		FRAMEGATE_CHAT_CONVERSATION_RATE_PER_SECOND: "0",
		// What is longer is refused by uWebSockets.js itself, with a page of its own.
		FRAMEGATE_LIMITS_MAX_HTTP_HEADER_BYTES: "262144",
		...Object.fromEntries(RATES),
	};
	let gateway: GatewayProcess;

	before(async () => {
		if (!hasPythonTools(OPENAPI_TOOLS)) installPythonTools(OPENAPI_TOOLS);
		await createRoleAccounts(env, ["admin"]);
		gateway = await startGateway({ env });
	});

	after(async () => {
		await gateway.kill9();
		rmSync(directory, { recursive: true });
	});

	test("is valid to openapi-spec-validator", async () => {
		assert.match(await run(`${pythonTools(OPENAPI_TOOLS)}openapi-spec-validator`, [description]), /: OK/);
	});

	test("is what schemathesis finds", async () => {
		const { body } = await post(`${gateway.httpUrl}/auth/login`, { username: "admin", password: PASSWORD });
		const printed = await run(
			`${pythonTools(OPENAPI_TOOLS)}schemathesis`,
			[
				...["--config-file", config, "run", `${gateway.httpUrl}/openapi.json`, "--checks", "all", "--no-color"],
				...["--header", `Authorization: Bearer ${body.tokens.access_token}`],
			],
			// It keeps what it has found for its next run, which would be another one then.
			{ cwd: directory },
		);
		const [, passed = "0"] = /generated, (\d+) passed/.exec(printed) ?? [];
		assert.ok(Number(passed) > 2000, printed);
	});
});
