// The page on identity from elsewhere: its configurations, commands and programs, with a real OpenID provider and a gateway.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loadConfig } from "../../server/config/load.ts";
import { issuerSchema } from "../../services/accounts/issuers/options.ts";
import { createRoleAccounts } from "../security/role-accounts.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf } from "../support/http-client.ts";
import { OidcProvider, providerKey } from "../support/oidc/provider.ts";
import { codeBlocks, page, section, table } from "./markdown.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const identity = page("docs/identity.md");
const run = promisify(execFile);
const AUDIENCE = "https://game.example.com";

describe("the page on identity", () => {
	const scratch = mkdtempSync(join(tmpdir(), "framegate-identity-page-"));
	let provider: OidcProvider;
	let gateway: GatewayProcess;
	const [issuers = "", roles = "", guests = ""] = codeBlocks(identity, "yaml");

	/** The configuration of the page, with the addresses of the test. */
	function configured(yaml: string): string {
		return yaml.replace("https://id.example.com", provider.issuer);
	}

	before(async () => {
		provider = await OidcProvider.start([await providerKey("k1")]);
		const file = join(scratch, "framegate.yaml");
		writeFileSync(file, `${configured(issuers)}${guests.replace("auth:\n", "")}`);
		const env = { FRAMEGATE_CONFIG: file, FRAMEGATE_DATABASE_URL: `sqlite:${scratch}/accounts.db` };
		await createRoleAccounts(env, ["admin"]);
		gateway = await startGateway({ env });
	});
	after(async () => {
		await gateway.kill9();
		await provider.stop();
		rmSync(scratch, { recursive: true, force: true });
	});

	/** Runs a program of the page. */
	async function program(code: string, replaced: Readonly<Record<string, string>> = {}): Promise<string> {
		const texts = {
			'"framegate-client"': JSON.stringify(join(root, "client/core.ts")),
			"wss://gateway.example.com/ws": gateway.url,
			...replaced,
		};
		const text = Object.entries(texts).reduce((made, [from, to]) => made.replace(from, to), code);
		const file = join(scratch, "program.ts");
		writeFileSync(file, `${text}\nclient.close();\n`);
		const { stdout } = await run(process.execPath, ["--no-warnings", file]);
		return stdout.trim();
	}

	async function shell(command: string, env: Readonly<Record<string, string>>): Promise<string> {
		const { stdout } = await run("sh", ["-c", command], {
			env: { PATH: process.env["PATH"] ?? "", GATEWAY: gateway.httpUrl, ...env },
		});
		return stdout;
	}

	it("shows configurations that are good", () => {
		const [company] = loadConfig({ env: { FRAMEGATE_CONFIG: join(scratch, "framegate.yaml") }, cwd: scratch }).auth
			.issuers;
		assert.deepEqual(company?.roles.allowed, []);
		const file = join(scratch, "roles.yaml");
		writeFileSync(file, configured(roles));
		const [issuer] = loadConfig({ env: { FRAMEGATE_CONFIG: file }, cwd: scratch }).auth.issuers;
		assert.deepEqual(issuer?.roles.allowed, ["engineer"]);
		assert.deepEqual(issuer?.authorizedParties, ["game-web", "game-android"]);
	});

	it("shows a client that connects with the provider's tokens", async () => {
		const [client = ""] = codeBlocks(identity, "ts");
		const token = await provider.token({ sub: "1", aud: AUDIENCE, extra: { preferred_username: "grace" } });
		const stdout = await program(client, { "provider.getAccessToken()": JSON.stringify(token) });
		assert.equal(stdout, "connected as grace");
	});

	it("shows commands that work", async () => {
		const [me = "", revoke = ""] = codeBlocks(identity, "sh");
		const sub = "248289761001";
		const token = await provider.token({ sub, aud: AUDIENCE, extra: { preferred_username: "linus" } });
		assert.equal(JSON.parse(await shell(me, { TOKEN: token })).user.username, "linus");
		const admin = await accessTokenOf(gateway.httpUrl, "admin");
		assert.deepEqual(JSON.parse(await shell(revoke, { ADMIN_TOKEN: admin })), { sessions_ended: 1 });
		await assert.rejects(shell(me, { TOKEN: token }), /401/);
	});

	it("shows a guest who joins an account", async () => {
		const [, guest = ""] = codeBlocks(identity, "ts");
		assert.match(await program(guest), /^guest-[a-z2-9]{10} is ada now$/);
	});

	it("lists every key of an issuer with its default", () => {
		const rows = table(section(identity, "All keys of an issuer"));
		const listed = rows.flatMap(({ key = "" }) => key.split(/`?, `?/));
		const parsed = issuerSchema.parse({ name: "x", issuer: "https://x.example", audience: ["x"] });
		const known = [...Object.keys(parsed), "jwksUrl", "algorithms", "secret", "secretFile"].flatMap((key) => {
			const value = (parsed as Readonly<Record<string, unknown>>)[key];
			const isGroup = key === "claims" || key === "roles";
			return isGroup ? Object.keys(value as object).map((inner) => `${key}.${inner}`) : [key];
		});
		assert.deepEqual(listed.toSorted(), known.toSorted());
		for (const { key = "", default: value = "" } of rows) {
			const actual = (parsed as Readonly<Record<string, unknown>>)[key];
			if (typeof actual === "number" || typeof actual === "boolean") assert.equal(value, String(actual), key);
		}
	});
});
