// What an address asks of TLS, against real servers: encrypted where that is asked for, checked as far as is asked for, and no
// connection at all rather than plain text. The words are libpq's (sslmode) and MySQL's (--ssl-mode).
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { openRedis } from "../../stores/redis/connection.ts";
import { openDatabase } from "../../stores/sql/database.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { freePort, type RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

const directory = mkdtempSync(path.join(tmpdir(), "framegate-address-tls-"));
let own: Certificates;
/** Of another authority. */
let other: Certificates;
const servers: RealServer[] = [];

before(() => {
	own = makeCertificates(path.join(directory, "own"));
	other = makeCertificates(path.join(directory, "other"));
});

after(async () => {
	for (const server of servers) await server.stop();
	rmSync(directory, { recursive: true });
});

async function started<Server extends RealServer>(starting: Promise<Server>): Promise<Server> {
	const server = await starting;
	servers.push(server);
	return server;
}

/** The messages of an error and of its causes. */
function reasons(thrown: unknown): string {
	const { message, code, cause } = (thrown ?? {}) as { message?: string; code?: string; cause?: unknown };
	return thrown === undefined ? "" : `${message} ${code} ${reasons(cause)}`;
}

/** What one query gives over the connection that an address describes. */
async function ask(url: string, query: string): Promise<string> {
	const database = openDatabase({ url }, quietLogger());
	try {
		const { rows } = await database.run((db) => sql.raw<{ answer: unknown }>(query).execute(db));
		return String(rows[0]?.answer);
	} catch (error) {
		return `refused: ${reasons(error)}`;
	} finally {
		await database.close();
	}
}

const UNTRUSTED = /^refused: .*(?:self-signed|unable to verify|unable to get)/i;
const OTHER_NAME = /^refused: .*(?:does not match certificate|ERR_TLS_CERT_ALTNAME_INVALID)/i;

describe("PostgreSQL", () => {
	const answer = (url: string) => ask(url, "select ssl as answer from pg_stat_ssl where pid = pg_backend_pid()");
	let port = 0;

	before(async () => {
		({ port } = await started(startPostgres({ tls: own })));
	});

	const at = (host: string, parameters: string) => `postgres://postgres@${host}:${port}/postgres${parameters}`;

	test("without a word of it the connection is plain, as with disable", async () => {
		for (const parameters of ["", "?sslmode=disable", "?ssl=false"]) {
			assert.equal(await answer(at("localhost", parameters)), "false", parameters);
		}
	});

	test("prefer and require encrypt, and check nothing unless an authority is given", async () => {
		for (const parameters of ["?sslmode=require", "?ssl-mode=REQUIRED", "?sslmode=prefer", "?sslmode=no-verify"]) {
			assert.equal(await answer(at("127.0.0.1", parameters)), "true", parameters);
		}
		assert.match(await answer(at("localhost", `?sslmode=require&sslrootcert=${other.caFile}`)), UNTRUSTED);
	});

	test("verify-ca checks the authority, verify-full and ssl=true the name as well", async () => {
		const ca = `sslrootcert=${own.caFile}`;
		assert.equal(await answer(at("127.0.0.1", `?sslmode=verify-ca&${ca}`)), "true");
		assert.match(await answer(at("localhost", `?sslmode=verify-ca&sslrootcert=${other.caFile}`)), UNTRUSTED);
		assert.equal(await answer(at("localhost", `?sslmode=verify-full&${ca}`)), "true");
		assert.match(await answer(at("127.0.0.1", `?sslmode=verify-full&${ca}`)), OTHER_NAME);
		for (const parameters of ["?sslmode=verify-full", "?ssl=true"]) {
			assert.match(await answer(at("localhost", parameters)), UNTRUSTED, parameters);
		}
	});

	test("a server without TLS gets no plain connection", async () => {
		const { port } = await started(startPostgres());
		for (const mode of ["prefer", "require", "verify-full"]) {
			const refused = await answer(`postgres://postgres@127.0.0.1:${port}/postgres?sslmode=${mode}`);
			assert.match(refused, /^refused: .*does not support SSL/, mode);
		}
	});

	test("channel_binding=require takes no server that does not bind its authentication", async () => {
		const text = "p%ss/wörd";
		const bound = await started(startPostgres({ tls: own, password: { text, auth: "scram-sha-256" } }));
		const asked = (url: string) => answer(`${url}?sslmode=require&channel_binding=require`);
		assert.equal(await asked(bound.url), "true");
		assert.match(await asked(at("127.0.0.1", "")), /^refused: .*channel_binding=require/);
		const plain = await started(startPostgres({ tls: own, password: { text, auth: "password" } }));
		assert.equal(await answer(`${plain.url}?sslmode=require`), "true");
		assert.match(await asked(plain.url), /^refused: .*channel_binding=require/);
	});
});

describe("MariaDB", () => {
	const answer = (url: string) =>
		ask(
			url,
			"select variable_value <> '' as answer from information_schema.session_status where variable_name = 'Ssl_cipher'",
		);
	let port = 0;

	before(async () => {
		({ port } = await started(startMariadb({ tls: own })));
	});

	const at = (host: string, parameters: string) => `mysql://framegate@${host}:${port}/framegate${parameters}`;

	test("without a word of it the connection is plain, as with DISABLED", async () => {
		for (const parameters of ["", "?ssl-mode=DISABLED"]) {
			assert.equal(await answer(at("127.0.0.1", parameters)), "0", parameters);
		}
	});

	test("REQUIRED encrypts, in every spelling", async () => {
		for (const parameters of [
			"?ssl-mode=REQUIRED",
			"?sslmode=require",
			"?ssl_mode=PREFERRED",
			'?ssl={"rejectUnauthorized":false}',
		]) {
			assert.equal(await answer(at("127.0.0.1", parameters)), "1", parameters);
		}
	});

	test("VERIFY_CA checks the authority, VERIFY_IDENTITY and ssl=true the name as well", async () => {
		assert.equal(await answer(at("127.0.0.1", `?ssl-mode=VERIFY_CA&ssl-ca=${own.caFile}`)), "1");
		assert.match(await answer(at("127.0.0.1", `?ssl-mode=VERIFY_CA&ssl-ca=${other.caFile}`)), UNTRUSTED);
		assert.equal(await answer(at("localhost", `?ssl-mode=VERIFY_IDENTITY&ssl-ca=${own.caFile}`)), "1");
		assert.match(
			await answer(at("localhost.localdomain", `?ssl-mode=VERIFY_IDENTITY&ssl-ca=${own.caFile}`)),
			/^refused/,
		);
		for (const parameters of ["?ssl-mode=VERIFY_IDENTITY", "?ssl=true", '?ssl={"rejectUnauthorized":true}']) {
			assert.match(await answer(at("localhost", parameters)), UNTRUSTED, parameters);
		}
	});

	test("a server without TLS gets no plain connection", async () => {
		const { url } = await started(startMariadb());
		for (const mode of ["PREFERRED", "REQUIRED"]) {
			assert.match(await answer(`${url}?ssl-mode=${mode}`), /^refused: .*does not support secure connection/i, mode);
		}
	});
});

describe("Redis", () => {
	let port = 0;

	before(async () => {
		const files = ["--tls-cert-file", own.certFile, "--tls-key-file", own.keyFile, "--tls-ca-cert-file", own.caFile];
		const server = await started(
			startRedis({ args: [...files, "--tls-auth-clients", "no", "--requirepass", "p/s#s%w?rd", "--tls-port", "0"] }),
		);
		({ port } = server);
	});

	/** "ready", or why not. The server's TLS port is made when it runs, as its plain one shows that it has started. */
	async function answer(parameters: string, host = "localhost"): Promise<string> {
		const logger = quietLogger();
		const [path = "", query = ""] = parameters.split("?");
		const url = `${path}:p%2Fs%23s%25w%3Frd@${host}:${await tlsPort()}?${query}`;
		const redis = openRedis({ url }, logger);
		try {
			const errors = () => logger.lines.flatMap(({ fields }) => ("err" in fields ? [reasons(fields.err)] : []));
			await until(() => redis.isReady || errors().length > 0);
			if (redis.isReady) await redis.probe.check();
			return redis.isReady ? "ready" : `refused: ${errors().join(" ")}`;
		} finally {
			await redis.close();
		}
	}

	let made: number | undefined;
	async function tlsPort(): Promise<number> {
		if (made !== undefined) return made;
		const redis = openRedis({ url: `redis://:p%2Fs%23s%25w%3Frd@127.0.0.1:${port}?family=4` }, quietLogger());
		await until(() => redis.isReady);
		made = await freePort();
		const wanted = made;
		await redis.run((client) => client.config("SET", "tls-port", String(wanted)));
		await redis.close();
		return made;
	}

	test("rediss and ssl=true check authority and name", async () => {
		for (const parameters of ["rediss://?", "redis://?ssl=true", "redis://?sslmode=verify-full"]) {
			assert.match(await answer(parameters), UNTRUSTED, parameters);
			assert.equal(await answer(`${parameters}&sslrootcert=${own.caFile}`), "ready", parameters);
			assert.match(await answer(`${parameters}&ssl_ca_certs=${own.caFile}`, "127.0.0.1"), OTHER_NAME, parameters);
		}
	});

	test("less is checked where less is asked for", async () => {
		for (const parameters of [
			"rediss://?sslmode=require",
			"rediss://?ssl_cert_reqs=none",
			"redis://?ssl=true&ssl_cert_reqs=CERT_NONE",
		]) {
			assert.equal(await answer(parameters, "127.0.0.1"), "ready", parameters);
		}
		assert.equal(await answer(`rediss://?sslmode=verify-ca&sslrootcert=${own.caFile}`, "127.0.0.1"), "ready");
		assert.match(await answer(`rediss://?sslmode=verify-ca&sslrootcert=${other.caFile}`), UNTRUSTED);
	});
});
