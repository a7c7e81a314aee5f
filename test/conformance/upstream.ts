// Routes that a service in Go answers, by grpc-go and its own health service: bytes, errors with details, deadlines, cancellation, metadata
// and streams, as another implementation of gRPC sees and says them. `npm run conformance` runs it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ErrorCode } from "../../protocol/codes.ts";
import { StreamMessage, upstreamRoutes } from "../../protocol/gen/schema.ts";
import { DESCRIBE, decode, encode, PLACE_ORDER, REFUSE, settings, WATCH } from "../gateway/upstream-fixture.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, post } from "../support/http-client.ts";
import { tied } from "../support/tied-process.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";
import { goProgram } from "./go-tools.ts";
import { run } from "./run.ts";

interface ServiceEvent {
	readonly event: "listening" | "ended" | "cancelled";
	readonly port?: number;
	readonly error?: string | boolean;
}

const protos = fileURLToPath(new URL("../support/upstream", import.meta.url));

describe("a service in Go", { timeout: 600_000 }, () => {
	const scratch = mkdtempSync(join(tmpdir(), "framegate-go-upstream-"));
	const events: ServiceEvent[] = [];
	let service: ReturnType<typeof spawn>;
	let gateway: GatewayProcess;
	let client: WireClient;

	before(async () => {
		const definitions = join(scratch, "orders.binpb");
		await run("npx", ["buf", "build", protos, "-o", definitions]);
		const program = await goProgram("upstream", join(scratch, "go"));
		service = spawn(...tied(program, [definitions]), { stdio: ["ignore", "pipe", "inherit"] });
		assert.ok(service.stdout);
		createInterface({ input: service.stdout }).on("line", (line) => events.push(JSON.parse(line) as ServiceEvent));
		await until(() => events.length > 0);
		const address = `127.0.0.1:${events[0]?.port}`;
		gateway = await startGateway({ env: settings([address], {}, { proto: undefined, descriptorSet: definitions }) });
		({ client } = await WireClient.member(gateway.url, "ann"));
		// Its health service says that it serves.
		const metrics = async () => await (await fetch(`${gateway.httpUrl}/metrics`)).text();
		await until(async () =>
			/framegate_upstream_endpoints\{service="orders",state="available"\} 1/.test(await metrics()),
		);
	});
	after(async () => {
		await gateway?.kill9();
		service?.kill("SIGKILL");
		rmSync(scratch, { recursive: true, force: true });
	});

	test("answers with the bytes that it was sent, fields that neither knows included", async () => {
		// One field that it knows, since messages of a descriptor set are written in any order; field 900 twice, and a group 901, that it does not.
		const known = encode("Order", { number: "-9007199254740993" });
		const unknown = Buffer.from("a23803616263a23800ab380801ac38", "hex");
		for (const bytes of [known, Buffer.concat([known, unknown]), Buffer.alloc(0)]) {
			const { code, body } = await client.ask(PLACE_ORDER, { bytes });
			assert.equal(code, ErrorCode.OK);
			assert.ok(Buffer.from(bytes).equals(Buffer.from(body ?? [])), Buffer.from(body ?? []).toString("hex"));
		}
		const got = await post(
			`${gateway.httpUrl}/orders/getOrder`,
			{ id: "9" },
			await accessTokenOf(gateway.httpUrl, "ann"),
		);
		assert.deepEqual([got.body.data.id, got.body.data.number], ["9", "9007199254740993"]);
	});

	test("sees who called, the trace and what is left of the time", async () => {
		const reply = await client.ask(DESCRIBE, { bytes: new Uint8Array() });
		const { metadata, endpoint, left_ms: leftMs } = decode("CallDescription", reply.body ?? undefined);
		assert.equal(endpoint, "go");
		assert.ok(leftMs > 0 && leftMs <= 1000, String(leftMs));
		assert.match(metadata["x-framegate-user"], /^[0-9a-f-]{36}$/);
		assert.equal(metadata["x-framegate-gateway"], "node-a");
		assert.equal(metadata["traceparent"].slice(3, 35), reply.traceId);
	});

	test("refuses with a status, violations and the time of a repeat, which reach the client", async () => {
		const refuse = async (code: number) => {
			const reply = await client.ask(REFUSE, { bytes: encode("RefuseRequest", { code, message: "no such order" }) });
			const { message, retryAfterMs, violations = [] } = reply.error ?? {};
			return [
				reply.code,
				message,
				retryAfterMs,
				violations?.map(({ field, description }) => `${field} ${description}`),
			];
		};
		const said = ["no such order", 1500, ["id is no order"]];
		assert.deepEqual(await refuse(3), [ErrorCode.VALIDATION_FAILED, ...said]);
		assert.deepEqual(await refuse(5), [ErrorCode.NOT_FOUND, ...said]);
		assert.deepEqual(await refuse(8), [ErrorCode.RATE_LIMITED, ...said]);
		assert.equal((await refuse(16))[0], ErrorCode.UPSTREAM_FAILED);
	});

	test("sees the end of a call that takes too long, as its deadline or as its cancellation", async () => {
		const token = await accessTokenOf(gateway.httpUrl, "ann");
		const { status } = await post(`${gateway.httpUrl}/orders/describeCall`, { order_id: "wait" }, token, {
			"connect-timeout-ms": "300",
		});
		assert.equal(status, 504);
		await until(() => events.some(({ event }) => event === "ended"));
		const { error } = events.find(({ event }) => event === "ended") ?? {};
		assert.match(String(error), /context (deadline exceeded|canceled)/);
	});

	test("streams to the end, fails behind its messages, and sees that a stream is cancelled", async () => {
		const { client: own } = await WireClient.member(gateway.url, "bea");
		const opened = await own.ask(WATCH, { bytes: encode("WatchOrdersRequest", { count: 2, code: 5 }) });
		const pushes: StreamMessage[] = [];
		while (!pushes.at(-1)?.end) pushes.push(StreamMessage.decode((await own.push()).body ?? new Uint8Array()));
		assert.deepEqual(
			pushes.map(({ streamId, end, code, body }) => [
				streamId,
				end,
				code,
				end ? "" : decode("Order", body ?? undefined).id,
			]),
			[
				[opened.seq, false, ErrorCode.OK, "order-1"],
				[opened.seq, false, ErrorCode.OK, "order-2"],
				[opened.seq, true, ErrorCode.NOT_FOUND, ""],
			],
		);
		const endless = await own.ask(WATCH, { bytes: encode("WatchOrdersRequest", { note_bytes: 1000 }) });
		await own.push();
		await own.ask(upstreamRoutes.cancelStream, { streamId: endless.seq ?? 0 });
		await until(() => events.some(({ event }) => event === "cancelled"));
		await own.close();
	});
});
