// The call on the screen as a program: whatever a value holds stays a value in each language.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { olderSampleOf } from "../../../web/code/older-samples.ts";
import { type SampleCall, type SampleLanguage, sampleOf } from "../../../web/code/samples.ts";
import { knownRoute, routes } from "../../../web/protocol/catalog.ts";
import { startGateway } from "../../support/gateway.ts";
import { findProgram } from "../../support/programs.ts";
import { tied } from "../../support/tied-process.ts";
import { WireClient } from "../../support/wire-client.ts";

const python3 = findProgram("python3");
/** What samples in Python import. */
findProgram("python3 websockets");

const HOSTILE = `'; rm -rf $HOME; "\`$(id)\` \\ \n\r\u2028</script>`;
const call: SampleCall = {
	route: knownRoute("chat.sendMessage"),
	body: { roomId: HOSTILE, content: { kind: "MESSAGE_KIND_TEXT", text: HOSTILE, fileBytes: "7", custom: "AP8Q" } },
	username: HOSTILE,
	httpUrl: "http://localhost:8080",
	webSocketUrl: "ws://localhost:8080/ws",
};

/** What stands between two texts of a sample. */
function between(sample: string, begin: string, end: string): string {
	const start = sample.indexOf(begin);
	assert.ok(start >= 0, sample);
	return sample.slice(start + begin.length, sample.indexOf(end, start + begin.length));
}

describe("code samples", () => {
	it("curl: the shell hands over exactly the JSON", () => {
		const program = sampleOf("curl", call).replace(/^curl/, "set -- ");
		const words = execFileSync("sh", ["-c", `TOKEN=t; ${program}; printf '%s\\0' "$@"`], { encoding: "utf8" }).split(
			"\0",
		);
		assert.deepEqual(words.slice(0, 2), ["-sS", "http://localhost:8080/framegate.v1.ChatService/SendMessage"]);
		assert.ok(words.includes("authorization: Bearer t"));
		assert.deepEqual(JSON.parse(words[words.indexOf("-d") + 1] ?? ""), call.body);
	});

	it("Python: the interpreter reads exactly the body", () => {
		const sample = sampleOf("Python", call);
		const read =
			"import ast,json,sys; source=sys.stdin.read(); tree=ast.parse(source);" +
			"calls=[n for n in ast.walk(tree) if isinstance(n,ast.Call) and getattr(n.func,'id','')=='call'];" +
			"body=[n for n in calls if ast.literal_eval(n.args[2])==3001][0].args[3]; print(json.dumps(ast.literal_eval(body)))";
		const printed = execFileSync(python3, ["-c", read], { input: sample, encoding: "utf8" });
		assert.deepEqual(JSON.parse(printed), call.body);
	});

	it("TypeScript: the literal is the message as the client takes it", () => {
		const sample = sampleOf("TypeScript", call);
		const literal = between(sample, "chatRoutes.sendMessage, ", ");\nconsole.log");
		const value = runInNewContext(`(${literal})`, { Uint8Array, atob }) as Record<string, unknown>;
		assert.deepEqual(structuredClone(value), {
			roomId: HOSTILE,
			content: { kind: 1, text: HOSTILE, fileBytes: 7, custom: Uint8Array.from([0, 255, 16]) },
		});
	});

	it("Go: the string literal is the JSON", () => {
		const literal = between(sampleOf("Go", call), "strings.NewReader(", ")\n\trequest");
		assert.deepEqual(JSON.parse(JSON.parse(literal) as string), call.body);
		const plain = between(sampleOf("Go", { ...call, body: { roomId: "r" } }), "strings.NewReader(", ")\n");
		assert.equal(plain, '`{"roomId":"r"}`');
	});

	it("hold no secret, in any language, of any route", () => {
		for (const route of routes) {
			for (const language of ["curl", "TypeScript", "Python", "Go"] satisfies SampleLanguage[]) {
				const body = {
					password: "s3cret-1",
					accessToken: "s3cret-2",
					confirm: { newPassword: "s3cret-3", code: "s3cret-4" },
				};
				assert.ok(!sampleOf(language, { ...call, route, body }).includes("s3cret"), `${route.name} in ${language}`);
			}
		}
	});

	it("of the older dialect print the answer, with a token from the environment", async () => {
		const gateway = await startGateway({ env: { FRAMEGATE_AUTH_DEFAULT_ROLE: "viewer" } });
		try {
			const { login } = await WireClient.member(gateway.url, "older-user");
			const env = { PATH: process.env["PATH"], TOKEN: login.tokens?.accessToken ?? "" };
			for (const [program, args] of [
				[
					process.execPath,
					[
						"--no-warnings",
						"--input-type=module-typescript",
						"-e",
						olderSampleOf("TypeScript", "ping", {}, gateway.url),
					],
				],
				["/usr/bin/python3", ["-u", "-c", olderSampleOf("Python", "ping", {}, gateway.url)]],
			] as const) {
				const child = spawn(...tied(program, args), { env, stdio: ["ignore", "pipe", "inherit"] });
				// Alarms come of themselves.
				const types: string[] = [];
				for await (const line of createInterface(child.stdout)) {
					types.push((JSON.parse(line) as { type: string }).type);
					if (types.includes("pong")) break;
				}
				child.kill();
				assert.ok(types.includes("pong"), types.join(" "));
			}
		} finally {
			await gateway.stop();
		}
	});

	it("run as they are: curl and Python make an account", async () => {
		const gateway = await startGateway();
		try {
			const route = knownRoute("auth.register");
			// The placeholder of the password is long enough for one.
			const sample = (language: SampleLanguage, username: string) =>
				sampleOf(language, {
					...call,
					route,
					body: { username, password: "secret" },
					httpUrl: gateway.httpUrl,
					webSocketUrl: gateway.url,
				});
			const byCurl = execFileSync("sh", ["-c", sample("curl", "curl-user")], { encoding: "utf8" });
			assert.equal((JSON.parse(byCurl) as { user: { username: string } }).user.username, "curl-user");
			const byPython = execFileSync("/usr/bin/python3", ["-c", sample("Python", "python-user")], { encoding: "utf8" });
			assert.match(byPython, /'username': 'python-user'/);
		} finally {
			await gateway.stop();
		}
	});
});
