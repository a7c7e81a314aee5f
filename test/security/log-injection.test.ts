// What clients choose ends up in the log as text: one line each, and nothing that a terminal obeys.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { after, describe, it, test } from "node:test";
import { authRoutes } from "../../protocol/gen/schema.ts";
import { loadConfig } from "../../server/config/load.ts";
import { createLogger } from "../../server/logging/logger.ts";
import { startGateway } from "../support/gateway.ts";
import { WireClient } from "../support/wire-client.ts";
import { RawPeer, UNLIMITED } from "./raw-peer.ts";

/** A line end and a forged line; escape sequences as ESC [ and as U+009B; a title; other line ends; a turned direction. */
const EVIL =
	'\r\n{"level":"info","msg":"forged"}\u001b[31mred\u009b2J\u001b]0;title\u0007\u2028x\u2029y\u202etxt\u0000\u007f';
/** Line ends apart. */
const OBEYED = /[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

describe("the log", () => {
	for (const format of ["json", "pretty"]) {
		it(`${format}: names, agents, paths and requests of clients stay on their lines`, async () => {
			const env = { ...UNLIMITED, LOG_LEVEL: "debug", FRAMEGATE_LOG_FORMAT: format };
			const gateway = await startGateway({ env });
			after(() => gateway.kill9());
			const client = await WireClient.open(gateway.url);
			await client.ask(authRoutes.login, {
				username: EVIL.slice(0, 64),
				password: "x",
				deviceId: EVIL,
				deviceName: EVIL,
			});
			await client.ask(authRoutes.register, { username: EVIL, password: EVIL, nickname: EVIL, email: `${EVIL}@x` });
			await client.ask(authRoutes.connect, { accessToken: EVIL });
			await client.ask(authRoutes.heartbeat, {});
			await client.close();
			const peer = await RawPeer.open(gateway.url);
			await peer.say({ type: EVIL, id: EVIL, data: { channel_id: EVIL } });
			peer.close();
			const raw = connect(gateway.port, "127.0.0.1");
			const encoded = encodeURIComponent(EVIL);
			raw.write(
				`GET /${encoded}?token=${encoded} HTTP/1.1\r\nHost: \u001b[31m\r\nUser-Agent: \u001b[31mred\u009b2J\r\n\r\n`,
			);
			raw.end();
			raw.resume();
			await once(raw, "close");
			await gateway.stop();
			const log = gateway.log();
			assert.match(log, /request auth\.login/);
			assert.match(log, /forged/, "it should be in the log, as text");
			assert.doesNotMatch(log, OBEYED);
			for (const line of log.split("\n").filter((text) => text !== "")) {
				if (format === "json") assert.notEqual(JSON.parse(line).msg, "forged", line);
				else assert.match(line, /^(\[\d\d:\d\d:\d\d\.\d{3}\]| {4})/, line);
			}
		});
	}
});

test("a message, a name of a field and an error hold nothing that a terminal obeys, and no secret", async () => {
	const config = loadConfig({ env: {}, cwd: tmpdir(), nodeId: "n1" });
	const written: string[] = [];
	const logger = await createLogger(config, { write: (line) => void written.push(line) });
	logger.child({ [EVIL]: EVIL }).warn({ [EVIL]: EVIL, err: new Error(EVIL) }, `redis://user:hunter2@host ${EVIL}`);
	const [line = ""] = written;
	assert.doesNotMatch(line, OBEYED);
	assert.equal(line.indexOf("\n"), line.length - 1);
	assert.doesNotMatch(line, /hunter2/);
	const { msg, err } = JSON.parse(line) as { msg: string; err: { stack: string } };
	// What prints for people undoes JSON's escapes: neither may then begin a line.
	assert.match(msg, /\\u000d\\u000a\{"level"/);
	assert.match(err.stack.split("\n")[1] ?? "", /^ {4}at /);
});
