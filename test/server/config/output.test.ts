// The configuration as it is shown, documented and reloaded.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { parse } from "yaml";
import { ConfigError } from "../../../server/config/config.ts";
import { describeConfig, redactUrl } from "../../../server/config/describe.ts";
import { loadConfig } from "../../../server/config/load.ts";
import { configReference, configurationPage } from "../../../server/config/reference.ts";
import { reloadConfig } from "../../../server/config/reload.ts";
import { workerEnvironment, workerSlot } from "../../../server/config/worker-environment.ts";

const load = (env: Record<string, string>) => loadConfig({ env, cwd: tmpdir(), nodeId: "n" });

test("the printed configuration is complete and holds no secret", () => {
	const shown = describeConfig(
		load({
			JWT_SECRET: "hunter2".repeat(6),
			FRAMEGATE_AUTH_KEYS: `[{"id":"k2","secret":"${"2hunter2".repeat(6)}"}]`,
			REDIS_URL: "rediss://user:hunter2@cache:6379/1",
			FRAMEGATE_REDIS_CHANNELS_URL: "redis://:hunter2@channels:6379",
			DATABASE_URL: "postgres://db/x?user=a&password=hunter2",
			FRAMEGATE_NOTIFIER_WEBHOOK_SECRET: "hunter2",
			FRAMEGATE_NOTIFIER_WEBHOOK_URL: "https://hook.example/?token=hunter2",
			FRAMEGATE_SERVER_TLS_PASSPHRASE: "hunter2",
			FRAMEGATE_NOTIFIER_SMTP_URL: "smtps://bot:hunter2@mail.example",
			FRAMEGATE_OUTPUTS_MQTT_URL: "mqtts://box:hunter2@broker.example",
			FRAMEGATE_OUTPUTS_MQTT_PASSWORD: "hunter2",
			FRAMEGATE_OUTPUTS_WEBHOOKS: `[{"name":"h","url":"https://hook.example/hunter2","secret":"${"3hunter2".repeat(6)}","events":["user"]}]`,
		}),
	);
	assert.doesNotMatch(shown, /hunter2/);
	const values = parse(shown);
	assert.equal(values.redis.url, "rediss://user:[redacted]@cache:6379/1");
	assert.deepEqual(
		values.auth.keys.map(({ id }: { id: string }) => id),
		["default", "k2"],
	);
	for (const { key, default: value } of configReference()) {
		if (value === "" || key === "auth.secret") continue;
		const found = key.split(".").reduce((group, name) => group?.[name], values);
		assert.notEqual(found, undefined, key);
	}
});

test("credentials are hidden in any URL", () => {
	assert.equal(redactUrl("redis://:p:q@h"), "redis://:[redacted]@h");
	assert.equal(redactUrl("mysql://u:p@h/db?ssl=1"), "mysql://u:[redacted]@h/db?ssl=1");
	const sentinels = "redis+sentinel://:p@a,b/main?sentinelUsername=u&sentinelPassword=p";
	assert.equal(redactUrl(sentinels), sentinels.replace(":p@", ":[redacted]@").replace(/p$/, "[redacted]"));
	assert.equal(redactUrl("sqlite:/var/lib/x.db"), "sqlite:/var/lib/x.db");
	assert.equal(redactUrl("redis://h:6379/0"), "redis://h:6379/0");
});

test("the reference page is what the schema says", () => {
	const page = readFileSync(new URL("../../../docs/reference/configuration.md", import.meta.url), "utf8");
	assert.ok(
		page === configurationPage(),
		"run `npm run framegate -- config --reference > docs/reference/configuration.md`",
	);
});

describe("reload", () => {
	test("applies what can change at run time and names the rest", () => {
		const current = load({});
		const next = load({
			FRAMEGATE_LIMITS_MAX_CONNECTIONS: "5",
			FRAMEGATE_RATES_USER_BURST: "7",
			LOG_LEVEL: "debug",
			FRAMEGATE_RATES_PROTOCOLS: '{"1005":{"perSecond":1,"burst":1}}',
			PORT: "1",
			FRAMEGATE_LIMITS_MAX_MESSAGE_BYTES: "2048",
		});
		const { config, applied, ignored } = reloadConfig(current, next);
		assert.deepEqual([...applied].sort(), [
			"limits.maxConnections",
			"log.level",
			"rates.protocols",
			"rates.user.burst",
		]);
		assert.deepEqual([...ignored].sort(), ["limits.maxMessageBytes", "server.port"]);
		assert.equal(config.limits.maxConnections, 5);
		assert.equal(config.rates.user.burst, 7);
		assert.equal(config.log.level, "debug");
		assert.deepEqual(config.rates.protocols, next.rates.protocols);
		assert.equal(config.server.port, current.server.port);
		assert.equal(config.limits.maxMessageBytes, current.limits.maxMessageBytes);
		assert.ok(Object.isFrozen(config.limits));
		assert.equal(current.limits.maxConnections, 10_000);
	});

	test("changes nothing when nothing changed", () => {
		const current = load({});
		const { config, applied, ignored } = reloadConfig(current, load({}));
		assert.equal(config, current);
		assert.deepEqual([applied, ignored], [[], []]);
	});
});

test("a worker's environment is a configuration of its own", () => {
	const config = load({ FRAMEGATE_SERVER_METRICS_PORT: "9100", WORKERS: "3", REDIS_URL: "redis://h" });
	const base = { REDIS_URL: "redis://h", WORKERS: "3" };
	const worker = loadConfig({ env: workerEnvironment(config, 2, 1, base), cwd: tmpdir() });
	assert.equal(worker.node.id, "n-2");
	assert.equal(worker.server.metricsPort, 9101);
	assert.equal(workerSlot(workerEnvironment(config, 2, 3, base)), 2);
	assert.equal(workerEnvironment(config, 2, 3, base)["FRAMEGATE_NODE_ID"], "n-2.3");
	assert.equal(workerSlot({}), undefined);
});

test("the examples are accepted as they are", () => {
	const root = fileURLToPath(new URL("../../..", import.meta.url));
	const names = Object.entries(parseEnv(readFileSync(`${root}/.env.example`, "utf8")));
	assert.equal(load(Object.fromEntries(names) as Record<string, string>).server.port, 8080);
	// All but the key files, which are on somebody's machine.
	const options = { cwd: tmpdir(), file: `${root}/docs/examples/framegate.yaml` };
	const auth = { algorithm: "HS256", keys: [{ id: "a", secret: "qN3v8Zr1Lk6Wt0Yx5Hb2Jd9Gs4Pf7Ma-" }] };
	assert.equal(loadConfig({ ...options, env: {}, overrides: { auth } }).server.workers, 4);
	assert.throws(
		() => loadConfig({ ...options, env: {} }),
		(error) => error instanceof ConfigError && error.problems.every(({ message }) => message.includes("cannot read")),
	);
});
