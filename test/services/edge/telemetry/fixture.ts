// Telemetry put together for a test.
import assert from "node:assert/strict";
import type { ErrorCode } from "../../../../protocol/codes.ts";
import type { SubscribeRequestProperties } from "../../../../protocol/gen/schema.ts";
import { Boxes } from "../../../../services/edge/boxes/boxes.ts";
import type { TelemetryOptions } from "../../../../services/edge/telemetry/options.ts";
import { TelemetryReads } from "../../../../services/edge/telemetry/reads.ts";
import { Telemetry } from "../../../../services/edge/telemetry/telemetry.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { Audience, FakePlant, Listener } from "./fake-plant.ts";

const opened: Telemetry[] = [];
/** Closes what `fixture` has opened. */
export function closeFixtures(): void {
	for (const telemetry of opened.splice(0)) telemetry.close();
}

/** Telemetry of two boxes and those that are named, and time that moves by hand. */
export function fixture(options: Partial<TelemetryOptions> = {}, names: readonly string[] = []) {
	const clock = handClock();
	// Somewhere between the ticks of the intervals that are used here.
	clock.advance(500);
	const plant = new FakePlant();
	const other = new FakePlant("north");
	const more = names.map((name) => new FakePlant(name));
	const audience = new Audience();
	const boxes = new Boxes([plant, other, ...more].map(({ box }) => box));
	const services = {
		boxes,
		topics: audience,
		clock,
		logger: quietLogger(),
		policy: { isOpen: (channel: number) => channel < 9000 },
	};
	const telemetry = new Telemetry(services, options);
	const reader = new TelemetryReads({ ...services, meter: telemetry.meter }, 60_000);
	opened.push(telemetry);
	return { clock, plant, other, more, points: plant.points, audience, telemetry, reader };
}

export type Fixture = ReturnType<typeof fixture>;

/** Lets what was begun come to its end. */
export async function settled(): Promise<void> {
	for (let i = 0; i < 10; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Lets time pass, in steps that no tick falls between. */
export async function pass(fixture: Fixture, ms: number): Promise<void> {
	for (let left = ms; left > 0; left -= 50) {
		fixture.clock.advance(Math.min(50, left));
		fixture.telemetry.tick();
		await settled();
	}
}

export async function subscribed(fixture: Fixture, request: SubscribeRequestProperties = {}) {
	const listener = new Listener(fixture.audience);
	const { spec } = fixture.telemetry.subscribe(listener, { channels: [1], ...request });
	await settled();
	return { listener, spec };
}

export function reads(fixture: Fixture): number {
	return fixture.points.requests.splice(0).reduce((sum, requests) => sum + requests.length, 0);
}

export function kinds(listener: Listener): number[] {
	return listener.received().map(({ kind }) => kind);
}

export function refused(call: () => unknown) {
	try {
		call();
	} catch (error) {
		const { code, violations } = error as { code: ErrorCode; violations: { field: string }[] };
		return [code, violations[0]?.field];
	}
	assert.fail("was not refused");
}
