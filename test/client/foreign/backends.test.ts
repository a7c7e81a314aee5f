// The backends of docs/backend.md, in Node.js, Python and curl, publish through nodes of which one is killed: each message arrives
// once and in order. The proof with all of them and ten thousand messages is `npx node test/conformance/backends.ts`.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { UNLIMITED } from "../../security/raw-peer.ts";
import { receivedTexts, runBackend, scriptedBackends } from "../../support/backend-programs.ts";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import type { RealServer } from "../../support/real-server.ts";
import { startRedis } from "../../support/redis-server.ts";
import { WireClient } from "../../support/wire-client.ts";

const KEY = "the-key-of-the-backends-of-the-page-1";
const COUNT = 60;

describe("the backends of docs/backend.md", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-backends-"));
	let redis: RealServer;
	let nodes: GatewayProcess[];
	let start: () => Promise<GatewayProcess>;
	before(async () => {
		redis = await startRedis();
		const fixed = [{ name: "backends", secret: KEY, permissions: ["server.publish"], channels: ["user:"] }];
		const env = {
			...UNLIMITED,
			REDIS_URL: redis.url,
			FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "accounts.db")}`,
			JWT_SECRET: "a secret for the nodes of a test, long enough",
			FRAMEGATE_KEYS_FIXED: JSON.stringify(fixed),
		};
		start = () => startGateway({ env });
		nodes = [await start()];
	});
	after(async () => {
		await Promise.all(nodes.map((node) => node.kill9()));
		await redis.stop();
		rmSync(directory, { recursive: true });
	});

	for (const program of scriptedBackends(directory)) {
		it(`${program.name}: each message once and in order, although the node that it uses is killed`, async () => {
			const survivor = nodes[0] as GatewayProcess;
			const doomed = await start();
			nodes.push(doomed);
			const { client, login } = await WireClient.member(survivor.url, `reader-${program.name}`);
			const lines = Array.from({ length: COUNT }, (_, index) => `${program.name} ${index}`);
			const texts = receivedTexts(client, COUNT, (received) => {
				if (received === COUNT / 3) void doomed.kill9();
			});
			const channel = `user:${login.user?.id}`;
			const gateways = [doomed.httpUrl, survivor.httpUrl];
			const errors = await runBackend(program, { gateways, apiKey: KEY, channel, lines });
			assert.deepEqual(await texts, lines);
			if (program.name !== "curl") assert.notEqual(errors, "", "it met the node that was killed");
			// Sent again as a whole: nothing is published.
			await runBackend(program, { gateways: [survivor.httpUrl], apiKey: KEY, channel, lines });
			const last = receivedTexts(client, 1);
			await runBackend(
				{ ...program, name: "last" },
				{ gateways: [survivor.httpUrl], apiKey: KEY, channel, lines: ["end"] },
			);
			assert.deepEqual(await last, ["end"]);
			await client.close();
		});
	}
});
