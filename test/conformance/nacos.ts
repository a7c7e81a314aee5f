// Our clients of Nacos against a real server (r-nacos), and a gateway's registration read by the official Java client. What the contract
// double of test/support answers is compared with what the real server answers. `npm run conformance` runs it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { DiscoveryClient } from "../../upstreams/discovery/discovery-client.ts";
import { GrpcConnection } from "../../upstreams/discovery/grpc-connection.ts";
import { NacosGrpc } from "../../upstreams/discovery/nacos/nacos-grpc.ts";
import { NacosHttpV1 } from "../../upstreams/discovery/nacos/nacos-http-v1.ts";
import type { NacosOptions } from "../../upstreams/discovery/nacos/nacos-instance.ts";
import {
	type JsonObject,
	type Payload,
	readPayload,
	writePayload,
} from "../../upstreams/discovery/nacos/nacos-payload.ts";
import { startGateway } from "../support/gateway.ts";
import answers from "../support/nacos-answers.json" with { type: "json" };
import { until } from "../support/until.ts";
import { clientContract } from "../upstreams/discovery/client-contract.ts";
import { type Rnacos, rnacosProgram, startRnacos } from "./rnacos.ts";
import { run } from "./run.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const program = await rnacosProgram();

function optionsOf(port: number, options: Partial<NacosOptions> = {}): NacosOptions {
	return {
		servers: [{ host: "127.0.0.1", port, isTls: false }],
		tls: { ca: undefined, cert: undefined, key: undefined, serverName: undefined },
		namespace: "public",
		group: "DEFAULT_GROUP",
		cluster: "DEFAULT",
		username: undefined,
		password: undefined,
		contextPath: "/nacos",
		grpcPortOffset: 1000,
		timeoutMs: 5000,
		heartbeatMs: 500,
		deregisterMs: 30_000,
		pollMs: 100,
		...options,
	};
}

interface Listed {
	readonly ip: string;
	readonly port: number;
	readonly weight: number;
	readonly metadata: Readonly<Record<string, string>>;
}

async function list(port: number, service: string): Promise<readonly Listed[]> {
	const url = `http://127.0.0.1:${port}/nacos/v1/ns/instance/list?serviceName=${service}&healthyOnly=false`;
	const { hosts } = (await (await fetch(url)).json()) as { hosts: Listed[] };
	return hosts;
}

async function change(method: string, port: number, service: string, ip: string, instancePort: number): Promise<void> {
	const form = new URLSearchParams({ serviceName: service, ip, port: `${instancePort}`, ephemeral: "true" });
	const response = await fetch(`http://127.0.0.1:${port}/nacos/v1/ns/instance?${form}`, { method });
	assert.equal(await response.text(), "ok");
}

for (const [name, Client] of Object.entries({ gRPC: NacosGrpc, "HTTP v1": NacosHttpV1 })) {
	clientContract(`r-nacos by ${name}`, async () => {
		const server = await startRnacos(program);
		const clients: DiscoveryClient[] = [];
		return {
			client: () => {
				const client = new Client(optionsOf(server.port));
				clients.push(client);
				return client;
			},
			seen: async (service) => (await list(server.port, service)).map(({ ip: host, ...rest }) => ({ host, ...rest })),
			add: (service, host, port) => change("POST", server.port, service, host, port),
			remove: (service, host, port) => change("DELETE", server.port, service, host, port),
			stop: () => server.stop(),
			startEmpty: () => server.startEmpty(),
			close: async () => {
				await Promise.all(clients.map((client) => client.close()));
				await server.stop();
			},
		};
	});
}

/** Sends a request as it is. */
class RawClient {
	readonly pushed: Payload[] = [];
	private readonly connection: GrpcConnection;

	constructor(port: number) {
		const tls = { ca: undefined, cert: undefined, key: undefined, serverName: undefined };
		this.connection = new GrpcConnection({ host: "127.0.0.1", port: port + 1000, isTls: false }, tls);
	}

	async ask(type: string, body: JsonObject = {}): Promise<Payload> {
		const message = writePayload({ type, body: { ...body, headers: {} } });
		return readPayload(await this.connection.call("/Request/request", message, { timeoutMs: 5000 }));
	}

	async connect(): Promise<void> {
		const onMessage = (message: Buffer) => void this.pushed.push(readPayload(message));
		const stream = this.connection.stream("/BiRequestStream/requestBiStream", { onMessage, onEnd: () => undefined });
		stream.write(
			writePayload({
				type: "ConnectionSetupRequest",
				body: { clientVersion: "Framegate-Client:v1.0.0", tenant: "public", labels: {} },
			}),
		);
		await until(async () => (await this.ask("HealthCheckRequest")).type === "HealthCheckResponse");
	}

	close(): void {
		this.connection.close();
	}
}

describe("the contract double answers as the real server", () => {
	let server: Rnacos;
	let client: RawClient;
	before(async () => {
		server = await startRnacos(program);
		client = new RawClient(server.port);
	});
	after(async () => {
		client.close();
		await server.stop();
	});

	/** The same members, and the same values but for those that are each time's own. */
	function assertAnswer(real: JsonObject, recorded: JsonObject, own: readonly string[]): void {
		const without = (answer: JsonObject) =>
			Object.fromEntries(Object.entries(answer).filter(([name]) => !own.includes(name)));
		assert.deepEqual(without(real), without(recorded));
		for (const name of own) assert.ok(name in real, name);
	}

	test("over gRPC", async () => {
		const { grpc } = answers;
		assertAnswer((await client.ask("ServerCheckRequest")).body, grpc.ServerCheckResponse, ["connectionId"]);
		const early = await client.ask("HealthCheckRequest");
		assert.equal(early.type, "ErrorResponse");
		assertAnswer(early.body, { ...grpc.ErrorResponse, ...grpc.unregistered }, []);
		await client.connect();
		assertAnswer((await client.ask("HealthCheckRequest")).body, grpc.HealthCheckResponse, []);
		const named = { module: "naming", namespace: "public", serviceName: "double", groupName: "DEFAULT_GROUP" };
		const instance = {
			ip: "10.0.0.1",
			port: 80,
			weight: 1,
			healthy: true,
			enabled: true,
			ephemeral: true,
			clusterName: "DEFAULT",
			metadata: {},
		};
		const registered = await client.ask("InstanceRequest", { ...named, type: "registerInstance", instance });
		assert.equal(registered.type, "InstanceResponse");
		assertAnswer(registered.body, grpc.InstanceResponse, []);
		const subscribed = await client.ask("SubscribeServiceRequest", { ...named, subscribe: true, clusters: "" });
		assert.equal(subscribed.type, "SubscribeServiceResponse");
		assertAnswer(subscribed.body, grpc.SubscribeServiceResponse, ["serviceInfo"]);
		const info = subscribed.body["serviceInfo"] as JsonObject;
		assertAnswer(info, grpc.serviceInfo, ["name", "groupName", "hosts", "lastRefTime"]);
		const [host] = info["hosts"] as JsonObject[];
		assertAnswer(host ?? {}, grpc.instance, ["instanceId", "ip", "port", "weight", "serviceName", "metadata"]);
		const queried = await client.ask("ServiceQueryRequest", { ...named, cluster: "", healthyOnly: false, udpPort: 0 });
		assert.equal(queried.type, "QueryServiceResponse");
		assertAnswer(queried.body, grpc.QueryServiceResponse, ["serviceInfo"]);
		await change("POST", server.port, "double", "10.0.0.2", 80);
		await until(() => client.pushed.length > 0);
		const [push] = client.pushed;
		assert.equal(push?.type, "NotifySubscriberRequest");
		assertAnswer(push?.body ?? {}, grpc.NotifySubscriberRequest, [
			"requestId",
			"groupName",
			"serviceName",
			"serviceInfo",
		]);
	});

	test("over HTTP v1", async () => {
		const { http } = answers;
		const url = `http://127.0.0.1:${server.port}/nacos/v1/ns/instance`;
		const form = new URLSearchParams({ serviceName: "DEFAULT_GROUP@@double", ip: "10.0.0.3", port: "80" });
		assert.equal(await (await fetch(`${url}?${form}`, { method: "POST" })).text(), http.ok);
		const beat = JSON.stringify({ serviceName: "DEFAULT_GROUP@@double", ip: "10.0.0.3", port: 80, cluster: "DEFAULT" });
		const answer = await fetch(`${url}/beat?${new URLSearchParams({ serviceName: "DEFAULT_GROUP@@double", beat })}`, {
			method: "PUT",
		});
		assertAnswer((await answer.json()) as JsonObject, http.beat, []);
		const listed = (await (await fetch(`${url}/list?serviceName=DEFAULT_GROUP@@double`)).json()) as JsonObject;
		assertAnswer(listed, http.list, ["name", "dom", "hosts", "lastRefTime", "checksum"]);
		const [host] = listed["hosts"] as JsonObject[];
		assertAnswer(host ?? {}, http.instance, [
			...["service", "serviceName", "instanceId"],
			...["ip", "port", "weight", "metadata"],
		]);
		assert.equal(await (await fetch(`${url}?${form}`, { method: "DELETE" })).text(), http.ok);
	});
});

describe("r-nacos with users", () => {
	const user = { username: "gateway", password: "a good password" };
	let server: Rnacos;
	before(async () => {
		const admin = { RNACOS_INIT_ADMIN_USERNAME: user.username, RNACOS_INIT_ADMIN_PASSWORD: user.password };
		server = await startRnacos(program, { RNACOS_ENABLE_OPEN_API_AUTH: "true", ...admin });
		// It makes the user after it has begun to answer.
		const url = `http://127.0.0.1:${server.port}/nacos/v1/auth/login`;
		await until(async () => (await fetch(url, { method: "POST", body: new URLSearchParams(user) })).ok);
	});
	after(() => server.stop());

	for (const [name, Client] of Object.entries({ gRPC: NacosGrpc, "HTTP v1": NacosHttpV1 })) {
		test(`takes the user by ${name}, and refuses another password`, async () => {
			const service = `of-${name.replace(/\W/g, "")}`;
			const registration = { service, id: "g", host: "10.0.0.1", port: 80, weight: 1, metadata: {} };
			const client = new Client(optionsOf(server.port, user));
			await client.publish(registration);
			assert.equal((await client.lookup(service)).length, 1);
			await client.close();
			const wrong = new Client(optionsOf(server.port, { ...user, password: "a wrong password" }));
			await assert.rejects(
				() => wrong.publish(registration),
				(error: Error) => !error.message.includes("a wrong password"),
			);
			await wrong.close();
		});
	}
});

describe("a gateway in r-nacos", () => {
	let server: Rnacos;
	let jars: string;
	before(async () => {
		server = await startRnacos(program);
		jars = mkdtempSync(join(tmpdir(), "framegate-nacos-java-"));
		const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
		await run("mvn", ["-q", "-B", "-f", join(here, "java/pom.xml"), goal, `-DoutputDirectory=${jars}`]);
	});
	after(async () => {
		await server.stop();
		rmSync(jars, { recursive: true });
	});

	test("is found by the official Java client, and is gone for it when it stops", async () => {
		const gateway = await startGateway({
			env: {
				NACOS_SERVER_ADDR: `127.0.0.1:${server.port}`,
				NACOS_SERVICE_NAME: "flask-api",
				NACOS_SERVICE_IP: "10.9.8.7",
				NACOS_SERVICE_PORT: "5000",
			},
		});
		await until(async () => (await list(server.port, "flask-api")).length === 1);
		const read = async () => {
			const classPath = `${jars}/*`;
			// It writes logs and what it has found below the home folder.
			const args = [
				`-Duser.home=${jars}`,
				"-cp",
				classPath,
				join(here, "java/NacosReader.java"),
				`127.0.0.1:${server.port}`,
				"flask-api",
			];
			return (await run("java", args)).trim().split("\n").at(-1);
		};
		assert.equal(await read(), "10.9.8.7:5000 healthy=true weight=1.0");
		await gateway.stop();
		await until(async () => (await list(server.port, "flask-api")).length === 0);
		assert.equal(await read(), "no instance");
	});
});
