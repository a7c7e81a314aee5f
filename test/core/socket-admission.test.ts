// Which TCP connections are accepted, and how listening stops and resumes when descriptors are short.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { descriptorFacts, descriptorShares, lowestFreeDescriptor, neededDescriptors } from "../../core/descriptors.ts";
import { ListeningMonitor } from "../../core/listening-monitor.ts";
import { SocketAdmission, type SocketAdmissionOptions } from "../../core/socket-admission.ts";
import { MemoryTransport } from "../support/transport-memory.ts";
import { GatewayFixture } from "./gateway-fixture.ts";

function admission(options: Partial<SocketAdmissionOptions> = {}) {
	const made = new SocketAdmission({
		...{ maxHttpSockets: 12, ceiling: undefined, reserved: 0, isTrustedHop: () => false },
		...options,
	});
	/** As the transport does. */
	const accept = (address: string) => {
		made.httpSockets++;
		const rejection = made.rejectionReason(address);
		if (rejection !== undefined) made.httpSockets--;
		return rejection;
	};
	const acceptAll = (address: string, count: number) =>
		Array.from({ length: count }, () => accept(address)).filter((rejection) => rejection === undefined).length;
	return { made, accept, acceptAll };
}

describe("sockets of one address", () => {
	it("are limited by the sockets that are left, so that another address can always connect", () => {
		const { made, acceptAll, accept } = admission();
		assert.equal(acceptAll("192.0.2.1", 50), 6);
		assert.equal(acceptAll("192.0.2.2", 50), 3);
		assert.equal(acceptAll("192.0.2.3", 50), 2);
		assert.equal(accept("192.0.2.4"), undefined);
		assert.equal(accept("192.0.2.5"), "process");
		made.release("192.0.2.1");
		made.httpSockets--;
		assert.equal(accept("192.0.2.5"), undefined);
	});

	it("are counted per network in IPv6", () => {
		const { accept } = admission({ maxHttpSockets: 4 });
		assert.deepEqual(["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:1::1"].map(accept), [
			undefined,
			undefined,
			"address",
			undefined,
		]);
	});

	it("have no limit per address behind a trusted proxy", () => {
		const { acceptAll, accept } = admission({ isTrustedHop: (address) => address === "192.0.2.1" });
		assert.equal(acceptAll("192.0.2.1", 50), 12);
		assert.equal(accept("192.0.2.1"), "process");
	});

	it("count while they are kept alive for a next request, until the library has closed them", () => {
		let nowMs = 0;
		const { made, acceptAll, accept } = admission({ now: () => nowMs });
		assert.equal(acceptAll("192.0.2.1", 4), 4);
		for (let i = 0; i < 4; i++) {
			made.requestBegan("192.0.2.1");
			assert.ok(made.keep("192.0.2.1"));
		}
		assert.equal(made.held("192.0.2.1"), 4);
		made.requestBegan("192.0.2.1");
		assert.equal(made.held("192.0.2.1"), 4);
		assert.equal(acceptAll("192.0.2.1", 50), 2);
		assert.equal(accept("192.0.2.1"), "address");
		nowMs = 60_000;
		made.sweep();
		// The one whose request is not answered yet; the library has closed the others.
		assert.equal(made.held("192.0.2.1"), 1);
	});

	it("are not kept while sockets are short", () => {
		const { made, acceptAll } = admission();
		acceptAll("192.0.2.1", 6);
		assert.ok(made.keep("192.0.2.1"));
		acceptAll("192.0.2.2", 1);
		assert.equal(made.keep("192.0.2.2"), false);
		assert.equal(made.held("192.0.2.2"), 1);
	});

	it("are not tracked any more once they are closed", () => {
		const { made, acceptAll } = admission();
		acceptAll("192.0.2.1", 3);
		for (let i = 0; i < 3; i++) made.closed("192.0.2.1");
		assert.equal(made.held("192.0.2.1"), 0);
		acceptAll("192.0.2.1", 1);
		made.requestBegan("192.0.2.1");
		made.release("192.0.2.1");
		assert.equal(made.held("192.0.2.1"), 0);
	});

	it("of a client that opens a new connection before the last one is forgotten do not add up", () => {
		let nowMs = 0;
		const { made } = admission({ now: () => nowMs });
		for (let i = 0; i < 100; i++) {
			assert.equal(made.rejectionReason("192.0.2.1"), undefined, `connection ${i}`);
			made.requestBegan("192.0.2.1");
			made.keep("192.0.2.1");
			// Its client closes it now, of which the library says nothing.
			nowMs += 5000;
			made.sweep();
		}
		// Of the last 14 s, and each counts twice at most: when it was accepted, and when it was kept.
		assert.ok(made.held("192.0.2.1") <= 6, String(made.held("192.0.2.1")));
	});

	it("are held as long as their requests are not answered", () => {
		let nowMs = 0;
		const { made, acceptAll } = admission({ now: () => nowMs });
		acceptAll("192.0.2.1", 2);
		made.requestBegan("192.0.2.1");
		nowMs = 60_000;
		made.sweep();
		assert.equal(made.held("192.0.2.1"), 1);
	});
});

describe("descriptors", () => {
	it("the limit of open files that is asked for suffices for all connections", () => {
		for (const maxConnections of [1, 100, 10_000, 1_000_000]) {
			for (const maxHttpSockets of [1, 1000, 100_000]) {
				for (const reservedDescriptors of [1, 64, 5000]) {
					const settings = { maxConnections, maxHttpSockets, reservedDescriptors };
					const limit = neededDescriptors({ limit: 100, inUse: 24 }, settings);
					assert.equal(descriptorShares({ limit, inUse: 24 }, settings).connections, maxConnections);
				}
			}
		}
	});

	it("are shared out: a reserve, a quarter at most for HTTP, the rest for WebSockets", () => {
		const settings = { maxConnections: 10_000, maxHttpSockets: 4096, reservedDescriptors: 256 };
		assert.deepEqual(descriptorShares({ limit: 65_536, inUse: 24 }, settings), {
			...{ ceiling: 65_280, reserved: 256, httpSockets: 4096, connections: 10_000 },
		});
		assert.deepEqual(descriptorShares({ limit: 1024, inUse: 24 }, settings), {
			...{ ceiling: 768, reserved: 256, httpSockets: 186, connections: 558 },
		});
		assert.deepEqual(descriptorShares({ limit: 64, inUse: 24 }, settings), {
			...{ ceiling: 32, reserved: 32, httpSockets: 2, connections: 6 },
		});
		assert.equal(descriptorShares({ limit: undefined, inUse: 0 }, settings).connections, 10_000);
	});

	it("are counted as the operating system does", () => {
		const { limit = 0, inUse } = descriptorFacts();
		assert.ok(limit > 100, String(limit));
		assert.ok(inUse > 2 && inUse <= (lowestFreeDescriptor() ?? 0), String(inUse));
	});

	it("are checked more often the fewer are left", () => {
		let used = 0;
		let probes = 0;
		const lowestFree = () => {
			probes++;
			return used;
		};
		const { made, accept } = admission({ maxHttpSockets: 100_000, ceiling: 5000, reserved: 100, lowestFree });
		for (let i = 0; i < 10_000; i++) if (accept(`10.0.${i >> 8}.${i & 255}`) === undefined) used++;
		assert.equal(made.httpSockets, 5000);
		assert.ok(probes < 5_200, String(probes));
	});

	it("stop listening when short, on each port at its own bound, until there are more", async () => {
		const fixture = new GatewayFixture();
		const options = { maxBackpressureBytes: 1 };
		const [main, metrics] = [0, 1].map(() => new MemoryTransport(options));
		assert.ok(main && metrics);
		const now = () => fixture.nowMs;
		const monitor = new ListeningMonitor({ transports: [main, metrics], logger: fixture.quietLogger, now });
		await monitor.run();
		main.outOfDescriptors = true;
		await monitor.run();
		await monitor.run();
		assert.deepEqual([main.socketFigures().isPaused, metrics.socketFigures().isPaused], [true, false]);
		fixture.nowMs += 3000;
		assert.deepEqual([monitor.pauses, monitor.pausedMs, monitor.figures().isPaused], [1, 3000, true]);
		main.outOfDescriptors = false;
		await monitor.run();
		fixture.nowMs += 5000;
		assert.deepEqual([monitor.pauses, monitor.pausedMs, monitor.figures().isPaused], [1, 3000, false]);
		assert.deepEqual(
			fixture.log.map(({ message }) => message),
			["file descriptors are short: listening is paused", "file descriptors are free: listening again"],
		);
	});

	it("listening is retried when they are still short while the port is taken", async () => {
		const fixture = new GatewayFixture();
		const transport = new MemoryTransport({ maxBackpressureBytes: 1 });
		const monitor = new ListeningMonitor({
			transports: [transport],
			logger: fixture.quietLogger,
			now: () => fixture.nowMs,
		});
		transport.pauseListening();
		const resume = transport.resumeListening.bind(transport);
		transport.resumeListening = () => Promise.reject(new Error("the port is taken"));
		await monitor.run();
		assert.equal(monitor.figures().isPaused, true);
		transport.resumeListening = resume;
		await monitor.run();
		assert.equal(monitor.figures().isPaused, false);
	});
});
