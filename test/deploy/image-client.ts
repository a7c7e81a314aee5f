// Uses a running gateway as a client does, over Protocol Buffers: log in, heartbeat, watch live values. For images, whose
// native code is another than that of the tests: `node test/deploy/image-client.ts URL [USERNAME]`. Without a user name it
// registers; with one, the password is in the variable PASSWORD.
import assert from "node:assert/strict";
import { authRoutes, createClient, DataType } from "../../client/index.ts";

const [, , url = "ws://127.0.0.1:8080/ws", account] = process.argv;
/** Emulation is some twenty times slower, and a password hash is work. */
const TIMEOUT_MS = 60_000;
const CHANNEL = 1001;
const POINT = 1;

const deadline = setTimeout(() => {
	console.error(`no success within ${TIMEOUT_MS} ms`);
	process.exit(1);
}, TIMEOUT_MS);
const client = createClient({ url, requestTimeoutMs: TIMEOUT_MS });
try {
	await client.connect();
	const username = account ?? "image-check";
	const password = process.env["PASSWORD"] ?? "correct horse battery";
	if (account === undefined) await client.auth.register({ username, password });
	const { user } = await client.login({ username, password });
	assert.equal(user?.username, username);

	const clientTimeMs = Date.now();
	const heartbeat = await client.request(authRoutes.heartbeat, { clientTimeMs });
	assert.equal(heartbeat.clientTimeMs, clientTimeMs);
	assert.ok(Math.abs(heartbeat.serverTimeMs - clientTimeMs) < TIMEOUT_MS);

	const subscription = await client.edge.subscribe({
		channels: [CHANNEL],
		dataTypes: [DataType.TELEMETRY],
		intervalMs: 200,
	});
	const values = new Set<number>();
	await new Promise<void>((resolve) => {
		subscription.onBatch(() => {
			const value = subscription.value(CHANNEL, DataType.TELEMETRY, POINT)?.num;
			if (value != null) values.add(value);
			// It lives: the value has moved since it was first seen.
			if (values.size > 1) resolve();
		});
	});
	console.log(`   logged in as ${username}; heartbeat; channel ${CHANNEL} point ${POINT}: ${[...values].join(", ")}`);
} finally {
	client.close();
	clearTimeout(deadline);
}
