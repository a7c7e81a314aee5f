// Traces of whole gateways: what a collector gets of requests over WebSocket and HTTP, with the statements and commands that they run.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { authRoutes, notificationRoutes } from "../../protocol/gen/schema.ts";
import type { TraceContext } from "../../protocol/trace-context.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { startCollector, type TraceCollector } from "../support/tracing/trace-collector.ts";
import { named, ofTrace, tracingTo } from "../support/tracing/tracing-env.ts";
import { until } from "../support/until.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

describe("tracing", () => {
	let redis: RealServer;
	let collector: TraceCollector;
	let gateway: GatewayProcess;
	before(async () => {
		redis = await startRedis();
		collector = await startCollector();
		gateway = await startGateway({
			env: tracingTo(collector, {
				REDIS_URL: redis.url,
				FRAMEGATE_NODE_ID: "node-a",
				OTEL_SERVICE_NAME: "edge-gateway",
				OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test,team=a%2Cb",
				OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=secret%20one",
			}),
		});
	});
	after(async () => {
		await gateway.kill9();
		await collector.stop();
		await redis.stop();
	});

	it("records a frame with its handler, its statements and its commands, as children of the client's span", async () => {
		const { client } = await WireClient.member(gateway.url, "ann");
		const context = { traceId: TRACE, spanId: PARENT, isSampled: true, state: "vendor=1" };
		const reply = await client.ask(authRoutes.login, { username: "ann", password: "wrong password" }, context);
		assert.equal(reply.code, ErrorCode.UNAUTHENTICATED);
		assert.equal(reply.traceId, TRACE);
		const spans = ofTrace(
			await collector.untilSpans((all) => named(ofTrace(all, TRACE), "auth.login") !== undefined),
			TRACE,
		);
		const frame = named(spans, "auth.login");
		assert.equal(frame?.parentSpanId, PARENT);
		assert.equal(frame?.isParentRemote, true);
		assert.equal(frame?.traceState, "vendor=1");
		assert.equal(frame?.kind, "server");
		assert.equal(frame?.isError, false);
		assert.equal(frame?.attributes["rpc.response.status_code"], "UNAUTHENTICATED");
		const handler = named(spans, "handler auth.login");
		assert.equal(handler?.parentSpanId, frame?.spanId);
		const systems = spans.filter((span) => span.kind === "client");
		assert.ok(systems.some(({ attributes }) => attributes["db.system.name"] === "redis"));
		assert.ok(systems.some(({ name }) => name === "SELECT users"));
		for (const span of systems) assert.equal(span.parentSpanId, handler?.spanId, span.name);
		assert.equal(frame?.resource["service.name"], "edge-gateway");
		assert.equal(frame?.resource["service.instance.id"], "node-a");
		assert.equal(frame?.resource["team"], "a,b");
		assert.equal(collector.requests[0]?.["x-api-key"], "secret one");
		const everything = JSON.stringify(spans, (_key, value) => (typeof value === "bigint" ? String(value) : value));
		for (const text of ["ann", "wrong password", "secret one"]) assert.ok(!everything.includes(text), text);
		await client.close();
	});

	it("names the step that refused a request", async () => {
		const client = await WireClient.open(gateway.url);
		const context = { traceId: TRACE.replace("0af", "1af"), spanId: PARENT, isSampled: true, state: "" };
		const reply = await client.ask(notificationRoutes.listNotifications, {}, context);
		assert.equal(reply.code, ErrorCode.UNAUTHENTICATED);
		const { traceId } = context;
		const spans = ofTrace(
			await collector.untilSpans((all) => named(ofTrace(all, traceId), "notification.listNotifications") !== undefined),
			traceId,
		);
		assert.equal(named(spans, "refused by authorize")?.attributes["framegate.code"], "UNAUTHENTICATED");
		assert.equal(named(spans, "handler notification.listNotifications"), undefined);
		await client.close();
	});

	it("decides by itself for clients that are not trusted, and takes only their ids", async () => {
		const quiet = await startGateway({
			env: tracingTo(collector, { FRAMEGATE_TRACING_RATIO: "0", FRAMEGATE_TRACING_ROUTES: '{"auth.register":1}' }),
		});
		const client = await WireClient.open(quiet.url);
		const [forced, sampled] = ["2af", "3af"].map((start) => ({
			...{ traceId: TRACE.replace("0af", start), spanId: PARENT, isSampled: true, state: "" },
		})) as [TraceContext, TraceContext];
		const reply = await client.ask(authRoutes.login, { username: "eve", password: PASSWORD }, forced);
		assert.equal(reply.traceId, forced.traceId);
		await client.ask(authRoutes.register, { username: "eve", password: PASSWORD }, sampled);
		await collector.untilSpans((all) => named(ofTrace(all, sampled.traceId), "auth.register") !== undefined);
		assert.deepEqual(ofTrace(collector.spans, forced.traceId), []);
		await client.close();
		await quiet.kill9();
	});

	it("exports what is left when the process ends", async () => {
		const brief = await startGateway({
			env: tracingTo(collector, { FRAMEGATE_TRACING_FLUSH_INTERVAL_MS: "60000" }),
		});
		const client = await WireClient.open(brief.url);
		const context = { traceId: TRACE.replace("0af", "4af"), spanId: PARENT, isSampled: true, state: "" };
		await client.ask(authRoutes.login, { username: "nobody", password: PASSWORD }, context);
		assert.deepEqual(ofTrace(collector.spans, context.traceId), []);
		await client.close();
		await brief.stop();
		assert.ok(named(ofTrace(collector.spans, context.traceId), "auth.login"));
	});

	it("loads nothing of OpenTelemetry unless it is on", async () => {
		// But its API, which prom-client loads.
		const hook =
			'import { registerHooks } from "node:module"; registerHooks({ load(url, context, next) { ' +
			'if (/@opentelemetry.(?!api.)/.test(url)) process.stderr.write("OTEL " + url + "\\n"); return next(url, context); } });';
		const nodeFlags = ["--import", `data:text/javascript,${encodeURIComponent(hook)}`];
		for (const isOn of [false, true]) {
			const env = isOn ? tracingTo(collector) : { FRAMEGATE_TRACING_ENABLED: "true" };
			const node = await startGateway({ env, nodeFlags });
			if (isOn) await until(() => node.log().includes("OTEL file:"));
			await node.kill9();
			assert.equal(node.log().includes("OTEL file:"), isOn);
		}
	});
});
