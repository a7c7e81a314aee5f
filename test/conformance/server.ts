// The service of connectrpc.com/conformance as a handler module, on the product's transport, router, dispatcher and Connect style. The
// suite starts it, writes what it wants to standard input, and reads the port from standard output; the argument is the folder
// with the suite's .proto files.
import protobuf from "protobufjs";
import "../../protocol/runtime.ts";
import { AccessTokens } from "../../core/access-tokens.ts";
import type { Call } from "../../core/call.ts";
import { CallBudget } from "../../core/call-budget.ts";
import { TrustedHops } from "../../core/client-address.ts";
import { HttpCall } from "../../core/http-call.ts";
import { HttpDispatcher } from "../../core/http-dispatcher.ts";
import { RateLimits, type RateSettings } from "../../core/rate-limits.ts";
import { defineModule } from "../../core/route.ts";
import { bindModule, RouteTable } from "../../core/route-table.ts";
import { ServedRoutes } from "../../core/served-routes.ts";
import { UwsTransport } from "../../core/transport-uws.ts";
import { authorize } from "../../middleware/authorize.ts";
import { decode } from "../../middleware/decode.ts";
import { RequestStats } from "../../middleware/request-stats.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyMessageType, AnyRouteContract } from "../../protocol/contract.ts";
import { EnvelopeReader } from "../../protocol/envelope.ts";
import { JsonTranscoder } from "../../protocol/json.ts";
import { loadConfig } from "../../server/config/load.ts";
import { type ConnectCode, ConnectError } from "../../server/http/calls/connect-error.ts";
import { ConnectStyle } from "../../server/http/calls/connect-style.ts";
import { queryParameters } from "../../server/http/calls/query.ts";
import { httpRouter } from "../../server/http/http-router.ts";
import { unlimitedHttp } from "../support/http-options.ts";
import { quietLogger } from "../support/quiet-logger.ts";

const PACKAGE = "connectrpc.conformance.v1";
const protoDirectory = process.argv[2] ?? "";
const root = new protobuf.Root();
const library = new URL(".", import.meta.resolve("protobufjs/package.json")).pathname;
root.resolvePath = (_origin, target) => `${target.startsWith("google/") ? library : `${protoDirectory}/`}${target}`;
root.loadSync(["service", "server_compat"].map((file) => `connectrpc/conformance/v1/${file}.proto`));
root.resolveAll();

function messageType(name: string): AnyMessageType {
	const type = root.lookupType(`${PACKAGE}.${name}`);
	return {
		typeName: `${PACKAGE}.${name}`,
		encode: (message, writer) => type.encode(message, writer),
		decode: (reader, length) => type.decode(reader, length),
		holdsBytes: true,
		rules: [],
		oneofs: [],
	};
}

function contract(number: number, method: string, hasSideEffects: boolean): AnyRouteContract {
	return {
		number,
		name: `conformance.${method}`,
		request: messageType(`${method}Request`),
		reply: messageType(`${method}Response`),
		handlesRepeats: false,
		permission: "public",
		cost: 1,
		ordering: "none",
		hasLargeReply: false,
		idempotent: !hasSideEffects,
		hasSideEffects,
		needsConnection: false,
		rpcPath: `/${PACKAGE}.ConformanceService/${method}`,
	};
}

interface Header {
	readonly name: string;
	readonly value: readonly string[];
}

interface Definition {
	readonly responseHeaders?: readonly Header[];
	readonly responseTrailers?: readonly Header[];
	readonly responseData?: Uint8Array;
	readonly responseDelayMs?: number;
	readonly error?: { readonly code: number; readonly message?: string; readonly details?: readonly Any[] };
}

interface Any {
	readonly type_url: string;
	readonly value: Uint8Array;
}

const headersOf = (entries: Iterable<readonly [string, string]>): Header[] =>
	[...entries].map(([name, value]) => ({ name, value: value.split(", ") }));

function requestInfo(call: HttpCall) {
	const { headers, query } = call.head;
	const timeout = headers.get("connect-timeout-ms");
	const parameters = [...queryParameters(query)].map(([name, value]) => [name, value.toString()] as const);
	const request = { type_url: `type.googleapis.com/${call.contract.request.typeName}`, value: call.bytes };
	return {
		requestHeaders: headersOf(headers),
		...(timeout === undefined ? {} : { timeoutMs: Number(timeout) }),
		requests: [request],
		...(parameters.length > 0 ? { connectGetInfo: { queryParams: headersOf(parameters) } } : {}),
	};
}

async function answer(request: { readonly responseDefinition?: Definition | null }, call: Call) {
	if (!(call instanceof HttpCall)) throw new Error("no HTTP call");
	const definition = request.responseDefinition ?? {};
	const { responseHeaders = [], responseTrailers = [], responseDelayMs = 0, error } = definition;
	call.replyHeaders = Object.fromEntries([
		...responseHeaders.map(({ name, value }) => [name.toLowerCase(), value.join(", ")]),
		...responseTrailers.map(({ name, value }) => [`trailer-${name.toLowerCase()}`, value.join(", ")]),
	]) as Record<string, string>;
	const info = requestInfo(call);
	if (responseDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, responseDelayMs));
	if (error) throw connectError(error, info);
	return { payload: { data: definition.responseData ?? new Uint8Array(0), requestInfo: info } };
}

function connectError(
	{ code, message = "", details = [] }: NonNullable<Definition["error"]>,
	info: object,
): ConnectError {
	const [name = ""] =
		Object.entries(root.lookupEnum(`${PACKAGE}.Code`).values).find(([, value]) => value === code) ?? [];
	const type = `${PACKAGE}.ConformancePayload.RequestInfo`;
	const given = details.map(({ type_url, value }) => ({ type: type_url.slice(type_url.lastIndexOf("/") + 1), value }));
	const all = [...given, { type, value: root.lookupType(type).encode(info).finish() }];
	return new ConnectError(name.replace("CODE_", "").toLowerCase() as ConnectCode, ErrorCode.INTERNAL, message, all);
}

const contracts = [contract(7001, "Unary", true), contract(7002, "IdempotentUnary", false)];
const conformance = defineModule<undefined>("conformance", (implement) =>
	contracts.map((route) => implement(route, (request, call) => answer(request as object, call))),
);

/** The suite's messages have their length before them, in four bytes. */
async function readRequest(): Promise<{ readonly messageReceiveLimit?: number }> {
	const chunks: Buffer[] = [];
	for await (const chunk of process.stdin) {
		chunks.push(chunk as Buffer);
		const bytes = Buffer.concat(chunks);
		if (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE()) {
			return root
				.lookupType(`${PACKAGE}.ServerCompatRequest`)
				.decode(bytes.subarray(4, 4 + bytes.readUInt32BE())) as object;
		}
	}
	throw new Error("no request");
}

async function serve(): Promise<void> {
	const { messageReceiveLimit = 0 } = await readRequest();
	const maxBytes = messageReceiveLimit > 0 ? messageReceiveLimit : 1_048_576;
	const { limits, rates: settings } = loadConfig({
		env: { FRAMEGATE_PROFILE: "test" },
		cwd: protoDirectory,
		nodeId: "suite",
	});
	const off = { perSecond: 0, burst: 1 };
	const rates = new RateLimits({ ...(settings as RateSettings), connection: off, user: off, ip: off, global: off });
	const now = () => performance.now();
	const table = new RouteTable([bindModule(conformance, undefined)], [authorize(), decode()]);
	const dispatcher = new HttpDispatcher({
		dispatcher: { messageLimits: limits, budget: new CallBudget(limits) },
		tokens: new AccessTokens({ resume: () => Promise.reject(new Error("no sessions")), now, wall: Date.now }),
		rates,
		reader: new EnvelopeReader(),
		observer: new RequestStats({ logger: quietLogger(), now, slowRequestMs: 1e9 }),
		now,
		newTraceId: () => "",
	});
	const transcoder = new JsonTranscoder(root);
	const style = new ConnectStyle({
		routes: new ServedRoutes(table),
		dispatcher,
		json: () => transcoder,
		maxMessageBytes: () => maxBytes,
	});
	const transport = new UwsTransport({
		path: "/ws",
		maxPayloadBytes: 65_536,
		maxBackpressureBytes: 1_048_576,
		http: unlimitedHttp,
		address: { trusted: new TrustedHops([]), proxyProtocol: false },
		admission: { maxHttpSockets: 4096, ceiling: undefined, reserved: 0 },
	});
	const http = httpRouter({
		routes: [],
		isOriginAllowed: () => true,
		logger: quietLogger(),
		calls: [style],
		maxCallBytes: () => maxBytes,
	});
	const port = await transport.listen({ host: "127.0.0.1", port: 0, shared: false }, { events: undefined, http });
	const reply = root.lookupType(`${PACKAGE}.ServerCompatResponse`).encode({ host: "127.0.0.1", port }).finish();
	const length = Buffer.alloc(4);
	length.writeUInt32BE(reply.length);
	process.stdout.write(Buffer.concat([length, reply]));
}

await serve();
