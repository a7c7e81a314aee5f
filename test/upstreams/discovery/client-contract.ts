// What every client of a discovery server has to do, whichever server and protocol: the record is there for others, is kept, is
// published again after the server has lost it, and is removed; lists are reported whole, with each change, through outages.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type {
	DiscoveryClient,
	FeedListener,
	ListedEndpoint,
	Registration,
} from "../../../upstreams/discovery/discovery-client.ts";
import { until } from "../../support/until.ts";

export interface SeenRecord {
	readonly host: string;
	readonly port: number;
	readonly weight: number;
	readonly metadata: Readonly<Record<string, string>>;
}

/** A server, seen from outside of the client that is tested. */
export interface DiscoveryFixture {
	/** A client of its own; closed with the fixture. */
	client(): DiscoveryClient;
	/** What others find. */
	seen(service: string): Promise<readonly SeenRecord[]>;
	/** Another process registers, and goes. */
	add(service: string, host: string, port: number): Promise<void>;
	remove(service: string, host: string, port: number): Promise<void>;
	/** The server stops answering. */
	stop(): Promise<void>;
	/** It is back, and has lost everything. */
	startEmpty(): Promise<void>;
	close(): Promise<void>;
}

const registration: Registration = {
	service: "im.gateway",
	id: "gateway-1",
	host: "10.1.2.3",
	port: 8080,
	weight: 2,
	metadata: { version: "1.2.3", zone: "a" },
};

/** Keeps what a feed reports. */
export class ListRecorder implements FeedListener {
	readonly lists: (readonly string[])[] = [];
	unavailable = 0;
	available = 0;

	onList(endpoints: readonly ListedEndpoint[]): void {
		this.lists.push(endpoints.map(({ host, port }) => `${host}:${port}`).sort());
	}
	onUnavailable(): void {
		this.unavailable++;
	}
	onAvailable(): void {
		this.available++;
	}
	get last(): readonly string[] | undefined {
		return this.lists.at(-1);
	}
	untilLast(...expected: string[]): Promise<void> {
		return until(() => JSON.stringify(this.last) === JSON.stringify(expected));
	}
}

export function clientContract(name: string, open: () => Promise<DiscoveryFixture>): void {
	describe(name, () => {
		let fixture: DiscoveryFixture;
		beforeEach(async () => {
			fixture = await open();
		});
		afterEach(() => fixture.close());

		test("others see the record while it is published, once, and no longer when it is withdrawn", async () => {
			const client = fixture.client();
			await client.publish(registration);
			await client.publish(registration);
			const [record, ...more] = await fixture.seen(registration.service);
			assert.deepEqual(more, []);
			assert.deepEqual(
				{ host: record?.host, port: record?.port, weight: record?.weight },
				{ host: "10.1.2.3", port: 8080, weight: 2 },
			);
			assert.equal(record?.metadata["version"], "1.2.3");
			assert.equal(record?.metadata["zone"], "a");
			assert.equal(await client.renew(registration), true);
			await client.withdraw(registration);
			await client.withdraw(registration);
			assert.deepEqual(await fixture.seen(registration.service), []);
		});

		test("a record that was never published is not renewed: it is published, whole", async () => {
			const client = fixture.client();
			assert.equal(await client.renew(registration), false);
			assert.deepEqual(await fixture.seen(registration.service), []);
			await client.publish(registration);
			assert.equal(await client.renew(registration), true);
		});

		test("fails while the server is down, and brings the record back after it has lost everything", async () => {
			const client = fixture.client();
			await client.publish(registration);
			await fixture.stop();
			await assert.rejects(() => client.renew(registration));
			await assert.rejects(() => client.lookup("im.logic"));
			await fixture.startEmpty();
			await until(async () => {
				if (!(await client.renew(registration))) await client.publish(registration);
				return (await fixture.seen(registration.service)).length === 1;
			});
			const [record] = await fixture.seen(registration.service);
			assert.equal(record?.metadata["zone"], "a");
			assert.equal(record?.weight, 2);
		});

		test("looks up the endpoints of a service, and none of one that nobody has registered", async () => {
			const client = fixture.client();
			await fixture.add("im.logic", "10.0.0.1", 9001);
			await fixture.add("im.logic", "10.0.0.2", 9001);
			const listed = await client.lookup("im.logic");
			assert.deepEqual(listed.map(({ host }) => host).sort(), ["10.0.0.1", "10.0.0.2"]);
			assert.ok(listed.every(({ isUsable, weight, port }) => isUsable && weight === 1 && port === 9001));
			assert.deepEqual(await client.lookup("im.unknown"), []);
		});

		test("reports the list, and each change, of the service that was asked for", async () => {
			const client = fixture.client();
			const recorder = new ListRecorder();
			await fixture.add("im.logic", "10.0.0.1", 9001);
			const subscription = client.subscribe("im.logic", recorder);
			await recorder.untilLast("10.0.0.1:9001");
			await fixture.add("im.logic", "10.0.0.2", 9001);
			await fixture.add("im.logic-other", "10.0.0.9", 9001);
			await recorder.untilLast("10.0.0.1:9001", "10.0.0.2:9001");
			await fixture.remove("im.logic", "10.0.0.1", 9001);
			await recorder.untilLast("10.0.0.2:9001");
			await subscription.close();
			const reported = recorder.lists.length;
			const other = new ListRecorder();
			await fixture.add("im.logic", "10.0.0.3", 9001);
			const second = client.subscribe("im.logic", other);
			await other.untilLast("10.0.0.2:9001", "10.0.0.3:9001");
			assert.equal(recorder.lists.length, reported);
			await second.close();
		});

		test("reports an outage as such, never as an empty list, and goes on by itself", async () => {
			const client = fixture.client();
			const recorder = new ListRecorder();
			await fixture.add("im.logic", "10.0.0.1", 9001);
			const subscription = client.subscribe("im.logic", recorder);
			await recorder.untilLast("10.0.0.1:9001");
			await fixture.stop();
			await until(() => recorder.unavailable > 0);
			assert.deepEqual(recorder.last, ["10.0.0.1:9001"]);
			await fixture.startEmpty();
			await fixture.add("im.logic", "10.0.0.4", 9001);
			await recorder.untilLast("10.0.0.4:9001");
			await subscription.close();
		});

		test("a client that is closed keeps nothing running, also while the server is down", async () => {
			const client = fixture.client();
			const recorder = new ListRecorder();
			await fixture.stop();
			const subscription = client.subscribe("im.logic", recorder);
			await until(() => recorder.unavailable > 0);
			await subscription.close();
			await client.close();
			const reported = recorder.unavailable;
			await fixture.startEmpty();
			assert.equal(recorder.unavailable, reported);
			assert.deepEqual(recorder.lists, []);
		});
	});
}
