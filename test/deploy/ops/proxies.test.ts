// The proxies' files of deploy/host, in front of two real gateways: clients get through, what they claim to be does not, and
// pages for operators stay inside.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { authRoutes } from "../../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import { dataDirectory, findProgram, freePort, launch, type RealServer } from "../../support/real-server.ts";
import { until } from "../../support/until.ts";
import { WireClient } from "../../support/wire-client.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What the repository has, on the ports of this test. */
function onPorts(file: string, ports: Readonly<Record<string, number>>): string {
	let text = readFileSync(join(root, "deploy/host", file), "utf8");
	for (const [name, port] of Object.entries(ports)) text = text.replaceAll(`127.0.0.1:${name}`, `127.0.0.1:${port}`);
	// The machine of a test may have fewer file descriptors.
	return text.replace("maxconn 100000", "maxconn 1000");
}

async function startProxy(name: "haproxy" | "nginx", gateways: readonly GatewayProcess[]): Promise<RealServer> {
	const port = await freePort();
	const directory = dataDirectory(name);
	const [a = 0, b = 0] = gateways.map((gateway) => gateway.port);
	const ports = { 8443: port, 8080: a, 8081: b };
	const file = join(directory, "proxy.conf");
	const own = onPorts(name === "haproxy" ? "haproxy.cfg" : "nginx.conf", ports);
	const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
		(what) => `${what}_temp_path ${directory};`,
	);
	const whole = `daemon off; pid ${directory}/pid; error_log ${directory}/log; events {}
http { access_log off; ${temporary.join(" ")} ${own} }`;
	writeFileSync(file, name === "haproxy" ? own : whole);
	const command = findProgram(() => [`/usr/sbin/${name}`], name === "haproxy" ? "haproxy" : "nginx-light");
	const url = `http://127.0.0.1:${port}`;
	const args = name === "haproxy" ? ["-db", "-f", file] : ["-c", file, "-p", directory];
	return await launch({
		...{ name, command, args, directory, port, url },
		ready: async () => assert.equal((await fetch(`${url}/health`)).status, 200),
		stopSignal: "SIGTERM",
	});
}

for (const name of ["haproxy", "nginx"] as const) {
	describe(`behind ${name}`, () => {
		const gateways: GatewayProcess[] = [];
		let proxy: RealServer;
		before(async () => {
			const env = { FRAMEGATE_SERVER_TRUSTED_PROXIES: "127.0.0.1", LOG_LEVEL: "info" };
			for (let i = 0; i < 2; i++) gateways.push(await startGateway({ env }));
			proxy = await startProxy(name, gateways);
		});
		after(async () => {
			await proxy.stop();
			for (const gateway of gateways) await gateway.kill9();
		});

		const open = (headers = {}) => WireClient.open(`${proxy.url.replace("http", "ws")}/ws`, { headers });

		it("clients are served, on both gateways", async () => {
			const clients = await Promise.all(Array.from({ length: 8 }, () => open()));
			for (const client of clients) {
				const { code } = await client.ask(authRoutes.heartbeat, {});
				assert.notEqual(code ?? 0, 0, "nobody is logged in, and everybody is answered");
			}
			for (const gateway of gateways) {
				const { connections } = (await (await fetch(`${gateway.httpUrl}/status`)).json()) as {
					connections: { open: number };
				};
				assert.ok(connections.open > 0);
			}
			await Promise.all(clients.map((client) => client.close()));
		});

		it("an address that a client claims is not believed", async () => {
			const client = await open({ "x-forwarded-for": "203.0.113.9" });
			await client.ask(authRoutes.login, { username: "nobody", password: "wrong password" });
			await until(() => gateways.some((gateway) => gateway.log().includes("request refused")));
			assert.ok(gateways.every((gateway) => !gateway.log().includes("203.0.113.9")));
			await client.close();
		});

		it("pages for operators are not shown", async () => {
			for (const path of ["/metrics", "/status"]) assert.equal((await fetch(`${proxy.url}${path}`)).status, 403, path);
		});
	});
}
