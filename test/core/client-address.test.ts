// Which source of a client's address is trusted.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clientAddress, TrustedHops } from "../../core/client-address.ts";

const policy = (trusted: string[], proxyProtocol = false) => ({ trusted: new TrustedHops(trusted), proxyProtocol });

describe("client address", () => {
	it("is the TCP peer unless that is a trusted hop", () => {
		assert.equal(clientAddress(policy([]), "192.0.2.1", "203.0.113.1", "203.0.113.9"), "192.0.2.1");
		assert.equal(clientAddress(policy(["10.0.0.0/8"]), "192.0.2.1", "", "203.0.113.9"), "192.0.2.1");
	});

	it("is the right-most forwarded address that is no trusted hop, so that a client cannot invent one", () => {
		const trusting = policy(["10.0.0.0/8", "2001:db8::/32"]);
		assert.equal(clientAddress(trusting, "10.0.0.1", "", "6.6.6.6, 203.0.113.9, 10.0.0.2"), "203.0.113.9");
		assert.equal(clientAddress(trusting, "10.0.0.1", "", "203.0.113.9, 2001:db8::1"), "203.0.113.9");
		assert.equal(clientAddress(trusting, "10.0.0.1", "", "10.0.0.3"), "10.0.0.3");
		assert.equal(clientAddress(trusting, "10.0.0.1", "", "nonsense"), "10.0.0.1");
		assert.equal(clientAddress(trusting, "10.0.0.1", "", ""), "10.0.0.1");
	});

	it("is read from an entry with a port, as some proxies write it", () => {
		const trusting = policy(["10.0.0.0/8"]);
		for (const [entry, address] of [
			["203.0.113.9:51234", "203.0.113.9"],
			["[2001:db8::1]:443", "2001:db8::1"],
			["[2001:db8::1]", "2001:db8::1"],
			["2001:db8::1", "2001:db8::1"],
			['"[2001:db8::1]:443"', "2001:db8::1"],
			["203.0.113.9:51234, 10.0.0.2:80", "203.0.113.9"],
			["203.0.113.9, , ", "203.0.113.9"],
		] as const) {
			assert.equal(clientAddress(trusting, "10.0.0.1", "", entry), address, entry);
		}
		for (const entry of ["unknown", "203.0.113.9:", "203.0.113.9:port", "[203.0.113.9", "_hidden:80", "[]", ":80"]) {
			assert.equal(clientAddress(trusting, "10.0.0.1", "", `6.6.6.6, ${entry}`), "10.0.0.1", entry);
		}
	});

	it("comes from the PROXY protocol where that is on and the hop trusted", () => {
		assert.equal(clientAddress(policy(["10.0.0.1"], true), "10.0.0.1", "203.0.113.4", ""), "203.0.113.4");
		assert.equal(clientAddress(policy(["10.0.0.1"], false), "10.0.0.1", "203.0.113.4", ""), "10.0.0.1");
		assert.equal(clientAddress(policy([], true), "10.0.0.1", "203.0.113.4", ""), "10.0.0.1");
	});

	it("has one canonical form", () => {
		assert.equal(clientAddress(policy([]), "::ffff:192.0.2.1", "", ""), "192.0.2.1");
		assert.equal(clientAddress(policy([]), "0000:0000:0000:0000:0000:ffff:c000:0201", "", ""), "192.0.2.1");
	});

	it("rejects a trusted hop that is no address, with its text in the error", () => {
		for (const entry of ["proxy.internal", "10.0.0.0/", "10.0.0.0/33", "::1/129", "10.0.0.0/8/8"]) {
			assert.throws(
				() => new TrustedHops([entry]),
				(error) => String(error).includes(entry),
			);
		}
	});
});
