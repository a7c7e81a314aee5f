// Notifiers against real little servers.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { describe, test } from "node:test";
import { systemClock } from "../../../common/clock.ts";
import { SIGNATURE_HEADER } from "../../../common/webhook-signature.ts";
import { openStores } from "../../../server/compose/stores.ts";
import { loadConfig } from "../../../server/config/load.ts";
import { LogNotifier } from "../../../services/accounts/notifier-log.ts";
import { SmtpNotifier } from "../../../services/accounts/notifier-smtp.ts";
import { WebhookNotifier } from "../../../services/accounts/notifier-webhook.ts";
import { handClock } from "../../support/hand-clock.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { freePort } from "../../support/real-server.ts";
import { startSmtpSink } from "../../support/smtp-sink.ts";

const notice = { to: "zoe@example.org", subject: "Ünïcode", text: "Code: 7KX2M-9QPDR\n.leading dot\n" };

test("log: the notice is in the log, whole", async () => {
	const logger = quietLogger();
	const notifier = new LogNotifier(logger);
	await notifier.send(notice);
	assert.deepEqual(logger.lines[0]?.fields, notice);
	await notifier.close();
});

describe("SMTP", () => {
	test("the mail arrives at its one recipient", async () => {
		const sink = await startSmtpSink();
		const notifier = new SmtpNotifier({ url: sink.url, from: "Framegate <no-reply@example.org>" });
		await notifier.send(notice);
		await notifier.send({ ...notice, to: "a@example.org, b@example.org" }).catch(() => {});
		await notifier.close();
		await sink.stop();
		const mail = sink.mails[0];
		assert.equal(mail?.from, "no-reply@example.org");
		assert.deepEqual(mail?.to, ["zoe@example.org"]);
		assert.match(mail.data, /^Code: 7KX2M-9QPDR$/m);
		assert.match(mail.data, /^\.leading dot$/m);
		assert.ok(sink.mails.every((sent) => sent.to.length === 1));
	});

	test("an address cannot add headers or recipients", async () => {
		const sink = await startSmtpSink();
		const notifier = new SmtpNotifier({ url: sink.url, from: "no-reply@example.org" });
		const to = "zoe@example.org\r\nBcc: victim@example.org\r\n\r\nbody";
		await notifier.send({ ...notice, to, subject: "x\r\nBcc: victim@example.org" }).catch(() => {});
		await notifier.close();
		await sink.stop();
		for (const mail of sink.mails) {
			assert.equal(mail.to.length, 1);
			assert.doesNotMatch(mail.data, /^Bcc:/im);
		}
	});

	test("a rejecting, silent or unreachable server is an error in bounded time", async () => {
		const refusing = await startSmtpSink({ recipientReply: "550 no such user" });
		const silent = await startSmtpSink({ silent: true });
		for (const url of [refusing.url, silent.url, `smtp://127.0.0.1:${await freePort()}`]) {
			const notifier = new SmtpNotifier({ url, from: "no-reply@example.org", timeoutMs: 200 });
			await assert.rejects(notifier.send(notice));
			await notifier.close();
		}
		await Promise.all([refusing.stop(), silent.stop()]);
	});

	test("a notice has its own limit, however lively the server", async () => {
		const sink = await startSmtpSink({ silent: true });
		const notifier = new SmtpNotifier({ url: sink.url, from: "n@example.org", timeoutMs: 60_000, sendTimeoutMs: 50 });
		await assert.rejects(notifier.send(notice), /in time/);
		await notifier.close();
		await sink.stop();
	});

	test("nothing is sent in the clear when TLS is required", async () => {
		const sink = await startSmtpSink();
		const notifier = new SmtpNotifier({ url: sink.url, from: "n@example.org", requireTls: true, timeoutMs: 500 });
		await assert.rejects(notifier.send(notice));
		await notifier.close();
		await sink.stop();
		assert.equal(sink.mails.length, 0);
	});

	test("TLS is required in production unless the configuration says otherwise, and not elsewhere", async () => {
		const sink = await startSmtpSink();
		const send = async (env: Record<string, string>) => {
			const smtp = { FRAMEGATE_NOTIFIER_KIND: "smtp", FRAMEGATE_NOTIFIER_SMTP_URL: sink.url };
			const database = { DATABASE_URL: "sqlite::memory:" };
			const config = loadConfig({ env: { ...smtp, ...database, ...env }, cwd: tmpdir(), nodeId: "n1" });
			const stores = openStores(config, systemClock, quietLogger());
			try {
				await stores.notifier.send(notice);
			} finally {
				await stores.close();
			}
		};
		const production = { NODE_ENV: "production", JWT_SECRET: "Zk3vQ9xT7mB2wL5nR8yH4cF6jD1gS0pA" };
		await assert.rejects(send(production), /TLS/);
		assert.equal(sink.mails.length, 0);
		await send({ ...production, FRAMEGATE_NOTIFIER_SMTP_REQUIRE_TLS: "false" });
		await send({ NODE_ENV: "development" });
		assert.equal(sink.mails.length, 2);
		await sink.stop();
	});
});

interface Hook {
	readonly url: string;
	readonly bodies: string[];
	readonly signatures: string[];
	stop(): Promise<void>;
}

/** Answers with the statuses in turn, the last one for ever; 0 = no answer. */
async function startHook(statuses: readonly number[]): Promise<Hook> {
	const bodies: string[] = [];
	const signatures: string[] = [];
	const server = http.createServer(async (request, response) => {
		let body = "";
		for await (const chunk of request) body += chunk;
		const status = statuses[Math.min(bodies.length, statuses.length - 1)] as number;
		bodies.push(body);
		signatures.push(String(request.headers[SIGNATURE_HEADER]));
		if (status !== 0) response.writeHead(status, { location: "/elsewhere" }).end("x");
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
		bodies,
		signatures,
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

describe("webhook", () => {
	const clock = handClock();
	const make = (url: string, timeoutMs = 30_000) =>
		new WebhookNotifier({ url, secret: "hook-secret", timeoutMs, retryDelayMs: 1 }, clock);

	test("the body is signed", async () => {
		const hook = await startHook([204]);
		await make(hook.url).send(notice);
		await hook.stop();
		const seconds = Math.floor(clock.now() / 1000);
		const expected = createHmac("sha256", "hook-secret").update(`${seconds}.${hook.bodies[0]}`).digest("hex");
		assert.deepEqual(JSON.parse(hook.bodies[0] as string), notice);
		assert.equal(hook.signatures[0], `t=${seconds},v1=${expected}`);
	});

	const cases: [name: string, statuses: number[], tries: number, delivered: boolean][] = [
		["what may pass is tried again", [503, 429, 200], 3, true],
		["but not for ever", [500], 3, false],
		["a rejection is final", [400], 1, false],
		["a redirect is an error", [302], 3, false],
		["silence is given up", [0], 3, false],
	];
	for (const [name, statuses, tries, delivered] of cases) {
		test(name, async () => {
			const hook = await startHook(statuses);
			const sent = make(hook.url, statuses[0] === 0 ? 500 : undefined).send(notice);
			if (delivered) await sent;
			else await assert.rejects(sent);
			await hook.stop();
			assert.equal(hook.bodies.length, tries);
		});
	}

	test("closing cancels deliveries in flight", async () => {
		const hook = await startHook([0]);
		const notifier = new WebhookNotifier({ url: hook.url, secret: "s", timeoutMs: 60_000 }, clock);
		const sent = notifier.send(notice);
		await Promise.all([assert.rejects(sent), notifier.close()]);
		await hook.stop();
	});
});
