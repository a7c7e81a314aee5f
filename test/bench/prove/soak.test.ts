// The slope by which the soak judges memory is the slope of its points.
import assert from "node:assert/strict";
import { test } from "node:test";
import { slopeOf } from "../../../bench/prove/scenarios/soak.ts";

const MINUTE_MS = 60_000;

test("a steady growth is found, by the hour", () => {
	const points = Array.from({ length: 10 }, (_, minute) => ({ atMs: minute * MINUTE_MS, value: 100 + minute * 2 }));
	assert.equal(Math.round(slopeOf(points)), 120);
});

test("what goes up and down has next to none", () => {
	const points = Array.from({ length: 10 }, (_, minute) => ({
		atMs: minute * MINUTE_MS,
		value: 100 + (minute % 2) * 5,
	}));
	assert.ok(Math.abs(slopeOf(points)) < 30, String(slopeOf(points)));
});

test("one sample shows no growth", () => {
	assert.equal(slopeOf([{ atMs: 5, value: 100 }]), 0);
});
