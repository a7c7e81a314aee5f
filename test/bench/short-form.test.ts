// The form in which a scenario runs by default: one that would take longer than four minutes has a short form.
import assert from "node:assert/strict";
import { test } from "node:test";
import { telemetry } from "../../bench/scenarios/telemetry.ts";

test("telemetry has a short form, with less of everything", () => {
	const { defaults, short } = telemetry;
	assert.ok(short !== undefined && short.seconds < defaults.seconds);
	assert.ok(telemetry.steps({ ...defaults, ...short, isShort: true }) < telemetry.steps(defaults));
});
