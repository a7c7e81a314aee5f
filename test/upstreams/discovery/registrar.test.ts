// The registration of the gateway: when it is ready, kept, again after an outage, withdrawn for good.
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import type { Registration, RegistrationStore } from "../../../upstreams/discovery/discovery-client.ts";
import { Registrar } from "../../../upstreams/discovery/registrar.ts";
import { handClock } from "../../support/hand-clock.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { until } from "../../support/until.ts";

const registration: Registration = { service: "gateway", id: "g", host: "10.0.0.1", port: 1, weight: 1, metadata: {} };

class StoreFixture implements RegistrationStore {
	readonly calls: string[] = [];
	isDown = false;
	isKept = true;
	doubt = (): void => {};
	private async call(name: string): Promise<void> {
		this.calls.push(name);
		if (this.isDown) throw new Error("no route");
	}
	async publish(): Promise<void> {
		await this.call("publish");
		this.isKept = true;
	}
	async renew(): Promise<boolean> {
		await this.call("renew");
		return this.isKept;
	}
	withdraw(): Promise<void> {
		return this.call("withdraw");
	}
	onDoubt(listener: () => void): void {
		this.doubt = listener;
	}
}

const open: Registrar[] = [];
afterEach(() => Promise.all(open.splice(0).map((registrar) => registrar.close())));

function registrarOf({ isReady = async () => true, intervalMs = 10 } = {}) {
	const store = new StoreFixture();
	const clock = handClock();
	const logger = quietLogger();
	const registrar = new Registrar({
		kind: "etcd",
		store,
		registration,
		intervalMs,
		ttlMs: 1000,
		isReady,
		clock,
		logger,
	});
	open.push(registrar);
	return { store, clock, logger, registrar };
}

describe("the registrar", () => {
	test("publishes when the gateway is ready, and not before", async () => {
		let ready = false;
		const { store, registrar } = registrarOf({ isReady: async () => ready });
		registrar.start();
		await assert.rejects(() => registrar.register(), /not ready/);
		assert.deepEqual(store.calls, []);
		ready = true;
		await until(() => store.calls.length > 0);
		assert.equal(store.calls[0], "publish");
	});

	test("stays registered while the gateway is not ready later: all nodes at once would leave none", async () => {
		let ready = true;
		const { store, registrar } = registrarOf({ isReady: async () => ready });
		await registrar.register();
		ready = false;
		await until(() => store.calls.filter((name) => name === "renew").length > 2);
		assert.equal(registrar.status.isRegistered, true);
		assert.ok(!store.calls.includes("withdraw"));
	});

	test("renews, and publishes again when the server no longer has the record", async () => {
		const { store, registrar, logger } = registrarOf();
		await registrar.register();
		await until(() => registrar.counts.renewed > 1);
		store.isKept = false;
		await until(() => registrar.counts.published === 2);
		assert.equal(registrar.status.isRegistered, true);
		assert.ok(logger.lines.some(({ message }) => message === "the gateway is registered again: its record was gone"));
	});

	test("goes on through an outage: logged once, unregistered when the term is over, registered again by itself", async () => {
		const { store, clock, registrar, logger } = registrarOf();
		await registrar.register();
		store.isDown = true;
		await until(() => registrar.counts.failed > 2);
		assert.equal(registrar.status.isRegistered, true);
		assert.equal(registrar.status.error, "no route");
		clock.advance(1000);
		assert.equal(registrar.status.isRegistered, false);
		store.isDown = false;
		store.isKept = false;
		await until(() => registrar.status.isRegistered);
		const warnings = logger.lines.filter(({ level }) => level === "warn");
		assert.deepEqual(
			warnings.map(({ message }) => message),
			["registering the gateway failed; retrying"],
		);
	});

	test("asks at once when the record may have gone with its connection", async () => {
		const { store, registrar } = registrarOf({ intervalMs: 60_000 });
		await registrar.register();
		store.isKept = false;
		store.doubt();
		await until(() => registrar.counts.published === 2);
	});

	test("withdraws once, and stays withdrawn until it is registered by hand", async () => {
		const { store, registrar } = registrarOf();
		await registrar.register();
		await registrar.withdraw();
		const { length } = store.calls;
		store.doubt();
		await until(() => true);
		assert.equal(store.calls.length, length);
		assert.deepEqual(
			{ ...registrar.status, confirmedAtMs: 0 },
			{ isRegistered: false, isWanted: false, confirmedAtMs: 0, error: undefined },
		);
		await registrar.register();
		assert.equal(registrar.status.isRegistered, true);
	});

	test("a withdrawal that fails is an error, and is not repeated", async () => {
		const { store, registrar } = registrarOf();
		await registrar.register();
		store.isDown = true;
		await assert.rejects(() => registrar.withdraw(), /no route/);
		assert.equal(store.calls.filter((name) => name === "withdraw").length, 1);
	});
});
