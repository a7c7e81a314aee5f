// How `npm test` reports: Node's `spec`, and besides a failure wherever anything has failed. Node itself (22.23) ends with 0 when all
// tests have passed and the `after` hook of a suite has failed, which then has left something running.
import { Readable } from "node:stream";
import type { TestEvent } from "node:test/reporters";
import { spec } from "node:test/reporters";

async function* withExitCode(events: AsyncIterable<TestEvent>): AsyncGenerator<TestEvent> {
	for await (const event of events) {
		const isFailure = event.type === "test:fail" && event.data.todo === undefined;
		if (isFailure) process.exitCode = 1;
		yield event;
	}
}

// biome-ignore lint/style/noDefaultExport: what Node loads as a reporter.
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
	for await (const text of Readable.from(withExitCode(events)).compose(new spec())) yield String(text);
}
