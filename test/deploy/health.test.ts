// `framegate health`, by which containers are checked: it distinguishes live from ready, finds the gateway by its configuration,
// and fails when there is none.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { freePort } from "../support/real-server.ts";

const MAIN = fileURLToPath(new URL("../../server/main.ts", import.meta.url));
let directory = "";

before(() => {
	directory = mkdtempSync(join(tmpdir(), "framegate-health-"));
});

after(() => rmSync(directory, { recursive: true }));

function health(env: Record<string, string>, ...args: string[]) {
	return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
		const options = { cwd: directory, env: { PATH: process.env["PATH"], ...env } };
		const child = execFile(process.execPath, [MAIN, "health", ...args], options, (_error, stdout, stderr) => {
			resolve({ code: child.exitCode, stdout, stderr });
		});
	});
}

async function withGateway(
	options: Parameters<typeof startGateway>[0],
	use: (gateway: GatewayProcess) => Promise<void>,
): Promise<void> {
	const gateway = await startGateway(options);
	try {
		await use(gateway);
	} finally {
		await gateway.kill9();
	}
}

describe("framegate health", () => {
	test("says alive and ready, with every dependency", () =>
		withGateway({}, async ({ port }) => {
			assert.deepEqual(await health({ PORT: String(port) }), { code: 0, stdout: "alive\n", stderr: "" });
			const ready = await health({}, "--ready", "--port", String(port));
			assert.equal(ready.code, 0, ready.stderr);
			assert.match(ready.stdout, /^schema: ok$/m);
			assert.match(ready.stdout, /^ready\n$/m);
		}));

	test("live but not ready: reports what is missing, and ends with 1", async () => {
		const redis = `redis://127.0.0.1:${await freePort()}`;
		await withGateway({ env: { REDIS_URL: redis }, untilLive: true }, async ({ port }) => {
			const env = { PORT: String(port) };
			assert.equal((await health(env)).code, 0);
			const { code, stdout, stderr } = await health(env, "--ready");
			assert.equal(code, 1);
			assert.match(stdout, /^redis: (?!ok$)./m);
			assert.equal(stderr, "framegate: not ready\n");
		});
	});

	test("speaks TLS where the gateway does", async () => {
		const [keyFile, certFile] = [join(directory, "key.pem"), join(directory, "cert.pem")];
		const key = ["-newkey", "ed25519", "-keyout", keyFile, "-nodes"];
		execFileSync("openssl", ["req", "-x509", ...key, "-out", certFile, "-subj", "/CN=gateway.example"], {
			stdio: "ignore",
		});
		const tls = { FRAMEGATE_SERVER_TLS_CERT_FILE: certFile, FRAMEGATE_SERVER_TLS_KEY_FILE: keyFile };
		const answers = async (port: number) => (await health({ ...tls, PORT: String(port) })).code === 0;
		await withGateway({ env: tls, answers }, async ({ port }) => {
			assert.equal((await health({ ...tls, PORT: String(port) })).stdout, "alive\n");
			assert.equal((await health({ PORT: String(port) })).code, 1);
		});
	});

	test("nobody there, or no port to ask at: ends with 1 and says so", async () => {
		const port = String(await freePort());
		const nobody = await health({ PORT: port });
		assert.equal(nobody.code, 1);
		assert.equal(nobody.stderr, `framegate: http://127.0.0.1:${port}/health does not answer: ECONNREFUSED\n`);
		const none = await health({ PORT: "0" });
		assert.equal(none.code, 1);
		assert.match(none.stderr, /--port/);
	});
});
