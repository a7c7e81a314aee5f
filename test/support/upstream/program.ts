// A gRPC service of an operator as a process of its own, by grpc-js: `orders.proto`, with faults on demand. Started by `upstream-process.ts`.
import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import protobuf from "protobufjs";

/** How it behaves from now on. */
export interface Behaviour {
	/** Before each answer. */
	readonly delayMs?: number;
	/** Answered at once, to every call. */
	readonly failWith?: number;
	/** What it says of its health: 1 serving, 2 not serving. */
	readonly health?: number;
	/** Finishes its calls and takes no others. */
	readonly drain?: boolean;
}

const [name = "", port = "0", tlsFiles = ""] = process.argv.slice(2);
const root = new protobuf.Root();
root.loadSync(fileURLToPath(new URL("orders.proto", import.meta.url)), { keepCase: true });
const typeOf = (type: string) => root.lookupType(`acme.orders.v1.${type}`);
const Description = typeOf("CallDescription");
const Watch = typeOf("WatchOrdersRequest");
const Refuse = typeOf("RefuseRequest");
const Order = typeOf("Order");

let behaviour: Behaviour = {};
let calls = 0;
let streams = 0;
const watches = new Set<grpc.ServerWritableStream<Buffer, Buffer>>();

const identity = (bytes: Buffer): Buffer => bytes;
const method = (path: string, responseStream = false) => ({
	path,
	requestStream: false,
	responseStream,
	requestSerialize: identity,
	requestDeserialize: identity,
	responseSerialize: identity,
	responseDeserialize: identity,
});
const orders = (called: string) => `/acme.orders.v1.OrderService/${called}`;

type Unary = grpc.ServerUnaryCall<Buffer, Buffer>;
type Callback = grpc.sendUnaryData<Buffer>;

/** Answers as it behaves now. */
function answering(answer: (call: Unary) => Buffer) {
	return (call: Unary, callback: Callback) => {
		calls++;
		const { failWith, delayMs = 0 } = behaviour;
		if (failWith !== undefined) callback({ code: failWith, details: `${name} fails` });
		else if (delayMs === 0) callback(null, answer(call));
		else setTimeout(() => callback(null, answer(call)), delayMs);
	};
}

function describe(call: Unary): Buffer {
	const metadata = Object.fromEntries(
		Object.entries(call.metadata.getMap()).map(([key, value]) => [key, value.toString()]),
	);
	const deadline = call.getDeadline();
	const left_ms = deadline === Number.POSITIVE_INFINITY ? 0 : Math.round(Number(deadline) - Date.now());
	return Buffer.from(Description.encode({ metadata, endpoint: name, left_ms }).finish());
}

function refuse(call: Unary, callback: Callback): void {
	calls++;
	const { code, message, details } = Refuse.toObject(Refuse.decode(call.request), { defaults: true });
	const metadata = new grpc.Metadata();
	if (details.length > 0) metadata.set("grpc-status-details-bin", Buffer.from(details as Uint8Array));
	callback({ code: code as number, details: message as string, metadata });
}

function watch(call: grpc.ServerWritableStream<Buffer, Buffer>): void {
	streams++;
	const { failWith } = behaviour;
	if (failWith !== undefined) {
		call.emit("error", { code: failWith, details: `${name} fails` });
		return;
	}
	const { count, note_bytes, code } = Watch.toObject(Watch.decode(call.request), { defaults: true });
	let sent = 0;
	let isOver = false;
	call.on("cancelled", () => {
		isOver = true;
		process.send?.({ cancelled: sent });
	});
	const note = Buffer.alloc(note_bytes as number, 7);
	const next = () => {
		while (!isOver && (count === 0 || sent < (count as number))) {
			sent++;
			if (!call.write(Buffer.from(Order.encode({ id: `order-${sent}`, note }).finish()))) {
				call.once("drain", next);
				return;
			}
		}
		if (isOver) return;
		if (code === 0) call.end();
		else call.emit("error", { code, details: "the watch failed" });
	};
	next();
}

function watchHealth(call: grpc.ServerWritableStream<Buffer, Buffer>): void {
	watches.add(call);
	call.on("cancelled", () => watches.delete(call));
	sendHealth(call);
}

function sendHealth(call: grpc.ServerWritableStream<Buffer, Buffer>): void {
	call.write(Buffer.from([8, behaviour.health ?? 1]));
}

const server = new grpc.Server();
server.addService(
	{
		GetOrder: method(orders("GetOrder")),
		PlaceOrder: method(orders("PlaceOrder")),
		DescribeCall: method(orders("DescribeCall")),
		WatchOrders: method(orders("WatchOrders"), true),
		Refuse: method(orders("Refuse")),
	},
	{
		// The number is one that a JavaScript number cannot hold.
		GetOrder: answering(({ request }) => Buffer.concat([request, Buffer.from("108180808080808010", "hex")])),
		PlaceOrder: answering(({ request }) => request),
		DescribeCall: answering(describe),
		WatchOrders: watch,
		Refuse: refuse,
	},
);
server.addService({ Watch: method("/grpc.health.v1.Health/Watch", true) }, { Watch: watchHealth });

process.on("message", (next: Behaviour | "figures") => {
	if (next === "figures") {
		process.send?.({ figures: { calls, streams } });
		return;
	}
	behaviour = next;
	for (const call of watches) sendHealth(call);
	if (next.drain) server.tryShutdown(() => {});
	process.send?.({ behaves: true });
});

function credentials(): grpc.ServerCredentials {
	if (tlsFiles === "") return grpc.ServerCredentials.createInsecure();
	const { ca, cert, key } = JSON.parse(tlsFiles) as { ca: string; cert: string; key: string };
	const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
	return grpc.ServerCredentials.createSsl(Buffer.from(ca), [pair], true);
}

server.bindAsync(`127.0.0.1:${port}`, credentials(), (error, bound) => {
	if (error !== null) throw error;
	process.send?.({ port: bound });
});
