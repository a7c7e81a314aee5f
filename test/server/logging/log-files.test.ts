// Log files: names, the end of their time and of their room, several processes, what becomes of old ones.
import assert from "node:assert/strict";
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeEach, suite, type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { loadConfig } from "../../../server/config/load.ts";
import { LogFileNames, spanMs } from "../../../server/logging/log-file-names.ts";
import { LogFiles } from "../../../server/logging/log-files.ts";
import { createLogger } from "../../../server/logging/logger.ts";

const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 11, 1, 12);

let directory: string;

beforeEach((t) => {
	directory = mkdtempSync(path.join(tmpdir(), "framegate-logs-"));
	(t as TestContext).after(() => rmSync(directory, { recursive: true, force: true }));
});

const settings = (more: Partial<Parameters<typeof LogFiles.open>[0]["settings"]> = {}) => ({
	enabled: true,
	path: path.join(directory, "logs", "api_{date}.log"),
	rotation: "1 day",
	retention: "30 days",
	maxBytes: 4096,
	maxTotalBytes: 1_000_000,
	compress: true,
	...more,
});

function opened(t: TestContext, clock: { nowMs: number }, more: Parameters<typeof settings>[0] = {}) {
	const errors: unknown[] = [];
	t.after(() => assert.deepEqual(errors, []));
	return LogFiles.open({ settings: settings(more), now: () => clock.nowMs, onError: (error) => errors.push(error) });
}

const flushed = (files: LogFiles): Promise<void> => new Promise((resolve) => files.flush(resolve));
const list = (): string[] => readdirSync(path.join(directory, "logs")).sort();
const read = (name: string): string => readFileSync(path.join(directory, "logs", name), "utf8");

/** Makes a file that was last written so long before noon. */
function old(name: string, days: number, text = "old\n"): void {
	mkdirSync(path.join(directory, "logs"), { recursive: true });
	const file = path.join(directory, "logs", name);
	writeFileSync(file, text);
	utimesSync(file, (NOON - days * DAY_MS) / 1000, (NOON - days * DAY_MS) / 1000);
}

suite("log files", () => {
	test("are named by the day in UTC, and by the hour where they are shorter", () => {
		const daily = new LogFileNames("logs/api_{time:YYYY-MM-DD}.log", spanMs("1 day"));
		const period = daily.periodOf(NOON);
		assert.equal(daily.pathOf(period, 0, "system"), "logs/api_2026-12-01.log");
		assert.equal(daily.pathOf(period, 2, "system"), "logs/api_2026-12-01.2.log");
		assert.equal(daily.periodOf(NOON + 12 * 3_600_000 - 1), period);
		assert.equal(daily.periodOf(NOON + 12 * 3_600_000), period + 1);
		const hourly = new LogFileNames("l/{category}.{date}", spanMs("6 hours"));
		assert.equal(hourly.pathOf(hourly.periodOf(NOON + 5 * 3_600_000), 0, "auth"), "l/auth.2026-12-01T12");
		assert.deepEqual(daily.parse("api_2026-12-01.2.log.gz"), {
			date: "2026-12-01",
			category: "",
			index: 2,
			isCompressed: true,
		});
		for (const other of ["api_2026-12-01.log.gz.part", "xapi_2026-12-01.log", "api_2026-12-01xlog", "notes.txt"]) {
			assert.equal(daily.parse(other), undefined, other);
		}
	});

	test("a line of the next day is in the file of the next day, and the day before is compressed", async (t) => {
		const clock = { nowMs: NOON };
		const files = await opened(t, clock);
		files.write("one\n", "system");
		await flushed(files);
		clock.nowMs += DAY_MS;
		files.write("two\n", "request");
		files.write("three\n", "request");
		await flushed(files);
		await files.swept();
		assert.deepEqual(list(), ["api_2026-12-01.log.gz", "api_2026-12-02.log"]);
		assert.equal(gunzipSync(readFileSync(path.join(directory, "logs", "api_2026-12-01.log.gz"))).toString(), "one\n");
		assert.equal(read("api_2026-12-02.log"), "two\nthree\n");
	});

	test("a file that is too long is continued, and no line is lost or cut", async (t) => {
		const clock = { nowMs: NOON };
		const files = await opened(t, clock);
		const lines = Array.from({ length: 30 }, (_, index) => `${String(index).padStart(999, "x")}\n`);
		for (const line of lines) {
			files.write(line, "system");
			await flushed(files);
			clock.nowMs += 1000;
		}
		const names = list();
		assert.ok(names.length >= 5, names.join(" "));
		const inOrder = names.sort((one, other) => Number(one.split(".")[1]) - Number(other.split(".")[1]) || -1);
		const all = inOrder.map(read).join("");
		assert.deepEqual(all.split("\n").sort(), lines.join("").split("\n").sort());
		// The line that reaches the length, and one that was on its way meanwhile.
		for (const name of names) assert.ok(statSync(path.join(directory, "logs", name)).size < 4096 + 2000);
	});

	test("processes share a file, and each goes on to the next one", async (t) => {
		const clock = { nowMs: NOON };
		const [one, other] = await Promise.all([opened(t, clock), opened(t, clock)]);
		for (let round = 0; round < 20; round++) {
			one.write(`${"a".repeat(499)}\n`, "system");
			other.write(`${"b".repeat(499)}\n`, "system");
			await Promise.all([flushed(one), flushed(other)]);
			clock.nowMs += 1000;
		}
		clock.nowMs += DAY_MS;
		one.write("tomorrow\n", "system");
		await flushed(one);
		await one.swept();
		// The other one has been silent meanwhile: what it wrote last is compressed by now.
		other.write("too\n", "system");
		await Promise.all([flushed(one), flushed(other)]);
		assert.equal(read("api_2026-12-02.log"), "tomorrow\ntoo\n");
		const before = list().filter((name) => name.endsWith(".gz"));
		const text = before.map((name) => gunzipSync(readFileSync(path.join(directory, "logs", name))).toString()).join("");
		const lines = text.split("\n").filter((line) => line !== "");
		assert.equal(lines.filter((line) => line === "a".repeat(499)).length, 20);
		assert.equal(lines.filter((line) => line === "b".repeat(499)).length, 20);
	});

	test("old ones are removed by age and by the sum of their bytes, others' files are left", async (t) => {
		old("api_2026-10-01.log.gz", 61);
		old("api_2026-11-30.log", 1, "x".repeat(600_000));
		old("api_2026-11-29.log.gz", 2, "x".repeat(600_000));
		old("notes.txt", 90);
		const files = await opened(t, { nowMs: NOON }, { compress: false });
		await files.swept();
		assert.deepEqual(list(), ["api_2026-11-30.log", "api_2026-12-01.log", "notes.txt"]);
	});

	test("one day has no more than all may have: the first of its files go, and the one that is written stays", async (t) => {
		const clock = { nowMs: NOON };
		const files = await opened(t, clock, { maxTotalBytes: 10_000 });
		for (let index = 0; index < 60; index++) {
			files.write(`${String(index).padStart(999, "x")}\n`, "system");
			await flushed(files);
			clock.nowMs += 1000;
		}
		await files.swept();
		const sizes = list().map((name) => statSync(path.join(directory, "logs", name)).size);
		assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 10_000 + 6000, sizes.join(" "));
		assert.match(list().map(read).join(""), /x59\n$/);
	});

	test("a file that somebody deletes is begun again", async (t) => {
		const clock = { nowMs: NOON };
		const files = await opened(t, clock);
		rmSync(path.join(directory, "logs"), { recursive: true });
		files.write("lost\n", "system");
		await flushed(files);
		clock.nowMs += 1000;
		files.write("kept\n", "system");
		await flushed(files);
		assert.deepEqual(list(), ["api_2026-12-01.log"]);
	});

	test("there is one for each category where the name says so", async () => {
		const env = {
			LOG_TO_FILE: "true",
			LOG_FILE_PATH: path.join(directory, "logs", "{category}_{time:YYYY-MM-DD}.log"),
			FRAMEGATE_LOG_CONSOLE: "false",
		};
		const logger = await createLogger(loadConfig({ env, cwd: directory, nodeId: "n1" }));
		logger.info({}, "started");
		logger.child({ category: "auth" }).info({}, "logged in");
		logger.child({ category: "request" }).error({}, "failed");
		await logger.close();
		const day = new Date().toISOString().slice(0, 10);
		const messages = (category: string) => read(`${category}_${day}.log`).match(/"msg":"[^"]*"/g);
		assert.deepEqual(messages("system"), ['"msg":"started"']);
		assert.deepEqual(messages("auth"), ['"msg":"logged in"']);
		assert.deepEqual(messages("error"), ['"msg":"failed"']);
		assert.equal(messages("request"), null);
		assert.equal(statSync(path.join(directory, "logs", `auth_${day}.log`)).mode & 0o777, 0o640);
	});

	test("a folder that cannot be written is an error at the start that names it", async () => {
		writeFileSync(path.join(directory, "logs"), "");
		const failing = LogFiles.open({ settings: settings(), now: Date.now, onError: () => {} });
		await assert.rejects(failing, /logs/);
	});

	test("names and times that are none are refused by name", () => {
		const refused = (env: Record<string, string>, key: RegExp) =>
			assert.throws(() => loadConfig({ env, cwd: directory, nodeId: "n" }), key);
		refused({ LOG_FILE_PATH: "logs/api.log" }, /log\.file\.path: expected \{date\}.*LOG_FILE_PATH/);
		refused({ LOG_FILE_PATH: "logs/{date}/api.log" }, /LOG_FILE_PATH/);
		refused({ LOG_FILE_PATH: "logs/{user}_{date}.log" }, /LOG_FILE_PATH/);
		refused({ LOG_FILE_PATH: "logs/{category}/{category}_{category}_{date}.log" }, /LOG_FILE_PATH/);
		refused({ LOG_FILE_PATH: "logs/{category}_{category}_{date}.log" }, /LOG_FILE_PATH/);
		refused({ LOG_RETENTION: "forever" }, /log\.file\.retention.*30 days.*LOG_RETENTION/);
		refused({ LOG_ROTATION: "0 days" }, /LOG_ROTATION/);
	});
});
