// The log's way out: a full disk, a reader that stalls or is gone, a file that another program rotates.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, readSync, renameSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LogOutput } from "../../../server/logging/log-output.ts";
import { dataDirectory } from "../../support/real-server.ts";
import { mayMount, smallDisk } from "../../support/small-disk.ts";
import { until } from "../../support/until.ts";

const RETRY_MS = 1;
const flushed = (output: LogOutput) => new Promise<void>((resolve) => output.flush(resolve));
const line = (number: number, length = 100) => `${JSON.stringify({ number, filler: "x".repeat(length) })}\n`;

function scratch(t: TestContext): string {
	const directory = dataDirectory("log");
	t.after(() => rmSync(directory, { recursive: true, force: true }));
	return directory;
}

/** A named pipe, which both ends can be opened of without waiting for the other one. */
function pipe(t: TestContext) {
	const path = join(scratch(t), "pipe");
	execFileSync("mkfifo", [path]);
	const open = (flags: number): number => openSync(path, flags | constants.O_NONBLOCK);
	return { reader: () => open(constants.O_RDONLY), writer: () => open(constants.O_WRONLY) };
}

/** What can be read of a pipe now. */
function drain(reader: number): string {
	const chunk = Buffer.alloc(65_536);
	let text = "";
	for (;;) {
		try {
			const length = readSync(reader, chunk);
			if (length === 0) return text;
			text += chunk.toString("utf8", 0, length);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "EAGAIN") return text;
			throw error;
		}
	}
}

const numbers = (text: string): number[] =>
	text
		.trim()
		.split("\n")
		.map((each) => JSON.parse(each).number);

test("a full disk costs the lines of each write, which are counted, and no call waits for it", async (t) => {
	const fd = openSync("/dev/full", "w");
	t.after(() => closeSync(fd));
	const output = new LogOutput({ fd, retryMs: RETRY_MS });
	for (let number = 0; number < 10; number++) output.write(line(number));
	await until(() => output.droppedLines === 10);
	await flushed(output);
	output.write(line(10));
	output.write(line(11));
	output.flushSync();
	await until(() => output.droppedLines === 12);
});

test("a pipe that is not read fills the buffer and no more; read again, it has whole lines in order and the rest is counted", async (t) => {
	const { reader, writer } = pipe(t);
	const [from, fd] = [reader(), writer()];
	t.after(() => [from, fd].forEach(closeSync));
	const output = new LogOutput({ fd, maxBufferedBytes: 200_000, retryMs: RETRY_MS });
	const reports: number[] = [];
	output.onRecovered = (dropped) => reports.push(dropped);
	const total = 5000;
	for (let number = 0; number < total; number++) output.write(line(number, number === 7 ? 10_000 : 100));
	assert.ok(output.droppedLines > 0);
	output.flushSync();
	const { droppedLines } = output;
	let text = "";
	await until(() => {
		text += drain(from);
		return numbers(text).length === total - droppedLines;
	});
	const received = numbers(text);
	assert.deepEqual(
		received,
		[...received].sort((a, b) => a - b),
	);
	await until(() => reports.length > 0);
	assert.equal(
		reports.reduce((sum, dropped) => sum + dropped),
		droppedLines,
	);
	await flushed(output);
});

test("a pipe whose reader is gone costs lines; another reader gets those that come after", async (t) => {
	const { reader, writer } = pipe(t);
	const [first, fd] = [reader(), writer()];
	const output = new LogOutput({ fd, retryMs: RETRY_MS });
	output.write(line(1));
	await flushed(output);
	assert.deepEqual(numbers(drain(first)), [1]);
	closeSync(first);
	output.write(line(2));
	await until(() => output.droppedLines === 1);
	const second = reader();
	t.after(() => [second, fd].forEach(closeSync));
	output.write(line(3));
	await flushed(output);
	await until(() => numbers(drain(second) || line(0))[0] === 3);
});

test("lines of several processes on one pipe are not mixed", async (t) => {
	const { reader, writer } = pipe(t);
	const from = reader();
	const fds = [writer(), writer(), writer()];
	t.after(() => [from, ...fds].forEach(closeSync));
	const outputs = fds.map((fd) => new LogOutput({ fd }));
	const total = 1000;
	for (let number = 0; number < total; number++) for (const output of outputs) output.write(line(number, number));
	let text = "";
	await until(() => {
		text += drain(from);
		return text.split("\n").length === total * outputs.length + 1;
	});
	assert.equal(numbers(text).length, total * outputs.length);
});

test("a file that is truncated by another program goes on at its beginning", async (t) => {
	const path = join(scratch(t), "gateway.log");
	const fd = openSync(path, "a");
	t.after(() => closeSync(fd));
	const output = new LogOutput({ fd });
	for (let number = 0; number < 100; number++) output.write(line(number));
	await flushed(output);
	assert.equal(numbers(readFileSync(path, "utf8")).length, 100);
	truncateSync(path);
	output.write(line(100));
	await flushed(output);
	assert.equal(readFileSync(path, "utf8"), line(100));
});

test("a file that another program renames keeps the lines", async (t) => {
	const path = join(scratch(t), "gateway.log");
	const fd = openSync(path, "a");
	t.after(() => closeSync(fd));
	const output = new LogOutput({ fd });
	renameSync(path, `${path}.1`);
	output.write(line(1));
	await flushed(output);
	assert.deepEqual(numbers(readFileSync(`${path}.1`, "utf8")), [1]);
});

test("a disk that has room again takes whole lines, and a line of which half was written is ended", {
	skip: mayMount ? false : "mounting needs root",
}, async (t) => {
	const disk = smallDisk(262_144);
	t.after(() => disk.stop());
	const path = join(disk.directory, "gateway.log");
	const fd = openSync(path, "a");
	const output = new LogOutput({ fd, retryMs: RETRY_MS });
	output.write(line(0));
	await flushed(output);
	disk.fill();
	// Its page has some room left: the first half of what comes now is written.
	for (let number = 1; number <= 100; number++) output.write(line(number));
	await until(() => output.droppedLines > 0);
	disk.empty();
	await until(() => {
		output.write(line(101));
		const ends = readFileSync(path, "utf8").split("\n");
		return ends.some((each) => each === line(101).trim());
	});
	closeSync(fd);
	const lines = readFileSync(path, "utf8").trim().split("\n");
	const whole = lines.filter((each) => each.endsWith("}"));
	assert.ok(lines.length - whole.length <= 1, "more than one broken line");
	assert.ok(numbers(whole.join("\n")).length > 2);
});
