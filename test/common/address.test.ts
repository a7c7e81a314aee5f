// Addresses of servers: what they may say, and what an error says of those that are not right, without a word of the password.
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { describe, test } from "node:test";
import { parseAddress } from "../../common/address.ts";
import { ConfigError } from "../../server/config/config.ts";
import { loadConfig } from "../../server/config/load.ts";
import { configWarnings } from "../../server/config/rules.ts";
import { parseDatabaseUrl } from "../../stores/sql/database-url.ts";

function problems(env: Record<string, string>): string[] {
	try {
		loadConfig({ env, cwd: tmpdir() });
	} catch (error) {
		assert.ok(error instanceof ConfigError, String(error));
		return error.problems.map(({ key, message }) => `${key}: ${message}`);
	}
	return [];
}

test("user information, hosts, path and parameters are distinguished and decoded", () => {
	const { parameters, ...rest } = parseAddress("redis+cluster://ada:p%40s%2Fs@a:1,[::1]:2,c/0?family=6&SSL-Mode=x%20y");
	assert.deepEqual(rest, {
		scheme: "redis+cluster",
		username: "ada",
		password: "p@s/s",
		hosts: [
			{ host: "a", port: 1 },
			{ host: "::1", port: 2 },
			{ host: "c", port: undefined },
		],
		path: "0",
	});
	assert.deepEqual(parameters.take("sslmode"), { name: "SSL-Mode", value: "x y" });
	assert.throws(() => parameters.rejectRest(), /unknown parameter "family"; known are sslmode/);
});

describe("a reserved character that is not escaped is named, and the password is not", () => {
	const variables = {
		REDIS_URL: "redis",
		EDGE_REDIS_URL: "rediss",
		DATABASE_URL: "postgres",
		FRAMEGATE_NOTIFIER_SMTP_URL: "smtp",
	};
	for (const [character, escaped] of [
		["/", "%2F"],
		["?", "%3F"],
		["#", "%23"],
		["%", "%25"],
	] as const) {
		for (const user of ["ada", "123"]) {
			test(`${character} behind ${user}:`, () => {
				for (const [name, scheme] of Object.entries({ ...variables, DATABASE_URL: "mysql" })) {
					const found = problems({ [name]: `${scheme}://${user}:5ecr${character}et=x@host:1234/0` });
					assert.equal(found.length, 1, `${name} ${found.join()}`);
					assert.match(found[0] ?? "", new RegExp(`${character === "?" ? "\\?" : character}.*${escaped}`), name);
					assert.doesNotMatch(found.join(), /5ecr|et/, name);
				}
			});
		}
	}

	test("escaped, it is part of the password", () => {
		const target = parseDatabaseUrl("postgres://ada:a%2Fb%3Fc%23d%25e%40f@host/name");
		assert.equal(target.dialect === "postgres" && target.server.password, "a/b?c#d%e@f");
	});
});

describe("parameters", () => {
	for (const [url, expected] of [
		["redis://h?famly=0", /^redis\.url: unknown parameter "famly"; known are db, family, sslmode/],
		["redis://h?family=5", /family must be 0, 4 or 6/],
		["redis://h/1?db=2", /the database is given twice/],
		["rediss://h?ssl=false", /ssl contradicts a scheme that means TLS/],
		["redis://h?ssl=true&sslmode=disable", /sslmode and ssl contradict each other/],
		["redis://h?ssl=maybe", /ssl: expected true, false, disable,/],
		["redis://h?sslmode=allow", /would begin in plain text: say disable, or require/],
		["rediss://h?sslmode=verify-ca", /verify-ca needs the authority's certificate/],
		["rediss://h?sslrootcert=/no/such/file", /cannot read \/no\/such\/file \(ENOENT\)/],
		["redis://h?sslrootcert=x&sslmode=disable", /sslrootcert contradicts/],
		["rediss://h?sslcert=x", /sslcert and sslkey belong together/],
		["redis://h?family=0&family=4", /"family" is given twice/],
	] as const) {
		test(`of Redis: ${url}`, () => {
			const found = problems({ REDIS_URL: url });
			assert.equal(found.length, 1, found.join("\n"));
			assert.match(found[0] ?? "", expected);
		});
	}

	for (const [url, expected] of [
		["postgres://h/d?pgbouncer=true", /^database\.url: unknown parameter "pgbouncer"; known are/],
		["postgres://h/d?channel_binding=require", /needs TLS/],
		["postgres://a,b/d", /several hosts/],
		["mysql://h/d?multipleStatements=true", /unknown parameter "multipleStatements"/],
		["mysql://127.0.0.1/d?ssl-mode=VERIFY_IDENTITY", /verify-full needs a host name/],
		["mysql://h/d?ssl=Amazon%20RDS", /ssl: expected true/],
		["mysql://h/d?charset=latin1", /charset must be utf8mb4/],
	] as const) {
		test(`of SQL: ${url}`, () => {
			const found = problems({ DATABASE_URL: url });
			assert.equal(found.length, 1, found.join("\n"));
			assert.match(found[0] ?? "", expected);
		});
	}

	test("as vendors hand them out", () => {
		for (const url of [
			"postgresql://u:p@ep-x.neon.tech/d?sslmode=require&channel_binding=require",
			"postgres://u:p@h:5432/d?sslmode=verify-full",
			"postgres:///d?host=/run/postgresql&user=u",
			"mysql://u:p@x.aivencloud.com:12691/defaultdb?ssl-mode=REQUIRED",
			'mysql://u:pscale_pw_x@aws.connect.psdb.cloud/d?ssl={"rejectUnauthorized":true}',
			"mysql://u:p@h/d?sslaccept=strict",
		]) {
			assert.deepEqual(problems({ DATABASE_URL: url }), [], url);
		}
		for (const url of [
			"redis://default:p@redis.railway.internal:6379?family=0",
			"rediss://:p@h:6380?ssl_cert_reqs=none",
		]) {
			assert.deepEqual(problems({ REDIS_URL: url }), [], url);
		}
	});
});

test("a connection that is encrypted to nobody knows whom gets a warning with the key", () => {
	const env = { DATABASE_URL: "mysql://u:topsecret@h/d?ssl-mode=REQUIRED", REDIS_URL: "rediss://h" };
	const warnings = configWarnings(loadConfig({ env, cwd: tmpdir() }));
	assert.match(warnings.join(), /^database\.url: .*verify-full/);
	assert.doesNotMatch(warnings.join(), /redis|topsecret/);
});
