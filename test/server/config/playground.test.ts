// Where the playground is served: outside production, or where it is switched on.
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { loadConfig } from "../../../server/config/load.ts";

const load = (env: Record<string, string>) =>
	loadConfig({ env: { FRAMEGATE_AUTH_SECRET: "a secret of this test, and of nothing else", ...env }, cwd: tmpdir() });

test("the playground is off in production unless it is switched on, and on elsewhere unless it is switched off", () => {
	const production = { FRAMEGATE_PROFILE: "production" };
	assert.equal(load(production).server.playground, false);
	assert.equal(load({ ...production, FRAMEGATE_SERVER_PLAYGROUND: "true" }).server.playground, true);
	assert.equal(load({ FRAMEGATE_PROFILE: "development" }).server.playground, true);
	assert.equal(load({ FRAMEGATE_SERVER_PLAYGROUND: "false" }).server.playground, false);
});
