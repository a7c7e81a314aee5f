// Which origins an allow-list may name, and which it lets connect (RFC 6454).
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { originPolicy, originProblem } from "../../core/origin.ts";

describe("an entry of an allow-list", () => {
	for (const entry of [
		...["*", "null", "file://", "https://app.example.com", "http://localhost:3000", "http://[::1]:3000"],
		// Section 4: a scheme, a host, a port; nothing says that the scheme is a web's.
		...["capacitor://localhost", "ionic://localhost", "tauri://localhost", "app://obsidian.md", "app://."],
		...["chrome-extension://abcdefghijklmnop", "moz-extension://5d3e-4f", "https://*.example.com:8443"],
	]) {
		test(`may be ${entry}, and lets that origin connect`, () => {
			assert.equal(originProblem(entry), undefined);
			if (!entry.includes("*")) assert.equal(originPolicy([entry])(entry), true);
		});
	}

	for (const [entry, expected] of [
		["app.example.com", /such as https/],
		["https://", /such as https/],
		["https://app.example.com/", /has no path/],
		["https://app.example.com/chat", /has no path/],
		["wss://app.example.com", /begins with http/],
		["https://münchen.example", /xn--/],
		["https://a b", /such as https/],
		["https://user@host", /such as https/],
		["://host", /such as https/],
	] as const) {
		test(`may not be ${entry}`, () => assert.match(originProblem(entry) ?? "", expected));
	}
});

test("a default port is left out, as browsers do (section 6.2)", () => {
	const isAllowed = originPolicy([
		"https://a.example:443",
		"http://b.example:80",
		"https://*.c.example:443",
		"tauri://d:443",
	]);
	for (const origin of ["https://a.example", "http://b.example", "https://x.c.example", "tauri://d:443"]) {
		assert.equal(isAllowed(origin), true, origin);
	}
	for (const origin of ["http://a.example", "https://a.example:8443", "https://b.example", "tauri://d"]) {
		assert.equal(isAllowed(origin), false, origin);
	}
});

test("a scheme of its own is no other scheme's", () => {
	const isAllowed = originPolicy(["capacitor://localhost", "file://"]);
	for (const origin of ["capacitor://localhost.evil", "ionic://localhost", "https://localhost", "file://x", "null"]) {
		assert.equal(isAllowed(origin), false, origin);
	}
});
