// Calls of other nodes within a recorded request: one trace across both, and nothing of it where a node does not trace.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { RedisNodeRpc } from "../../messaging/node-rpc-redis.ts";
import { unavailable } from "../../protocol/error.ts";
import type { RecordedSpan } from "../../server/tracing/recorded-span.ts";
import { Sampling } from "../../server/tracing/sampling.ts";
import type { SpanQueue } from "../../server/tracing/span-queue.ts";
import { ProcessTracer } from "../../server/tracing/tracer.ts";
import { openRedis, type RedisConnection } from "../../stores/redis/connection.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until, untilReady } from "../support/until.ts";

const TIMEOUT_MS = 30_000;

function recording(ratio: number) {
	const spans: RecordedSpan[] = [];
	const queue = { counts: { omitted: 0 }, add: (span: RecordedSpan) => void spans.push(span) } as unknown as SpanQueue;
	const clocks = { now: () => performance.now(), wall: () => Date.now() };
	const tracer = new ProcessTracer({
		queue,
		sampling: new Sampling({ ratio, routes: {} }),
		errorsPerSecond: 0,
		...clocks,
	});
	return { spans, tracer };
}

describe("calls of other nodes", () => {
	let server: RealServer;
	let redis: RedisConnection;
	const open: RedisNodeRpc[] = [];
	before(async () => {
		server = await startRedis();
		redis = openRedis({ url: server.url }, quietLogger());
		await untilReady(redis);
	});
	after(async () => {
		for (const rpc of open) await rpc.close();
		await redis.close();
		await server.stop();
	});

	async function node(nodeId: string, tracer?: ProcessTracer): Promise<RedisNodeRpc> {
		const rpc = new RedisNodeRpc(nodeId, redis, quietLogger(), { tracer });
		rpc.serve(async (payload) => {
			if (payload.length === 0) throw unavailable("it", 1);
			return payload;
		});
		open.push(rpc);
		await until(async () => {
			await rpc.probe.check();
			return true;
		});
		return rpc;
	}

	test("within a sampled request, both ends have a span, the one below the other, with the code of a failure", async () => {
		const [asking, answering] = [recording(1), recording(0)];
		const [a] = [await node("a", asking.tracer), await node("b", answering.tracer)];
		const request = asking.tracer.begin("request", "server", undefined);
		for (const payload of [Uint8Array.of(1), new Uint8Array()]) {
			await asking.tracer.run(request, () => a.call("b", payload, TIMEOUT_MS)).catch(() => undefined);
		}
		await until(() => asking.spans.length === 2 && answering.spans.length === 2);
		for (const [index, problem] of [undefined, "UNAVAILABLE"].entries()) {
			const [call, answer] = [asking.spans[index], answering.spans[index]];
			assert.deepEqual([call?.start.name, answer?.start.name], ["call node", "answer node"]);
			assert.equal(answer?.start.parentSpanId, call?.start.spanId);
			assert.equal(answer?.trace.traceId, call?.trace.traceId);
			assert.deepEqual([call?.problem, answer?.problem], [problem, problem]);
		}
	});

	test("outside of one there is none; nodes that do not trace answer those that do, and the other way round", async () => {
		const { tracer, spans } = recording(1);
		const [traced, plain] = [await node("c", tracer), await node("d")];
		const payload = Uint8Array.of(7);
		assert.deepEqual([...(await traced.call("d", payload, TIMEOUT_MS))], [7]);
		assert.deepEqual([...(await plain.call("c", payload, TIMEOUT_MS))], [7]);
		assert.deepEqual(spans, []);
		const request = tracer.begin("request", "server", undefined);
		assert.deepEqual([...(await tracer.run(request, () => traced.call("d", payload, TIMEOUT_MS)))], [7]);
		await until(() => spans.length === 1);
	});
});
