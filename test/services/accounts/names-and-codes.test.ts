// Small rules: which names are the same, which addresses count as one, reset codes, and what roles grant.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipKey } from "../../../common/ip-key.ts";
import { Permissions } from "../../../services/accounts/permissions.ts";
import { hashResetCode, isResetCode, newResetCode } from "../../../services/accounts/reset-codes.ts";
import { newUsernameKey, usernameKey } from "../../../services/accounts/username.ts";

test("names that look the same are the same", () => {
	assert.equal(usernameKey("Alice"), "alice");
	assert.equal(usernameKey("ＡＬＩＣＥ"), "alice", "full width");
	assert.equal(usernameKey("Ame\u0301lie"), usernameKey("am\u00e9lie"), "combining accent");
	assert.notEqual(usernameKey("alice"), usernameKey("alıce"));
});

test("a name whose normal form is no name is refused, by field", () => {
	for (const name of ["", "ab", "-abc", "a b c", "a@b.c", "x".repeat(33), "abc\u0000", "\ufdfa\ufdfa\ufdfa"]) {
		assert.throws(() => newUsernameKey(name), { code: 7, message: "the user name is not acceptable" });
	}
	assert.equal(newUsernameKey("Zoë.9-_"), "zoë.9-_");
});

test("IPv6 counts by network, IPv4 by address, however written", () => {
	const cases: Record<string, string> = {
		"192.0.2.7": "192.0.2.7",
		"::ffff:192.0.2.7": "192.0.2.7",
		"::ffff:c000:0207": "192.0.2.7",
		"0:0:0:0:0:ffff:c000:207": "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:DB8:1:2::9": "2001:db8:1:2::/64",
		"2001:db8::1": "2001:db8:0:0::/64",
		"fe80::1%eth0": "fe80:0:0:0::/64",
		"::1": "0:0:0:0::/64",
		"": "",
	};
	for (const [address, key] of Object.entries(cases)) assert.equal(ipKey(address), key, address);
});

test("reset codes are random, readable, and forgiving about how they are typed", () => {
	const codes = Array.from({ length: 1000 }, newResetCode);
	assert.equal(new Set(codes).size, 1000);
	for (const code of codes) assert.match(code, /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
	const hash = hashResetCode("user", "01ABC-DEF01");
	for (const typed of ["01ABC-DEF01", "01abcdef01", " O1abc def0l ", "OIABCDEFOL"]) {
		assert.equal(isResetCode(hash, "user", typed), true, typed);
	}
	assert.equal(isResetCode(hash, "user", "01ABC-DEF02"), false);
	assert.equal(isResetCode(hash, "user", ""), false);
	assert.equal(isResetCode(hash, "other", "01ABC-DEF01"), false);
	assert.equal(isResetCode("", "user", ""), false);
});

test("roles grant their permissions, one shared set per combination; unknown roles grant nothing", () => {
	const permissions = new Permissions({ a: ["x", "y"], b: ["y", "z"] });
	assert.deepEqual([...permissions.of(["a", "b"])].sort(), ["x", "y", "z"]);
	assert.equal(permissions.of(["a", "b"]), permissions.of(["a", "b"]));
	assert.deepEqual([...permissions.of(["toString", "c"])], []);
	assert.equal(permissions.isRole("a"), true);
	assert.equal(permissions.isRole("constructor"), false);
});
