// Which addresses belong to private networks or to this machine.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isLoopbackHost, isPrivateAddress } from "../../common/private-addresses.ts";

test("addresses of private networks, of this machine and of no machine, however they are written", () => {
	const own = [
		"127.0.0.1",
		"10.1.2.3",
		"172.31.0.1",
		"192.168.1.1",
		"169.254.169.254",
		"100.64.0.1",
		"0.0.0.0",
		"224.0.0.1",
	];
	const own6 = [
		"::1",
		"::",
		"fe80::1",
		"fd00::1",
		"::ffff:10.0.0.1",
		"::ffff:7f00:1",
		"64:ff9b::a00:1",
		"2002:a00:1::",
		"ff02::1",
	];
	for (const address of [...own, ...own6]) assert.equal(isPrivateAddress(address), true, address);
	for (const address of ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:4860:4860::8888", "::ffff:8.8.8.8"]) {
		assert.equal(isPrivateAddress(address), false, address);
	}
	for (const text of ["", "localhost", "1.2.3", "example.org"]) assert.equal(isPrivateAddress(text), true, text);
});

test("hosts that are this machine", () => {
	for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"]) assert.equal(isLoopbackHost(host), true, host);
	for (const host of ["127.0.0.1.example.org", "localhost.example.org", "10.0.0.1", "[::2]"]) {
		assert.equal(isLoopbackHost(host), false, host);
	}
});
