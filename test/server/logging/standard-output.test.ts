// A gateway whose standard output does not take its log: it serves, counts the lines, and ends when it is asked to.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { startGateway } from "../../support/gateway.ts";
import { dataDirectory } from "../../support/real-server.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";

/** Descriptors that do not take lines. */
const outputs: Readonly<Record<string, (t: TestContext) => number>> = {
	"a full disk": (t) => opened(t, "/dev/full", constants.O_WRONLY),
	"a pipe that is not read": (t) => {
		const path = namedPipe(t);
		opened(t, path, constants.O_RDONLY | constants.O_NONBLOCK);
		fill(opened(t, path, constants.O_WRONLY | constants.O_NONBLOCK));
		return opened(t, path, constants.O_WRONLY);
	},
	"a pipe whose reader is gone": (t) => {
		const path = namedPipe(t);
		const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
		const writer = opened(t, path, constants.O_WRONLY);
		closeSync(reader);
		return writer;
	},
};

function opened(t: TestContext, path: string, flags: number): number {
	const fd = openSync(path, flags);
	t.after(() => closeSync(fd));
	return fd;
}

function namedPipe(t: TestContext): string {
	const directory = dataDirectory("pipe");
	t.after(() => rmSync(directory, { recursive: true, force: true }));
	const path = join(directory, "pipe");
	execFileSync("mkfifo", [path]);
	return path;
}

/** Writes until nothing more fits. */
function fill(pipe: number): void {
	const chunk = Buffer.alloc(4096, "x");
	try {
		for (;;) writeSync(pipe, chunk);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
	}
}

async function dropped(httpUrl: string): Promise<number> {
	const text = await (await fetch(`${httpUrl}/metrics`)).text();
	return Number(/^framegate_log_lines_dropped_total (\d+)$/m.exec(text)?.[1] ?? 0);
}

async function requests(httpUrl: string): Promise<void> {
	await Promise.all(
		Array.from({ length: 50 }, async () => {
			const response = await fetch(`${httpUrl}/health`);
			assert.equal(response.status, 200);
			await response.text();
		}),
	);
}

const quiet = { FRAMEGATE_LIMITS_DRAIN_WINDOW_MS: "0", FRAMEGATE_RATES_IP_PER_SECOND: "0" };

describe("a gateway that logs to", () => {
	let redis: Awaited<ReturnType<typeof startRedis>>;
	before(async () => {
		redis = await startRedis();
	});
	after(() => redis.stop());

	for (const [name, open] of Object.entries(outputs)) {
		for (const format of ["json", "pretty"]) {
			test(`${name}, as ${format}`, async (t) => {
				const env = { ...quiet, LOG_LEVEL: "debug", FRAMEGATE_LOG_FORMAT: format };
				const gateway = await startGateway({ stdout: open(t), env });
				t.after(() => gateway.kill9());
				await requests(gateway.httpUrl);
				if (name !== "a pipe that is not read") await until(async () => (await dropped(gateway.httpUrl)) > 0);
				await requests(gateway.httpUrl);
				assert.deepEqual(await gateway.stop(), { code: 0, signal: null }, gateway.log());
			});
		}

		test(`${name}, with a supervisor and two workers`, async (t) => {
			const env = {
				...quiet,
				LOG_LEVEL: "debug",
				WORKERS: "2",
				REDIS_URL: redis.url,
				FRAMEGATE_REDIS_KEY_PREFIX: `${name.replaceAll(" ", "-")}:`,
				DATABASE_URL: "sqlite:accounts.db",
			};
			const gateway = await startGateway({ stdout: open(t), env });
			t.after(() => gateway.kill9());
			await requests(gateway.httpUrl);
			if (name !== "a pipe that is not read") await until(async () => (await dropped(gateway.httpUrl)) > 0);
			assert.deepEqual(await gateway.stop(), { code: 0, signal: null }, gateway.log());
		});
	}
});
