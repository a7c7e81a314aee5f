// Loading the configuration: precedence, names, and that everything wrong is reported at once.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { ConfigError } from "../../../server/config/config.ts";
import { configKeys, environmentNames } from "../../../server/config/keys.ts";
import { type LoadOptions, loadConfig } from "../../../server/config/load.ts";

let cwd = "";

beforeEach(() => {
	cwd = mkdtempSync(join(tmpdir(), "framegate-config-"));
});

afterEach(() => {
	rmSync(cwd, { recursive: true });
});

function write(name: string, content: string): void {
	writeFileSync(join(cwd, name), content);
}

function load(env: Record<string, string> = {}, options: Omit<LoadOptions, "env" | "cwd"> = {}) {
	return loadConfig({ env, cwd, ...options });
}

function problemsOf(env: Record<string, string> = {}, options: Omit<LoadOptions, "env" | "cwd"> = {}) {
	try {
		load(env, options);
	} catch (error) {
		assert.ok(error instanceof ConfigError, String(error));
		return error.problems;
	}
	return assert.fail("the configuration was accepted");
}

const STRONG = "qN3v8Zr1Lk6Wt0Yx5Hb2Jd9Gs4Pf7Ma-";

describe("variables of OpenTelemetry", () => {
	test("set their keys, and are ignored where their keys cannot have what they say", () => {
		const { tracing } = load({ OTEL_TRACES_SAMPLER_ARG: "0.25", OTEL_BSP_MAX_QUEUE_SIZE: "4096" });
		assert.deepEqual([tracing.ratio, tracing.maxQueueSpans], [0.25, 4096]);
		const other = load({
			OTEL_TRACES_SAMPLER_ARG: "endpoint=http://jaeger:14250,pollingIntervalMs=5000",
			OTEL_EXPORTER_OTLP_TIMEOUT: "ten",
			OTEL_EXPORTER_OTLP_COMPRESSION: "zstd",
			OTEL_BSP_MAX_QUEUE_SIZE: "-1",
		}).tracing;
		assert.deepEqual(other, load().tracing);
		// A key's own name is no variable of other programs.
		assert.match(problemsOf({ FRAMEGATE_TRACING_RATIO: "many" })[0]?.key ?? "", /^tracing\.ratio$/);
	});
});

describe("precedence", () => {
	test("defaults fill an empty configuration", () => {
		const config = load();
		assert.equal(config.profile, "development");
		assert.equal(config.server.port, 8080);
		assert.equal(config.limits.maxConnectionsPerSession, 8);
		assert.equal(config.database.url, `sqlite:${join(cwd, "data", "framegate.db")}`);
		assert.equal(config.redis.url, undefined);
		assert.deepEqual(config.auth.keys, []);
		assert.equal(config.auth.activeKeyId, undefined);
		assert.match(config.node.id, /.-[0-9a-f]{6}$/);
	});

	test("profile < file < .env < environment < command line", () => {
		const port = (env: Record<string, string> = {}, overrides = {}) => {
			return load({ NODE_ENV: "test", ...env }, { overrides }).server.port;
		};
		assert.equal(port(), 0);
		write("framegate.yaml", "server:\n  port: 1001\n");
		assert.equal(port(), 1001);
		write(".env", "PORT=1002\n");
		assert.equal(port(), 1002);
		assert.equal(port({ PORT: "1003" }), 1003);
		assert.equal(port({ PORT: "1003", FRAMEGATE_SERVER_PORT: "1004" }), 1004);
		assert.equal(port({ PORT: "1003" }, { server: { port: 1005 } }), 1005);
		write(".env", "FRAMEGATE_SERVER_PORT=1002\n");
		assert.equal(port({ PORT: "1003" }), 1003);
	});

	test("the file is chosen by option, then FRAMEGATE_CONFIG, then by its default name", () => {
		write("framegate.yaml", "dataDir: one\n");
		write("two.yaml", "dataDir: two\n");
		write("three.yaml", "dataDir: three\n");
		assert.equal(load().dataDir, join(cwd, "one"));
		assert.equal(load({ FRAMEGATE_CONFIG: "two.yaml" }).dataDir, join(cwd, "two"));
		assert.equal(load({ FRAMEGATE_CONFIG: "two.yaml" }, { file: "three.yaml" }).dataDir, join(cwd, "three"));
	});

	test("the profile is FRAMEGATE_PROFILE, then the file's, then NODE_ENV", () => {
		assert.equal(load({ NODE_ENV: "test" }).profile, "test");
		write("framegate.yaml", "profile: development\n");
		assert.equal(load({ NODE_ENV: "test" }).profile, "development");
		assert.equal(load({ NODE_ENV: "development", FRAMEGATE_PROFILE: "test" }).profile, "test");
		rmSync(join(cwd, "framegate.yaml"));
		assert.deepEqual(
			problemsOf({ NODE_ENV: "staging" }).map(({ key, source }) => [key, source]),
			[["profile", "NODE_ENV"]],
		);
	});

	test("the names that older programs use for the profile come after NODE_ENV, and below the file", () => {
		for (const name of ["GATEWAY_MODE", "APP_ENV", "FLASK_ENV"]) {
			assert.equal(load({ [name]: "test" }).profile, "test", name);
			assert.equal(load({ [name]: "testing" }).server.host, "127.0.0.1", name);
			assert.equal(load({ [name]: "test", NODE_ENV: "development" }).profile, "development", name);
			assert.deepEqual(
				problemsOf({ [name]: "staging" }).map(({ key, source }) => [key, source]),
				[["profile", name]],
			);
		}
		assert.equal(load({ GATEWAY_MODE: "test", APP_ENV: "development", FLASK_ENV: "development" }).profile, "test");
		assert.equal(load({ FRAMEGATE_PROFILE: "TEST" }).server.host, "127.0.0.1");
		write("framegate.yaml", "profile: development\n");
		assert.equal(load({ APP_ENV: "test" }).profile, "development");
	});

	test("empty variables and keys without value are not set", () => {
		write("framegate.yaml", "redis:\nlog:\n  level:\n");
		const config = load({ REDIS_URL: "", PORT: "" });
		assert.equal(config.redis.url, undefined);
		assert.equal(config.server.port, 8080);
		assert.equal(config.log.level, "info");
	});
});

describe("the environment", () => {
	test("has a distinct name for every key", () => {
		const names = configKeys.flatMap(environmentNames);
		assert.equal(new Set(names).size, names.length);
		for (const { env } of configKeys) assert.match(env, /^FRAMEGATE_[A-Z0-9]+(_[A-Z0-9]+)*$/);
	});

	test("reads numbers, flags, lists and structures", () => {
		const config = load({
			FRAMEGATE_LIMITS_MAX_CONNECTIONS: "123",
			FRAMEGATE_SERVER_PROXY_PROTOCOL: "yes",
			FRAMEGATE_SERVER_ALLOWED_ORIGINS: "https://a.example, https://*.b.example:8443",
			FRAMEGATE_RATES_PROTOCOLS: '{"1001":{"perSecond":0.5,"burst":3}}',
			FRAMEGATE_AUTH_PASSWORD_HASH_MEMORY_KIB: "1024",
			FRAMEGATE_CHAT_APPEND_MAX_BATCH: "7",
			FRAMEGATE_NOTIFICATIONS_TEMPLATES: '{"shop.sent":{"title":"On its way","text":"{item} left us."}}',
		});
		assert.equal(config.chat.append.maxBatch, 7);
		assert.deepEqual(config.notifications.templates, { "shop.sent": { title: "On its way", text: "{item} left us." } });
		assert.equal(config.limits.maxConnections, 123);
		assert.equal(config.server.proxyProtocol, true);
		assert.deepEqual(config.server.allowedOrigins, ["https://a.example", "https://*.b.example:8443"]);
		assert.deepEqual(config.rates.protocols, { "1001": { perSecond: 0.5, burst: 3 } });
		assert.equal(config.auth.passwordHash.memoryKiB, 1024);
	});

	test("knows the names that other programs use", () => {
		const config = load({
			HOST: "127.0.0.1",
			PORT: "9000",
			WORKERS: "2",
			DATABASE_URL: "postgres://u:p@db/x",
			REDIS_HOST: "cache",
			REDIS_PORT: "6380",
			REDIS_PASSWORD: "a/b@c",
			DEBUG: "1",
			GATEWAY_ID: "gw-7",
			JWT_SECRET_KEY: STRONG,
		});
		assert.deepEqual([config.server.host, config.server.port, config.server.workers], ["127.0.0.1", 9000, 2]);
		assert.equal(config.database.url, "postgres://u:p@db/x");
		assert.equal(config.redis.url, "redis://:a%2Fb%40c@cache:6380");
		assert.equal(config.log.level, "debug");
		assert.equal(config.node.id, "gw-7");
		assert.deepEqual(config.auth.keys, [{ id: "default", secret: STRONG }]);
		assert.equal(config.auth.activeKeyId, "default");
	});

	test("takes levels as other programs write them", () => {
		const words = { INFO: "info", Warning: "warn", CRITICAL: "fatal", debug: "debug" };
		for (const [word, level] of Object.entries(words)) assert.equal(load({ LOG_LEVEL: word }).log.level, level);
		write("framegate.yaml", "log:\n  level: WARNING\n");
		assert.equal(load().log.level, "warn");
		assert.match(problemsOf({ LOG_LEVEL: "constructor" })[0]?.message ?? "", /got "constructor"/);
	});

	test("takes CORS_ORIGINS for the origins that may connect", () => {
		const { allowedOrigins } = load({ CORS_ORIGINS: "https://a.example,https://b.example" }).server;
		assert.deepEqual(allowedOrigins, ["https://a.example", "https://b.example"]);
	});

	test("takes LOG_LEVEL over DEBUG, and no other program's DEBUG", () => {
		assert.equal(load({ DEBUG: "1", LOG_LEVEL: "warn" }).log.level, "warn");
		assert.equal(load({ DEBUG: "ioredis:*" }).log.level, "info");
	});
});

describe("errors", () => {
	test("are reported all at once, each with key, expectation and source", () => {
		write(
			"framegate.yaml",
			"server:\n  prot: 1\n  port: 70000\nlimits:\n  idleTimeoutMs: 20000\nextra: 1\nrates: 5\nauth:\n  defaultRole: king\n",
		);
		const problems = problemsOf({ FRAMEGATE_LIMITS_MAX_IN_FLIGTH: "1", WORKERS: "two", FRAMEGATE_LOG_LEVEL: "loud" });
		const found = problems.map(({ key, source }) => `${key} < ${source}`).sort();
		assert.deepEqual(found, [
			"FRAMEGATE_LIMITS_MAX_IN_FLIGTH < FRAMEGATE_LIMITS_MAX_IN_FLIGTH",
			"auth.defaultRole < framegate.yaml:9",
			"extra < framegate.yaml:6",
			"limits.idleTimeoutMs < framegate.yaml:5",
			"log.level < FRAMEGATE_LOG_LEVEL",
			"rates < framegate.yaml:7",
			"server.port < framegate.yaml:3",
			"server.prot < framegate.yaml:2",
			"server.workers < WORKERS",
		]);
		const message = (key: string) => problems.find((problem) => problem.key === key)?.message ?? "";
		assert.match(message("server.prot"), /did you mean "port"/);
		assert.match(message("FRAMEGATE_LIMITS_MAX_IN_FLIGTH"), /did you mean "FRAMEGATE_LIMITS_MAX_IN_FLIGHT"/);
		assert.match(message("server.port"), /65535, got 70000/);
		assert.match(message("server.workers"), /expected number, got "two"/);
		assert.match(message("limits.idleTimeoutMs"), /longer than limits.heartbeatIntervalMs/);
	});

	test("never show a value that may be secret", () => {
		const env = { REDIS_URL: "http://:hunter2@cache", FRAMEGATE_AUTH_KEYS: '[{"id":"bad id!","secret":"hunter2"}]' };
		const problems = problemsOf(env);
		assert.equal(problems.length, 2);
		assert.doesNotMatch(JSON.stringify(problems), /hunter2/);
	});

	test("name the line of broken YAML, and a file that is not there", () => {
		write("framegate.yaml", "server:\n  port: 1\n  port: 2\n");
		assert.deepEqual(
			problemsOf().map(({ source }) => source),
			["framegate.yaml:3"],
		);
		const tenfold = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(of).join(", ")}]\n`;
		const growing = `${tenfold("a", "1")}${tenfold("b", "*a")}${tenfold("c", "*b")}${tenfold("d", "*c")}`;
		for (const yaml of ["server:\n  port: *unknown\n", growing]) {
			write("framegate.yaml", yaml);
			assert.deepEqual(
				problemsOf().map(({ key, source }) => [key, source]),
				[["(YAML)", "framegate.yaml"]],
			);
		}
		assert.match(problemsOf({}, { file: "none.yaml" })[0]?.message ?? "", /ENOENT/);
		mkdirSync(join(cwd, "directory.yaml"));
		assert.match(problemsOf({}, { file: "directory.yaml" })[0]?.message ?? "", /EISDIR/);
		rmSync(join(cwd, "framegate.yaml"));
		mkdirSync(join(cwd, ".env"));
		assert.deepEqual(
			problemsOf().map(({ key }) => key),
			[".env"],
		);
	});

	test("include a file that is no map, and keys that are no keys", () => {
		write("framegate.yaml", "- 1\n");
		assert.equal(problemsOf()[0]?.message, "expected a group of keys");
		write("framegate.yaml", "__proto__:\n  polluted: 1\n");
		assert.equal(problemsOf()[0]?.key, "__proto__");
		assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
	});
});

test("the result cannot be changed", () => {
	const config = load() as unknown as { limits: { maxConnections: number }; auth: { roles: { user: string[] } } };
	assert.throws(() => {
		config.limits.maxConnections = 1;
	}, TypeError);
	assert.throws(() => config.auth.roles.user.push("x"), TypeError);
});

describe("secrets in files", () => {
	test("a variable with _FILE behind its name is read from that file, without the last line feed", () => {
		write("jwt", `${STRONG}\n`);
		write("database", "postgres://framegate:geheim@db/framegate\n");
		write("password", "p@ss");
		const config = load({
			JWT_SECRET_FILE: "jwt",
			FRAMEGATE_DATABASE_URL_FILE: join(cwd, "database"),
			REDIS_HOST: "cache",
			REDIS_PASSWORD_FILE: "password",
		});
		assert.deepEqual(config.auth.keys, [{ id: "default", secret: STRONG }]);
		assert.equal(config.database.url, "postgres://framegate:geheim@db/framegate");
		assert.equal(config.redis.url, "redis://:p%40ss@cache:6379");
	});

	test("an error of a file is reported with the variable that names it, and never shows the content", () => {
		write("empty", "\n");
		write("jwt", STRONG);
		write("database", "mongodb://secret@db");
		const problems = problemsOf({
			REDIS_URL_FILE: "missing",
			EDGE_REDIS_URL_FILE: "empty",
			JWT_SECRET: STRONG,
			JWT_SECRET_FILE: "jwt",
			DATABASE_URL_FILE: "database",
		});
		const reported = problems.map(({ key, message, source }) => `${key}: ${message} (${source})`);
		assert.equal(reported.length, 4, reported.join("\n"));
		assert.ok(reported.includes("REDIS_URL: cannot read missing (ENOENT) (REDIS_URL_FILE)"), reported.join("\n"));
		assert.ok(reported.includes("EDGE_REDIS_URL: empty is empty (EDGE_REDIS_URL_FILE)"));
		assert.ok(reported.includes("JWT_SECRET: is set both as JWT_SECRET and as JWT_SECRET_FILE (JWT_SECRET_FILE)"));
		assert.ok(reported.some((line) => line.startsWith("database.url: ") && line.endsWith("(DATABASE_URL_FILE)")));
		assert.doesNotMatch(reported.join("\n"), /secret@|qN3v/);
	});

	test("only what may be secret is read from files", () => {
		assert.deepEqual(
			problemsOf({ FRAMEGATE_LOG_LEVEL_FILE: "x" }).map(({ key }) => key),
			["FRAMEGATE_LOG_LEVEL_FILE"],
		);
	});
});
