// Ways that a trace takes into a gateway and out of it: HTTP, the client library, attempts of calls of upstreams, log lines, and nodes that know
// nothing of traces.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createHttpClient } from "../../client/http/http-client.ts";
import { createClient } from "../../client/index.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { chatRoutes, MessageKind, pushes } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import type { ReceivedSpan } from "../support/tracing/otlp-reader.ts";
import { startCollector, type TraceCollector } from "../support/tracing/trace-collector.ts";
import { named, nodeOf, ofTrace, tracingTo } from "../support/tracing/tracing-env.ts";
import { until } from "../support/until.ts";
import { startUpstream, type UpstreamProcess } from "../support/upstream/upstream-process.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";
import { encode, GET_ORDER, settings } from "./upstream-fixture.ts";

const PARENT = "b7ad6b7169203331";
const UNAVAILABLE = 14;
const traceOf = (start: string): string => start + "0af7651916cd43dd8448eb211c80319c".slice(start.length);

describe("the ways of a trace", () => {
	let redis: RealServer;
	let collector: TraceCollector;
	let traced: GatewayProcess;
	let plain: GatewayProcess;
	let upstreams: UpstreamProcess[];
	let directory: string;
	before(async () => {
		[redis, collector] = await Promise.all([startRedis(), startCollector()]);
		upstreams = await Promise.all([startUpstream("orders-1"), startUpstream("orders-2")]);
		directory = mkdtempSync(join(tmpdir(), "framegate-traced-nodes-"));
		const shared = {
			JWT_SECRET: "a secret for two nodes of a test, long enough",
			REDIS_URL: redis.url,
			FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "accounts.db")}`,
		};
		const addresses = upstreams.map(({ address }) => address);
		const tracing = { ...settings(addresses), ...tracingTo(collector), FRAMEGATE_NODE_ID: "traced" };
		traced = await startGateway({ env: { ...shared, ...tracing } });
		plain = await startGateway({ env: { ...shared, FRAMEGATE_NODE_ID: "plain" } });
	});
	after(async () => {
		await Promise.all([traced.kill9(), plain.kill9(), ...upstreams.map((each) => each.stop())]);
		await Promise.all([collector.stop(), redis.stop()]);
		rmSync(directory, { recursive: true, force: true });
	});

	/** Spans of a trace, as soon as the one of its request is there. */
	async function spansOf(traceId: string, request: string): Promise<ReceivedSpan[]> {
		return ofTrace(await collector.untilSpans((all) => named(ofTrace(all, traceId), request) !== undefined), traceId);
	}

	it("an HTTP call with traceparent is below the caller's span, with its handler and statements", async () => {
		const traceId = traceOf("11");
		const response = await fetch(`${traced.httpUrl}/api/v1/auth/login`, {
			method: "POST",
			headers: { "content-type": "application/json", traceparent: `00-${traceId}-${PARENT}-01`, tracestate: "v=1" },
			body: JSON.stringify({ username: "nobody", password: PASSWORD }),
		});
		assert.equal(response.status, 401);
		const spans = await spansOf(traceId, "auth.login");
		const call = named(spans, "auth.login");
		assert.deepEqual([call?.parentSpanId, call?.kind, call?.traceState], [PARENT, "server", "v=1"]);
		assert.equal(call?.attributes["network.protocol.name"], "http");
		assert.equal(call?.attributes["http.response.status_code"], 401);
		const handler = named(spans, "handler auth.login");
		assert.equal(handler?.parentSpanId, call?.spanId);
		const systems = new Set(spans.map(({ attributes }) => attributes["db.system.name"]));
		assert.ok(systems.has("redis") && systems.has("sqlite"), [...systems].join());
		for (const span of spans.filter(({ kind }) => kind === "client")) assert.equal(span.parentSpanId, handler?.spanId);
	});

	it("requests of the client library carry the caller's context, over WebSocket and HTTP", async () => {
		const client = createClient({ url: traced.url });
		await client.connect();
		const http = createHttpClient({ url: traced.httpUrl });
		const login = { username: "nobody", password: PASSWORD };
		for (const [start, library] of [
			["21", client],
			["22", http],
		] as const) {
			const traceId = traceOf(start);
			const trace = { traceparent: `00-${traceId}-${PARENT}-01`, tracestate: "mine=1" };
			await assert.rejects(library.auth.login(login, trace), { code: ErrorCode.UNAUTHENTICATED });
			const call = named(await spansOf(traceId, "auth.login"), "auth.login");
			assert.deepEqual([call?.parentSpanId, call?.traceState, call?.isParentRemote], [PARENT, "mine=1", true]);
		}
		client.close();
	});

	it("each attempt to call an upstream is a span, and log lines name trace and span", async () => {
		for (const upstream of upstreams) await upstream.behave({ failWith: UNAVAILABLE });
		const { client } = await WireClient.member(traced.url, "ann");
		const context = { traceId: traceOf("31"), spanId: PARENT, isSampled: true, state: "" };
		const reply = await client.ask(GET_ORDER, { bytes: encode("GetOrderRequest", { id: "1" }) }, context);
		assert.equal(reply.code, ErrorCode.UNAVAILABLE);
		const spans = await spansOf(context.traceId, "orders.getOrder");
		const attempts = spans.filter(({ name }) => name === "acme.orders.v1.OrderService/GetOrder");
		assert.ok(attempts.length > 1, "it is idempotent, and was tried again");
		assert.deepEqual(
			attempts.map(({ attributes }) => attributes["framegate.attempt"]).sort(),
			attempts.map((_, index) => index + 1),
		);
		const handler = named(spans, "handler orders.getOrder");
		for (const { kind, parentSpanId, isError, attributes } of attempts) {
			assert.deepEqual([kind, parentSpanId, isError], ["client", handler?.spanId, true]);
			assert.equal(attributes["rpc.response.status_code"], "UNAVAILABLE");
			assert.equal(attributes["framegate.upstream"], "orders");
		}
		const lines = (): string[] =>
			traced
				.log()
				.split("\n")
				.filter((line) => line.includes(context.traceId));
		await until(() => lines().length > 0);
		const logged = lines().map((line) => JSON.parse(line) as { spanId?: string });
		for (const { spanId } of logged)
			assert.ok(
				spans.some((span) => span.spanId === spanId),
				spanId,
			);
		await client.close();
		for (const upstream of upstreams) await upstream.behave({});
	});

	it("a node that knows nothing of traces delivers what a traced one publishes, and the other way round", async () => {
		const ann = await WireClient.member(traced.url, "ann-2");
		const bob = await WireClient.member(plain.url, "bob-2");
		const content = { kind: MessageKind.TEXT, text: "hello" };
		const received = async (client: WireClient): Promise<void> => {
			while ((await client.push()).protocol !== pushes.messagePosted.number);
		};
		const context = { traceId: traceOf("41"), spanId: PARENT, isSampled: true, state: "" };
		const to = (id = "", clientMsgId: string) => ({ userId: id, clientMsgId, content });
		await ann.client.ask(chatRoutes.sendPrivateMessage, to(bob.login.user?.id, "m1"), context);
		await received(bob.client);
		await bob.client.ask(chatRoutes.sendPrivateMessage, to(ann.login.user?.id, "m2"), context);
		await received(ann.client);
		const spans = await spansOf(context.traceId, "chat.sendPrivateMessage");
		assert.deepEqual([...new Set(spans.map(nodeOf))], ["traced"]);
		const requests = spans.filter(({ name }) => name === "chat.sendPrivateMessage");
		assert.equal(requests.length, 1, "what came from the other node is in no trace");
		await Promise.all([ann.client.close(), bob.client.close()]);
	});
});
