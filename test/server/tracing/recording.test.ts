// What is recorded and what of it is exported: by share, by route, by a trusted parent, and because a request failed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FrameTrace } from "../../../server/tracing/frame-trace.ts";
import { MAX_HELD_SPANS, type RecordedSpan } from "../../../server/tracing/recorded-span.ts";
import { Sampling } from "../../../server/tracing/sampling.ts";
import { SpanQueue } from "../../../server/tracing/span-queue.ts";
import { ProcessTracer } from "../../../server/tracing/tracer.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

class Fixture {
	nowMs = 1000;
	readonly exported: RecordedSpan[] = [];
	readonly queue: SpanQueue;
	readonly tracer: ProcessTracer;

	constructor(ratio: number, errorsPerSecond = 10, routes = {}) {
		this.queue = new SpanQueue({
			exportSpans: async (spans) => void this.exported.push(...spans),
			maxSpans: 1000,
			maxBatch: 100,
			intervalMs: 60_000,
			onOutage: () => {},
		});
		const sampling = new Sampling({ ratio, routes, random: () => 0.5 });
		this.tracer = new ProcessTracer({
			queue: this.queue,
			sampling,
			errorsPerSecond,
			now: () => this.nowMs,
			wall: () => 1_700_000_000_000,
		});
	}

	frame(name = "chat.send"): FrameTrace {
		const local = this.tracer.trace(name, { traceId: TRACE, state: "", isSampled: false }, false);
		return new FrameTrace(local, { name, startMs: this.nowMs, parentSpanId: "" });
	}

	async names(): Promise<string[]> {
		await this.queue.close(1000);
		return this.exported.map(({ start }) => start.name);
	}
}

const ended = (code: string, isFault: boolean) => ({ code, isFault, isRefused: code !== "OK", attributes: {} });

describe("sampling", () => {
	it("takes the share of the route, then of its area, then of all", () => {
		const sampling = new Sampling({
			ratio: 0.4,
			routes: { "chat.*": 0.6, "chat.history": 0, "auth.login": 1 },
			random: () => 0.5,
		});
		const names = ["chat.send", "chat.history", "auth.login", "auth.logout"];
		assert.deepEqual(
			names.map((name) => sampling.decide(name)),
			[true, false, true, false],
		);
	});

	it("does as a trusted parent has decided, whatever the share", () => {
		const { tracer } = new Fixture(0);
		const parent = { traceId: TRACE, spanId: "b7ad6b7169203331", isSampled: true, state: "a=1" };
		assert.equal(tracer.begin("process topic", "consumer", parent)?.context.isSampled, true);
		assert.equal(tracer.trace("chat.send", parent, false).isSampled, false);
		assert.equal(new Fixture(1).tracer.trace("chat.send", { ...parent, isSampled: false }, true).isSampled, false);
	});
});

describe("a request that is not sampled", () => {
	it("is exported with its spans when it fails by a fault", async () => {
		const fixture = new Fixture(0);
		const frame = fixture.frame();
		frame.onHandler();
		frame.child("SELECT rooms", "client")?.end("ECONNREFUSED");
		frame.end(ended("UNAVAILABLE", true));
		assert.deepEqual(await fixture.names(), ["SELECT rooms", "handler chat.send", "chat.send"]);
		const ids = new Set(fixture.exported.map(({ trace }) => trace.traceId));
		assert.deepEqual([...ids], [TRACE]);
	});

	it("leaves nothing when it ends well, or by a mistake of the caller", async () => {
		const fixture = new Fixture(0);
		for (const code of ["OK", "VALIDATION_FAILED"]) {
			const frame = fixture.frame();
			frame.onHandler();
			frame.child("SELECT rooms", "client")?.end();
			frame.end(ended(code, false));
			// What its work does behind the reply is not recorded either.
			assert.equal(frame.child("publish room", "producer"), undefined);
		}
		assert.deepEqual(await fixture.names(), []);
	});

	it("holds so many spans at most, and says how many it left out", async () => {
		const fixture = new Fixture(0);
		const frame = fixture.frame();
		for (let n = 0; n < MAX_HELD_SPANS + 3; n++) frame.child(`s${n}`, "client")?.end();
		frame.end(ended("INTERNAL", true));
		assert.equal((await fixture.names()).length, MAX_HELD_SPANS + 1);
		assert.equal(fixture.queue.counts.omitted, 3);
	});

	it("is exported so many times a second at most", async () => {
		const fixture = new Fixture(0, 2);
		for (let n = 0; n < 5; n++) fixture.frame(`r${n}`).end(ended("TIMEOUT", true));
		fixture.nowMs += 1000;
		fixture.frame("later").end(ended("TIMEOUT", true));
		assert.deepEqual(await fixture.names(), ["r0", "r1", "later"]);
	});

	it("holds no spans where failed requests are not to be exported", async () => {
		const fixture = new Fixture(0, 0);
		const frame = fixture.frame();
		assert.equal(frame.child("SELECT rooms", "client"), undefined);
		frame.end(ended("INTERNAL", true));
		assert.deepEqual(await fixture.names(), []);
	});
});

describe("work behind a reply", () => {
	it("belongs to the request by its key, for a minute", () => {
		const fixture = new Fixture(1);
		const frame = fixture.frame();
		fixture.tracer.run(frame, () => fixture.tracer.keep("message"));
		assert.equal(fixture.tracer.kept("message"), frame);
		fixture.nowMs += 60_001;
		assert.equal(fixture.tracer.kept("message"), undefined);
	});
});
