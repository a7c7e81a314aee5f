// A gateway with everything that a page claims to be accepted, and an account that may do everything.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import { post } from "../../support/http-client.ts";
import { startNacosDouble } from "../../support/nacos-double.ts";
import { PASSWORD } from "../../support/wire-client.ts";
import { codeBlocks, page } from "../markdown.ts";
import type { Row } from "./rows.ts";
import { allSettings } from "./settings.ts";

export interface Subject {
	readonly gateway: GatewayProcess;
	readonly at: (path: string) => string;
	readonly login: { readonly accessToken: string; readonly refreshToken: string };
	readonly adminToken: string;
	/** Of the start and the first login, and the end of what came later. */
	log(): string;
	/** Registers an account. @returns its id. */
	register(username: string): Promise<string>;
	stop(): Promise<void>;
}

const ADMIN_TOKEN = "a-token-of-an-administrator";
const USERNAME = "older";

/** @param rows - of the page. */
export async function startSubject(pageName: string, rows: readonly Row[]): Promise<Subject> {
	const directory = mkdtempSync(join(tmpdir(), "framegate-migrating-"));
	const { env, yaml } = allSettings(rows);
	const file = join(directory, "config.yaml");
	writeFileSync(file, yaml);
	const modules = join(directory, "modules");
	mkdirSync(modules);
	const [template] = codeBlocks(page(`docs/migrating/${pageName}`), "ts");
	if (template !== undefined) writeFileSync(join(modules, "template.ts"), template);
	const nacos = Object.keys(env).some((name) => name.startsWith("NACOS_")) ? await startNacosDouble() : undefined;
	const gateway = await startGateway({
		args: ["--config", file],
		env: {
			...env,
			...(nacos === undefined ? {} : { NACOS_SERVER_ADDR: `127.0.0.1:${nacos.port}` }),
			ADMIN_TOKENS: ADMIN_TOKEN,
			FRAMEGATE_MODULES_DIR: modules,
			FRAMEGATE_AUTH_DEFAULT_ROLE: "admin",
			FRAMEGATE_AUTH_PASSWORD_HASH_MEMORY_KIB: "8",
			FRAMEGATE_LOG_LEVEL: "debug",
			FRAMEGATE_LOG_FORMAT: "json",
		},
	});
	const at = (path: string): string => `${gateway.httpUrl}${path}`;
	const register = async (username: string): Promise<string> => {
		const { body } = await post(at("/auth/register"), { username, password: PASSWORD });
		return body.user.id as string;
	};
	await register(USERNAME);
	const { body } = await post(at("/auth/login"), { username: USERNAME, password: PASSWORD });
	const first = gateway.log();
	return {
		gateway,
		log: () => `${first}\n${gateway.log()}`,
		at,
		register,
		adminToken: ADMIN_TOKEN,
		login: { accessToken: body.tokens.access_token, refreshToken: body.tokens.refresh_token },
		stop: async () => {
			await gateway.stop();
			await nacos?.stop();
			rmSync(directory, { recursive: true });
		},
	};
}
