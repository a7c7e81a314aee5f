// Addresses of TCP peers: the same text for the same address, whatever its family.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PeerAddresses } from "../../core/peer-addresses.ts";

const bytesOf = (values: readonly number[]): ArrayBuffer => new Uint8Array(values).buffer as ArrayBuffer;
const response = (bytes: readonly number[], text = "") => ({
	getRemoteAddress: () => bytesOf(bytes),
	getRemoteAddressAsText: () => bytesOf([...Buffer.from(text)]),
});

describe("addresses of TCP peers", () => {
	const addresses = new PeerAddresses();

	it("are IPv4 with the highest and the lowest bytes", () => {
		for (const [bytes, text] of [
			[[127, 0, 0, 1], "127.0.0.1"],
			[[255, 255, 255, 255], "255.255.255.255"],
			[[0, 0, 0, 0], "0.0.0.0"],
			[[1, 0, 0, 127], "1.0.0.127"],
		] as const) {
			assert.equal(addresses.of(response(bytes)), text);
			assert.equal(addresses.of(response(bytes)), text);
		}
	});

	it("are IPv6 as the library writes it", () => {
		const text = "0000:0000:0000:0000:0000:ffff:7f00:0001";
		assert.equal(addresses.of(response([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1], text)), text);
	});

	it("are right behind more of them than are kept", () => {
		for (let i = 0; i < 10_050; i++) addresses.of(response([10, i >> 16, (i >> 8) & 255, i & 255]));
		assert.equal(addresses.of(response([10, 0, 1, 2])), "10.0.1.2");
		assert.equal(addresses.of(response([10, 0, 39, 66])), "10.0.39.66");
	});
});
