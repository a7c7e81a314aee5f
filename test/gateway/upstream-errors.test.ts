// What clients get when a service of an operator fails, is not there, is not what it should be, or is configured wrongly.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { TlsFileSet } from "../../common/tls-files.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { openUpstreams } from "../../server/compose/upstreams.ts";
import { loadConfig } from "../../server/config/load.ts";
import { Status } from "../../upstreams/endpoint-transport.ts";
import { makeCertificates } from "../support/certificates.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, post } from "../support/http-client.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { until } from "../support/until.ts";
import { startUpstream, type UpstreamProcess } from "../support/upstream/upstream-process.ts";
import { WireClient } from "../support/wire-client.ts";

import { encode, GET_ORDER, PLACE_ORDER, REFUSE, settings } from "./upstream-fixture.ts";

describe("errors of upstreams", () => {
	let upstream: UpstreamProcess;
	let gateway: GatewayProcess;
	let client: WireClient;

	before(async () => {
		upstream = await startUpstream("orders-1");
		gateway = await startGateway({ env: settings([upstream.address], { breaker: { minCalls: 1000 } }) });
		({ client } = await WireClient.member(gateway.url, "ann"));
	});
	after(async () => {
		await gateway.kill9();
		await upstream.stop();
	});

	const refuse = async (code: Status, details: Uint8Array = new Uint8Array()) => {
		const bytes = encode("RefuseRequest", { code, message: "internals: 10.0.0.7", details });
		const { code: got, error } = await client.ask(REFUSE, { bytes });
		return [got, error?.message, error?.retryAfterMs] as const;
	};

	it("reach clients with their text where they speak of the request, and without it otherwise", async () => {
		const text = "internals: 10.0.0.7";
		const cases: readonly (readonly [Status, ErrorCode, string, number])[] = [
			[Status.CANCELLED, ErrorCode.UPSTREAM_FAILED, "upstream orders failed", 0],
			[Status.UNKNOWN, ErrorCode.UPSTREAM_FAILED, "upstream orders failed", 0],
			[Status.INVALID_ARGUMENT, ErrorCode.BAD_REQUEST, text, 0],
			[Status.DEADLINE_EXCEEDED, ErrorCode.TIMEOUT, "upstream orders did not answer in time", 0],
			[Status.NOT_FOUND, ErrorCode.NOT_FOUND, text, 0],
			[Status.ALREADY_EXISTS, ErrorCode.ALREADY_EXISTS, text, 0],
			[Status.PERMISSION_DENIED, ErrorCode.PERMISSION_DENIED, text, 0],
			[Status.RESOURCE_EXHAUSTED, ErrorCode.RATE_LIMITED, text, 1000],
			[Status.FAILED_PRECONDITION, ErrorCode.PRECONDITION_FAILED, text, 0],
			[Status.ABORTED, ErrorCode.CONFLICT, text, 0],
			[Status.OUT_OF_RANGE, ErrorCode.BAD_REQUEST, text, 0],
			[Status.UNIMPLEMENTED, ErrorCode.UPSTREAM_FAILED, "upstream orders failed", 0],
			[Status.INTERNAL, ErrorCode.UPSTREAM_FAILED, "upstream orders failed", 0],
			[Status.UNAVAILABLE, ErrorCode.UNAVAILABLE, "upstream orders is unavailable", 1000],
			[Status.DATA_LOSS, ErrorCode.UPSTREAM_FAILED, "upstream orders failed", 0],
			[Status.UNAUTHENTICATED, ErrorCode.UPSTREAM_FAILED, "upstream orders failed", 0],
		];
		for (const [status, ...expected] of cases) assert.deepEqual(await refuse(status), expected, `status ${status}`);
	});

	it("bring the time to wait and the fields that the service named", async () => {
		const any = (type: string, value: Buffer) => {
			const url = Buffer.from(`type.googleapis.com/${type}`);
			const inner = Buffer.concat([Buffer.from([0x0a, url.length]), url, Buffer.from([0x12, value.length]), value]);
			return Buffer.concat([Buffer.from([0x1a, inner.length]), inner]);
		};
		// RetryInfo with 2.5 s: seconds 2, nanos 500,000,000.
		const wait = any("google.rpc.RetryInfo", Buffer.from("0a0808021080cab5ee01", "hex"));
		assert.deepEqual((await refuse(Status.RESOURCE_EXHAUSTED, wait))[2], 2500);
		// BadRequest with one violation.
		const violation = Buffer.concat([
			Buffer.from([0x0a, 2]),
			Buffer.from("id"),
			Buffer.from([0x12, 8]),
			Buffer.from("is taken"),
		]);
		const fields = any("google.rpc.BadRequest", Buffer.concat([Buffer.from([0x0a, violation.length]), violation]));
		const bytes = encode("RefuseRequest", { code: Status.INVALID_ARGUMENT, details: fields });
		const { code, error } = await client.ask(REFUSE, { bytes });
		assert.equal(code, ErrorCode.VALIDATION_FAILED);
		assert.deepEqual(
			error?.violations?.map(({ field, description }) => ({ field, description })),
			[{ field: "id", description: "is taken" }],
		);
		const broken = await refuse(Status.RESOURCE_EXHAUSTED, Buffer.from("1aff", "hex"));
		assert.equal(broken[2], 1000);
	});

	it("is UPSTREAM_FAILED when a reply is larger than what the gateway sends", async () => {
		// Taken as a request by a limit that is higher, it comes back as a reply.
		const small = await startGateway({ env: settings([upstream.address], { maxReplyBytes: 1024 }) });
		const { client: own } = await WireClient.member(small.url, "ann");
		const { code } = await own.ask(PLACE_ORDER, { bytes: Buffer.alloc(2000, 10) });
		assert.equal(code, ErrorCode.UPSTREAM_FAILED);
		await small.kill9();
	});

	it("is TIMEOUT within the time that the caller gave", async () => {
		await upstream.behave({ delayMs: 5000 });
		const token = await accessTokenOf(gateway.httpUrl, "ann");
		const url = `${gateway.httpUrl}/acme.orders.v1.OrderService/GetOrder`;
		const late = await post(url, { id: "1" }, token, { "connect-timeout-ms": "100" });
		assert.equal(late.body.code, "deadline_exceeded");
		await upstream.behave({});
	});

	it("is UNAVAILABLE while no endpoint serves, and over when one does", async () => {
		await upstream.behave({ health: 2 });
		await until(async () => (await client.ask(GET_ORDER, { bytes: new Uint8Array() })).code === ErrorCode.UNAVAILABLE);
		await upstream.behave({ health: 1 });
		await until(async () => (await client.ask(GET_ORDER, { bytes: new Uint8Array() })).code === ErrorCode.OK);
		const { port } = upstream;
		await upstream.stop();
		await until(async () => (await client.ask(GET_ORDER, { bytes: new Uint8Array() })).code === ErrorCode.UNAVAILABLE);
		upstream = await startUpstream("orders-1", port);
		await until(async () => (await client.ask(GET_ORDER, { bytes: new Uint8Array() })).code === ErrorCode.OK);
	});
});

describe("TLS to upstreams", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-upstream-tls-"));
	const own = makeCertificates(join(directory, "own"));
	const foreign = makeCertificates(join(directory, "foreign"));
	const pem = ({ caFile, certFile, keyFile }: typeof own) => ({
		ca: readFileSync(caFile, "utf8"),
		cert: readFileSync(certFile, "utf8"),
		key: readFileSync(keyFile, "utf8"),
	});
	let upstream: UpstreamProcess;
	before(async () => {
		upstream = await startUpstream("orders-tls", 0, pem(own));
	});
	after(async () => {
		await upstream.stop();
		rmSync(directory, { recursive: true });
	});

	const answered = async (tls: object): Promise<number | null | undefined> => {
		const gateway = await startGateway({ env: settings([upstream.address], { tls, waitTimeoutMs: 2000 }) });
		try {
			const { client } = await WireClient.member(gateway.url, "ann");
			return (await client.ask(GET_ORDER, { bytes: new Uint8Array() })).code;
		} finally {
			await gateway.kill9();
		}
	};
	const serverName = "localhost";

	it("shows the gateway's certificate, and checks the service's by authority and name", async () => {
		const { caFile, certFile, keyFile } = own;
		assert.equal(await answered({ caFile, certFile, keyFile, serverName }), ErrorCode.OK);
		const wrong = {
			"without a certificate of its own": { caFile, serverName },
			"another authority": { caFile: foreign.caFile, certFile, keyFile, serverName },
			"another name": { caFile, certFile, keyFile, serverName: "orders.internal" },
		};
		// Each waits for an endpoint that it can use, for as long as a call may.
		const codes = await Promise.all(
			Object.entries(wrong).map(async ([what, tls]) => [what, await answered(tls)] as const),
		);
		for (const [what, code] of codes) assert.equal(code, ErrorCode.UNAVAILABLE, what);
	});
});

describe("the configuration of upstreams", () => {
	const discovered = () => {
		throw new Error("etcd is not configured");
	};
	const failure = async (routes: object, service: object = {}): Promise<string> => {
		const env = { ...settings(["127.0.0.1:1"], service, routes), FRAMEGATE_PROFILE: "test" };
		try {
			const config = loadConfig({ env, cwd: tmpdir() });
			const logger = quietLogger();
			await openUpstreams({ config, logger, tlsFiles: new TlsFileSet(logger), discovered });
			return "it can be used";
		} catch (error) {
			return String(error);
		}
	};

	it("is refused with what is wrong in it", async () => {
		assert.equal(await failure({}), "it can be used");
		const cases: readonly (readonly [object, RegExp])[] = [
			[{ service: "carts" }, /there is no service carts in upstreams\.services/],
			[{ proto: "missing.proto" }, /missing\.proto/],
			[{ grpcService: "acme.orders.v1.CartService" }, /there is no service acme\.orders\.v1\.CartService/],
			[{ numbers: "9000-9003" }, /5 methods do not fit into 9000-9003/],
			[{ numbers: "9490-9499" }, /not within 9000-9498/],
			[{ methods: { GetCart: {} } }, /has no method GetCart/],
			[{ methods: { PlaceOrder: { number: 9000 } } }, /number 9000 belongs to orders\.getOrder/],
			[{ methods: { PlaceOrder: { name: "getOrder" } } }, /orders\.getOrder is there twice/],
			[{ name: "chat" }, /the name chat belongs to the gateway/],
			[{ methods: { GetOrder: { sticky: "request.colour" } } }, /has no single field colour/],
		];
		for (const [routes, text] of cases) assert.match(await failure(routes), text);
		const discover = { addresses: undefined, discover: { from: "etcd", name: "orders" } };
		assert.match(await failure({}, discover), /upstreams\.services\.orders: etcd is not configured/);
		assert.match(await failure({}, { dns: "orders:1" }), /one of addresses, dns and discover/);
		assert.match(await failure({}, { tls: { caFile: "gone.pem" } }), /gone\.pem/);
	});

	it("that a process cannot use ends its start", async () => {
		const started = startGateway({ env: settings(["127.0.0.1:1"], {}, { service: "carts" }) });
		await assert.rejects(started, /there is no service carts in upstreams\.services/);
	});
});
