// A contract double of Nacos: its HTTP interface v1 and its gRPC protocol with the answers that r-nacos 0.8.8 gave
// (nacos-answers.json, which test/conformance/nacos.ts compares with the real server), and its HTTP interface v3 as its documentation
// has it (nacos.io, "Client API", sections 2.1 to 2.3), which no server that is built from a registry answers.
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import {
	Server,
	ServerCredentials,
	type ServerDuplexStream,
	type ServerUnaryCall,
	type sendUnaryData,
	status,
} from "@grpc/grpc-js";
import { type JsonObject, readPayload, writePayload } from "../../upstreams/discovery/nacos/nacos-payload.ts";
import answers from "./nacos-answers.json" with { type: "json" };
import { freePort } from "./real-server.ts";

export const GRPC_PORT_OFFSET = 1000;
const USER = { username: "nacos", password: "the password of the double" };
const TOKEN = "token-of-the-double";

interface Instance {
	readonly ip: string;
	readonly port: number;
	weight: number;
	metadata: Readonly<Record<string, string>>;
	/** Of the connection that it lives with. */
	readonly owner: string | undefined;
}

type BiStream = ServerDuplexStream<Buffer, Buffer>;

export interface NacosDoubleOptions {
	/** Requests without the token of a login are refused. */
	readonly requiresLogin?: boolean;
}

/** Starts one on a free port and the one 1000 above. */
export async function startNacosDouble(options: NacosDoubleOptions = {}): Promise<NacosDouble> {
	const double = new NacosDouble(await freePort(GRPC_PORT_OFFSET), options);
	await double.start();
	return double;
}

export class NacosDouble {
	readonly port: number;
	readonly user = USER;
	/** What it was asked, `METHOD path?form`, in order. */
	readonly requests: string[] = [];
	logins = 0;
	private readonly options: NacosDoubleOptions;
	/** By `group@@service`, then `ip:port`. */
	private readonly services = new Map<string, Map<string, Instance>>();
	private readonly subscribers = new Map<string, Set<string>>();
	private readonly streams = new Map<string, BiStream>();
	private readonly sockets = new Set<Socket>();
	private http: HttpServer | undefined;
	private grpc: Server | undefined;
	private isTokenGood = true;
	private pushes = 0;

	constructor(port: number, options: NacosDoubleOptions) {
		this.port = port;
		this.options = options;
	}

	async start(): Promise<void> {
		this.http = createServer((request, response) => void this.onHttp(request, response));
		this.http.on("connection", (socket) => this.sockets.add(socket.on("close", () => this.sockets.delete(socket))));
		await new Promise<void>((resolve) => this.http?.listen(this.port, "127.0.0.1", resolve));
		this.grpc = new Server();
		const identity = (bytes: Buffer) => bytes;
		const wire = {
			requestSerialize: identity,
			requestDeserialize: identity,
			responseSerialize: identity,
			responseDeserialize: identity,
		};
		this.grpc.addService(
			{ request: { path: "/Request/request", requestStream: false, responseStream: false, ...wire } },
			{
				request: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) =>
					done(null, this.onRequest(call)),
			},
		);
		this.grpc.addService(
			{ stream: { path: "/BiRequestStream/requestBiStream", requestStream: true, responseStream: true, ...wire } },
			{ stream: (stream: BiStream) => this.onStream(stream) },
		);
		await new Promise<void>((resolve, reject) => {
			const address = `127.0.0.1:${this.port + GRPC_PORT_OFFSET}`;
			this.grpc?.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()));
		});
	}

	/** As a server that ends: nothing of it is left. */
	async stop(): Promise<void> {
		this.grpc?.forceShutdown();
		for (const socket of this.sockets) socket.destroy();
		await new Promise((resolve) => (this.http === undefined ? resolve(undefined) : this.http.close(resolve)));
		this.services.clear();
		this.subscribers.clear();
		this.streams.clear();
		this.http = undefined;
	}

	seen(service: string, group = "DEFAULT_GROUP"): readonly Instance[] {
		return this.instancesOf(`${group}@@${service}`);
	}

	add(service: string, ip: string, port: number): void {
		this.set(`DEFAULT_GROUP@@${service}`, { ip, port, weight: 1, metadata: {}, owner: undefined });
	}

	remove(service: string, ip: string, port: number): void {
		this.services.get(`DEFAULT_GROUP@@${service}`)?.delete(`${ip}:${port}`);
		this.push(`DEFAULT_GROUP@@${service}`);
	}

	/** Tokens given so far are no longer good. */
	revokeTokens(): void {
		this.isTokenGood = false;
	}

	/** Sends a request of the server's own on every connection. */
	send(type: string, body: JsonObject): void {
		for (const stream of this.streams.values()) stream.write(writePayload({ type, body }));
	}

	/** Ends every connection of gRPC, as the network does. */
	dropConnections(): void {
		for (const stream of this.streams.values()) {
			stream.emit("error", Object.assign(new Error("dropped"), { code: status.UNAVAILABLE }));
		}
	}

	get connections(): number {
		return this.streams.size;
	}

	private set(key: string, instance: Instance): void {
		const instances = this.services.get(key) ?? new Map<string, Instance>();
		instances.set(`${instance.ip}:${instance.port}`, instance);
		this.services.set(key, instances);
		this.push(key);
	}

	private push(key: string): void {
		const [groupName, serviceName] = key.split("@@");
		for (const peer of this.subscribers.get(key) ?? []) {
			const body = {
				...answers.grpc.NotifySubscriberRequest,
				requestId: `${++this.pushes}`,
				groupName,
				serviceName,
				serviceInfo: this.serviceInfo(key),
			};
			this.streams.get(peer)?.write(writePayload({ type: "NotifySubscriberRequest", body }));
		}
	}

	private serviceInfo(key: string): JsonObject {
		const [groupName, name] = key.split("@@");
		const hosts = this.instancesOf(key).map((instance) => this.hostOf(key, instance));
		return { ...answers.grpc.serviceInfo, name, groupName, hosts, lastRefTime: Date.now() };
	}

	private instancesOf(key: string): readonly Instance[] {
		return [...(this.services.get(key)?.values() ?? [])];
	}

	private hostOf(key: string, { ip, port, weight, metadata }: Instance): JsonObject {
		const instanceId = `${ip}#${port}`;
		return { ...answers.grpc.instance, instanceId, ip, port, weight, serviceName: key, metadata };
	}

	private onStream(stream: BiStream): void {
		const peer = stream.getPeer();
		stream.on("data", (message: Buffer) => {
			if (readPayload(message).type === "ConnectionSetupRequest") this.streams.set(peer, stream);
		});
		const gone = () => {
			if (this.streams.get(peer) !== stream) return;
			this.streams.delete(peer);
			for (const peers of this.subscribers.values()) peers.delete(peer);
			for (const [key, instances] of this.services) {
				for (const [address, { owner }] of instances) if (owner === peer && instances.delete(address)) this.push(key);
			}
		};
		for (const event of ["end", "close", "error", "cancelled"]) stream.on(event, gone);
	}

	private onRequest(call: ServerUnaryCall<Buffer, Buffer>): Buffer {
		const { type, body } = readPayload(call.request);
		const peer = call.getPeer();
		const reply = (name: string, extra: JsonObject = {}) =>
			writePayload({ type: name, body: { ...answerTo(name), ...extra } });
		if (type === "ServerCheckRequest") return reply("ServerCheckResponse", { connectionId: `0_${peer}` });
		if (!this.streams.has(peer)) return reply("ErrorResponse", answers.grpc.unregistered);
		if (type === "HealthCheckRequest") return reply("HealthCheckResponse");
		if (this.options.requiresLogin && !this.hasToken(call.request.toString("latin1"))) {
			return reply("ErrorResponse", answers.grpc.forbidden);
		}
		const key = `${String(body["groupName"])}@@${String(body["serviceName"])}`;
		switch (type) {
			case "InstanceRequest":
				this.onInstance(key, body, peer);
				return reply("InstanceResponse", { type: body["type"] });
			case "SubscribeServiceRequest": {
				const peers = this.subscribers.get(key) ?? new Set<string>();
				if (body["subscribe"] === true) peers.add(peer);
				else peers.delete(peer);
				this.subscribers.set(key, peers);
				return reply("SubscribeServiceResponse", { serviceInfo: this.serviceInfo(key) });
			}
			case "ServiceQueryRequest":
				return reply("QueryServiceResponse", { serviceInfo: this.serviceInfo(key) });
			default:
				return reply("ErrorResponse", { errorCode: 302, message: `${type} RequestHandler Not Found` });
		}
	}

	private onInstance(key: string, body: JsonObject, owner: string): void {
		const { ip, port, weight, metadata } = body["instance"] as Instance;
		if (body["type"] === "registerInstance") this.set(key, { ip, port, weight, metadata, owner });
		else if (this.services.get(key)?.delete(`${ip}:${port}`)) this.push(key);
	}

	private hasToken(text: string): boolean {
		return this.isTokenGood && text.includes(TOKEN);
	}

	private async onHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const url = new URL(request.url ?? "/", "http://localhost");
		const form = new URLSearchParams([...url.searchParams, ...new URLSearchParams(Buffer.concat(chunks).toString())]);
		this.requests.push(`${request.method} ${url.pathname}?${form}`);
		const { status, text } = this.answer(`${request.method} ${url.pathname}`, form, request);
		response.writeHead(status, { "content-type": text.startsWith("{") ? "application/json" : "text/plain" }).end(text);
	}

	private answer(line: string, form: URLSearchParams, request: IncomingMessage): { status: number; text: string } {
		const ok = (text: string) => ({ status: 200, text });
		if (line.endsWith("/auth/login") || line.endsWith("/auth/user/login")) {
			this.logins++;
			if (form.get("password") !== USER.password) return { status: 403, text: answers.http.unknownUser };
			this.isTokenGood = true;
			return ok(JSON.stringify({ ...answers.http.login, accessToken: TOKEN }));
		}
		const isV3 = line.includes("/nacos/v3/");
		const token = isV3 ? request.headers["accesstoken"] : form.get("accessToken");
		if (this.options.requiresLogin && !this.hasToken(String(token)))
			return { status: 403, text: answers.http.unknownUser };
		const answer = isV3 ? this.answerV3(line, form) : this.answerV1(line, form);
		return answer === undefined ? { status: 404, text: "" } : ok(answer);
	}

	private answerV1(line: string, form: URLSearchParams): string | undefined {
		const named = form.get("serviceName") ?? "";
		const key = named.includes("@@") ? named : `${form.get("groupName") ?? "DEFAULT_GROUP"}@@${named}`;
		const address = `${form.get("ip")}:${form.get("port")}`;
		switch (line) {
			case "POST /nacos/v1/ns/instance":
				this.set(key, instanceOf(form));
				return answers.http.ok;
			case "DELETE /nacos/v1/ns/instance":
				this.services.get(key)?.delete(address);
				return answers.http.ok;
			case "PUT /nacos/v1/ns/instance/beat":
				// The official server says so; r-nacos takes the instance from the beat instead.
				if (!this.services.get(key)?.has(address)) return JSON.stringify({ ...answers.http.beat, code: 20_404 });
				return JSON.stringify(answers.http.beat);
			case "GET /nacos/v1/ns/instance/list":
				return JSON.stringify(this.listV1(key));
			default:
				return undefined;
		}
	}

	private listV1(key: string): JsonObject {
		const hosts = this.instancesOf(key).map(({ ip, port, weight, metadata }) => {
			const instanceId = `${ip}#${port}`;
			return { ...answers.http.instance, service: key, serviceName: key, instanceId, ip, port, weight, metadata };
		});
		const nowMs = Date.now();
		const own = { name: key, dom: key.split("@@")[1], lastRefTime: nowMs, checksum: `${nowMs}` };
		return { ...answers.http.list, ...own, hosts };
	}

	private answerV3(line: string, form: URLSearchParams): string | undefined {
		const wrapped = (code: number, message: string, data: unknown) => JSON.stringify({ code, message, data });
		const key = `${form.get("groupName") ?? "DEFAULT_GROUP"}@@${form.get("serviceName")}`;
		const address = `${form.get("ip")}:${form.get("port")}`;
		switch (line) {
			case "POST /nacos/v3/client/ns/instance":
				if (form.get("heartBeat") === "true") {
					if (!this.services.get(key)?.has(address)) return wrapped(21_003, "instance not found", null);
				} else this.set(key, instanceOf(form));
				return wrapped(0, "success", "ok");
			case "DELETE /nacos/v3/client/ns/instance":
				this.services.get(key)?.delete(address);
				return wrapped(0, "success", "ok");
			case "GET /nacos/v3/client/ns/instance/list":
				return wrapped(0, "success", this.serviceInfo(key)["hosts"]);
			default:
				return undefined;
		}
	}
}

function instanceOf(form: URLSearchParams): Instance {
	return {
		ip: form.get("ip") ?? "",
		port: Number(form.get("port")),
		weight: Number(form.get("weight") ?? 1),
		metadata: JSON.parse(form.get("metadata") ?? "{}") as Record<string, string>,
		owner: undefined,
	};
}

function answerTo(name: string): JsonObject {
	return (answers.grpc as Readonly<Record<string, JsonObject>>)[name] ?? {};
}
