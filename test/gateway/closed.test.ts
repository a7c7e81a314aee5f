// What a closed gateway leaves in its process: nothing that holds it. On the memory transport, since uWebSockets.js keeps
// the callbacks of an app for as long as the process lives.
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createGateway, type OpenTransport } from "../../server/compose.ts";
import { loadConfig } from "../../server/config/load.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { MemoryTransport } from "../support/transport-memory.ts";

const ENVIRONMENT = {
	FRAMEGATE_PROFILE: "test",
	FRAMEGATE_AUTH_SECRET: "a secret of this test, and of nothing else",
	FRAMEGATE_EDGE_SIMULATOR_ENABLED: "true",
	FRAMEGATE_SERVER_HOST: "127.0.0.1",
	FRAMEGATE_SERVER_PORT: "0",
};

const openTransport: OpenTransport = (options) => new MemoryTransport(options);

/** In a function of its own, so that no variable is left. */
async function openAndClose(): Promise<WeakRef<object>> {
	const config = loadConfig({ env: ENVIRONMENT, cwd: tmpdir(), nodeId: "closed" });
	const gateway = await createGateway(config, quietLogger(), { openTransport });
	await gateway.start();
	await gateway.close();
	return new WeakRef(gateway);
}

it("a closed gateway can be collected", async () => {
	setFlagsFromString("--expose-gc");
	const collect = runInNewContext("gc") as () => void;
	const gateway = await openAndClose();
	// A weak reference holds its target until the turn ends in which it was made.
	await new Promise((resolve) => setImmediate(resolve));
	collect();
	// Not `equal`, which would print all that a gateway consists of.
	assert.ok(gateway.deref() === undefined, "something still holds it");
});
