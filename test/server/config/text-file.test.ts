// Files as editors of any system write them: byte order marks, line ends and other things that nobody sees change neither the
// name of a key nor a secret.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../../../server/config/config.ts";
import { loadConfig } from "../../../server/config/load.ts";

const STRONG = "qN3v8Zr1Lk6Wt0Yx5Hb2Jd9Gs4Pf7Ma-";
const BOM = "\uFEFF";
let cwd = "";

beforeEach(() => {
	cwd = mkdtempSync(join(tmpdir(), "framegate-text-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const write = (name: string, content: string | Buffer) => writeFileSync(join(cwd, name), content);
const load = (env: Record<string, string> = {}, overrides: object = {}) => loadConfig({ env, cwd, overrides });

function problems(env: Record<string, string> = {}, overrides: object = {}): string[] {
	try {
		load(env, overrides);
	} catch (error) {
		assert.ok(error instanceof ConfigError, String(error));
		return error.problems.map(({ key, message }) => `${key}: ${message}`);
	}
	return assert.fail("the configuration was accepted");
}

describe("a byte order mark and line ends of Windows", () => {
	test("in .env: the first key is one, and values end before the line end", () => {
		write(".env", `${BOM}PORT=9001\r\nJWT_SECRET=${STRONG}\r\n`);
		const { server, auth } = load();
		assert.equal(server.port, 9001);
		assert.equal(auth.keys[0]?.secret, STRONG);
		write(".env", `${BOM}FRAMEGATE_SERVER_PROT=9001\r\n`);
		assert.match(problems().join(), /^FRAMEGATE_SERVER_PROT: unknown/);
	});

	test("in .env: a line that gives nothing a value is named, and values in quotes may have several", () => {
		write(".env", `# a remark\r\nexport PORT=9003\r\n\r\nFRAMEGATE_SERVER_HOST: 127.0.0.1\r\nLOG_LEVEL debug\r\n`);
		assert.throws(() => load(), /\.env: expected NAME=value.*\(from \.env:4\)[\s\S]*\(from \.env:5\)/);
		const pem = "-----BEGIN X-----\nno name here\n-----END X-----";
		for (const quote of ['"', "'", "`"]) {
			write(".env", `A_KEY=${quote}${pem}${quote}\nPORT=9004\nNOTE=it${quote}s\nLAST=${quote}open\n`);
			assert.equal(load().server.port, 9004, quote);
		}
	});

	test("in YAML: the first key is one, and errors name the right line", () => {
		write("framegate.yaml", `${BOM}dataDir: kept\r\nserver:\r\n  port: 9002\r\n`);
		assert.deepEqual([load().dataDir, load().server.port], [join(cwd, "kept"), 9002]);
		write("framegate.yaml", `${BOM}dataDir: kept\r\nserver:\r\n  prot: 9002\r\n`);
		assert.throws(() => load(), /server\.prot: .*\(from framegate\.yaml:3\)/);
	});

	test("in the environment, as a file of variables with such line ends leaves them", () => {
		write("other.yaml", "dataDir: other\n");
		const { server, dataDir, profile } = load({ PORT: "9003\r", FRAMEGATE_CONFIG: "other.yaml\r", NODE_ENV: "test\r" });
		assert.deepEqual([server.port, dataDir, profile], [9003, join(cwd, "other"), "test"]);
	});
});

describe("a secret is the same on every node", () => {
	const secretOf = (env: Record<string, string>, overrides: object = {}) => load(env, overrides).auth.keys[0]?.secret;

	for (const [how, content] of [
		["with no line end", STRONG],
		["with a line feed", `${STRONG}\n`],
		["with two line feeds", `${STRONG}\n\n`],
		["with a line end of Windows", `${STRONG}\r\n`],
		["with a byte order mark", `${BOM}${STRONG}`],
	] as const) {
		test(how, () => {
			write("secret", content);
			assert.equal(secretOf({ JWT_SECRET_FILE: "secret" }), STRONG);
			assert.equal(secretOf({ JWT_SECRET: content }), STRONG);
			assert.equal(secretOf({}, { auth: { secret: content } }), STRONG);
			assert.equal(secretOf({}, { auth: { keys: [{ id: "a", secretFile: "secret" }] } }), STRONG);
			assert.equal(secretOf({}, { auth: { keys: [{ id: "a", secret: content }] } }), STRONG);
			const redis = load({ REDIS_HOST: "cache", REDIS_PASSWORD: content }).redis.url;
			assert.equal(redis, `redis://:${STRONG}@cache:6379`);
			assert.equal(load({ REDIS_URL: `${content.replace(STRONG, "redis://cache")}` }).redis.url, "redis://cache");
		});
	}

	test("of several lines, whatever their ends are", () => {
		write("secret", `${STRONG}\r\n${STRONG}\r\n`);
		assert.equal(secretOf({ JWT_SECRET_FILE: "secret" }), `${STRONG}\n${STRONG}`);
	});

	test("a key in PEM may begin with a byte order mark", () => {
		const { privateKey } = generateKeyPairSync("ed25519");
		const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
		write("key.pem", `${BOM}${pem.replaceAll("\n", "\r\n")}`);
		const { keys } = load({}, { auth: { algorithm: "EdDSA", keys: [{ id: "a", privateKeyFile: "key.pem" }] } }).auth;
		assert.equal(keys[0]?.privateKeyPem, pem);
	});
});

describe("refused, with the place and without the secret", () => {
	const refused = (found: string[], expected: RegExp) => {
		assert.equal(found.length, 1, found.join("\n"));
		assert.match(found[0] ?? "", expected);
		assert.doesNotMatch(found.join(), /qN3v8|Ma-/);
	};

	test("UTF-16, with a mark and without, and other bytes that are no UTF-8", () => {
		const utf16 = Buffer.from(`${BOM}PORT=1\n`, "utf16le");
		for (const bytes of [utf16, Buffer.from(utf16).swap16(), utf16.subarray(2)]) {
			write("secret", bytes);
			refused(
				problems({ JWT_SECRET_FILE: "secret" }),
				/^JWT_SECRET: secret is UTF-16 text, or no text: save it as UTF-8/,
			);
			write(".env", bytes);
			refused(problems(), /^\.env: \.env is UTF-16/);
			write(".env", "");
			write("framegate.yaml", bytes);
			refused(problems(), /^framegate\.yaml: framegate\.yaml is UTF-16/);
			write("framegate.yaml", "");
		}
		write("secret", Buffer.from([0x70, 0xe4, 0x73, 0x73]));
		refused(problems({ JWT_SECRET_FILE: "secret" }), /^JWT_SECRET: secret is no UTF-8 text/);
	});

	test("a character that cannot be seen, and white space at an end", () => {
		const zeroWidth = `${STRONG}\u200B${STRONG}`;
		const expected = /holds a character that cannot be seen \(U\+200B, at position 33\)/;
		refused(problems({ JWT_SECRET: zeroWidth }), expected);
		refused(problems({}, { auth: { keys: [{ id: "a", secret: zeroWidth }] } }), expected);
		refused(problems({ REDIS_HOST: "cache", REDIS_PASSWORD: zeroWidth }), /^REDIS_PASSWORD: holds .*U\+200B/);
		refused(problems({ REDIS_URL: "redis://cache\u00A0" }), /^redis\.url: begins or ends with white space/);
		refused(problems({ JWT_SECRET: `${STRONG} ` }), /begins or ends with white space/);
	});
});

test("settings of a box may have been written on Windows", () => {
	write("settings", `${BOM}PORT=7005\r\nMEMORY=512m\r\n`);
	const lib = fileURLToPath(new URL("../../../deploy/edge/lib.sh", import.meta.url));
	const env = { PATH: process.env["PATH"], EDGE_STATE: cwd };
	const { stdout, stderr } = spawnSync("sh", ["-c", `. ${lib}; printf '%s|%s|' "$PORT" "$MEMORY"`], {
		env,
		encoding: "utf8",
	});
	assert.deepEqual([stdout, stderr], ["7005|512m|", ""]);
});
