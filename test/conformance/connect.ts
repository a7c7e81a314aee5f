// The Connect protocol's own conformance suite, and a client that connect-go generates from our .proto files, against what the product
// serves. `npm run conformance` runs it; `npm test` does not, as it takes Go, and minutes the first time.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { routeContracts } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { type GoTools, goTools } from "./go-tools.ts";
import { run } from "./run.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
/** Ways in which the client calls each method. */
const STYLES = 6;

interface CallResult {
	readonly style: string;
	readonly method: string;
	readonly verb: string;
	readonly connect?: string;
	readonly code?: string;
}

suite("clients and suites of the Connect protocol", () => {
	const scratch = mkdtempSync(join(tmpdir(), "framegate-conformance-"));
	let tools: GoTools;
	let gateway: GatewayProcess | undefined;

	before(async () => {
		tools = await goTools(join(scratch, "go"));
	});

	after(async () => {
		await gateway?.kill9();
		rmSync(scratch, { recursive: true, force: true });
	});

	test("connectconformance passes, but for what is known", async () => {
		const protos = join(await tools.moduleFolder("connectrpc.com/conformance"), "proto");
		const printed = await run(tools.tool("connectconformance"), [
			...["--mode", "server", "--conf", join(here, "connect.yaml")],
			...["--known-failing", `@${join(here, "known-failing.txt")}`],
			...["--known-flaky", `@${join(here, "known-flaky.txt")}`],
			...["--", process.execPath, join(here, "server.ts"), protos],
		]);
		const [, passed = "0"] = /(\d+) passed, 0 failed/.exec(printed) ?? [];
		assert.ok(Number(passed) > 150, printed);
	});

	test("a client of connect-go calls every route, in each way to call", async () => {
		// Each way has an account of its own, all from one address.
		const rates = ["IP", "USER", "CONNECTION", "USER_BYTES"].map((name) => [`FRAMEGATE_RATES_${name}_PER_SECOND`, "0"]);
		const env = { FRAMEGATE_AUTH_ROLES: '{"user":["*"]}', ...Object.fromEntries(rates) };
		gateway = await startGateway({ env });
		const lines = (await run(await tools.program("client"), [gateway.httpUrl])).trim().split("\n");
		const results = lines.map((line) => JSON.parse(line) as CallResult);
		const routes = [...routeContracts.values()];
		assert.equal(results.length, STYLES * routes.length);
		for (const { rpcPath, needsConnection, hasSideEffects } of routes) {
			const own = results.filter(({ method }) => method === rpcPath);
			assert.equal(own.length, STYLES, rpcPath);
			for (const { style, verb, code = "" } of own) {
				assert.equal(verb, style.endsWith("by get") && !hasSideEffects ? "GET" : "POST", `${rpcPath}, ${style}`);
				const expected = needsConnection
					? /PRECONDITION_FAILED/
					: /^$|VALIDATION|NOT_FOUND|UNAUTH|PRECONDITION|CONFLICT/;
				assert.match(code, expected, `${rpcPath}, ${style}`);
			}
			// How it is sent changes nothing.
			assert.equal(new Set(own.map(({ connect, code }) => `${connect} ${code}`)).size, 1, JSON.stringify(own));
		}
	});
});
