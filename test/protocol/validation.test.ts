// Field rules: every kind of rule, on real messages where the .proto files have one and on made-up ones where not.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { checkChannelName } from "../../protocol/channel-name.ts";
import type { AnyMessageType, FieldRule, OneofRule } from "../../protocol/contract.ts";
import {
	ConnectRequest,
	ForgotPasswordRequest,
	GetHistoryRequest,
	GetPrivateHistoryRequest,
	HeartbeatRequest,
	LoginRequest,
	MarkReadRequest,
	messageTypes,
	RegisterRequest,
	routeContracts,
} from "../../protocol/gen/schema.ts";
import { JsonTranscoder } from "../../protocol/json.ts";
import { compileValidator } from "../../protocol/validation.ts";

/** What is wrong, as `field: description` lines; empty when nothing is. */
function violations(type: AnyMessageType, message: object): string[] {
	const found = compileValidator(type)?.(message) ?? [];
	return found.map(({ field, description }) => `${field}: ${description}`);
}

/** A message type with one field, `the_field`, and these rules. */
function ruled(rule: Partial<FieldRule>, oneofs: OneofRule[] = []): AnyMessageType {
	const field: FieldRule = { property: "theField", field: "the_field", shape: "string", cardinality: "one", ...rule };
	return { ...HeartbeatRequest, typeName: "test.Ruled", rules: [field], oneofs };
}

const check = (rule: Partial<FieldRule>, theField: unknown): string[] => violations(ruled(rule), { theField });

suite("field rules", () => {
	test("cost nothing where there are none", () => {
		assert.equal(compileValidator(HeartbeatRequest), undefined);
		const validator = compileValidator(LoginRequest);
		assert.equal(validator?.({ username: "ada", password: "p" }), undefined);
	});

	test("required: absent, empty and zero values are named", () => {
		assert.deepEqual(violations(LoginRequest, {}), ["username: is required", "password: is required"]);
		for (const empty of [undefined, null, ""])
			assert.deepEqual(check({ required: true }, empty), ["the_field: is required"]);
		assert.deepEqual(check({ required: true, shape: "number" }, 0), ["the_field: is required"]);
		assert.deepEqual(check({ required: true, shape: "bool" }, false), ["the_field: is required"]);
		assert.deepEqual(check({ required: true, shape: "bytes" }, new Uint8Array(0)), ["the_field: is required"]);
		assert.deepEqual(check({ required: true, shape: "enum" }, 0), ["the_field: is required"]);
		assert.deepEqual(check({ required: true, shape: "number" }, -1), []);
		assert.deepEqual(check({ required: true, shape: "bytes" }, new Uint8Array(1)), []);
		const message: Partial<FieldRule> = { required: true, shape: "message", typeName: "framegate.v1.User" };
		assert.deepEqual(check(message, undefined), ["the_field: is required"]);
		assert.deepEqual(check(message, {}), []);
		for (const cardinality of ["many", "map"] as const) {
			const empty = cardinality === "many" ? [] : {};
			assert.deepEqual(check({ required: true, cardinality }, empty), ["the_field: must have at least 1 item"]);
		}
	});

	test("rules of optional fields do not bind when the field is absent", () => {
		const rule = { minLen: 3, pattern: "x+", min: 5 };
		for (const absent of [undefined, null, ""]) assert.deepEqual(check(rule, absent), []);
		assert.deepEqual(check({ shape: "number", min: 5 }, 0), []);
	});

	test("lengths are Unicode code points in strings", () => {
		assert.deepEqual(check({ minLen: 2, maxLen: 3 }, "\u{1F511}\u{1F511}\u{1F511}"), []);
		assert.deepEqual(check({ minLen: 2 }, "\u{1F511}"), ["the_field: must be at least 2 characters"]);
		assert.deepEqual(check({ maxLen: 3 }, "abcd"), ["the_field: must be at most 3 characters"]);
	});

	test("lengths are bytes in bytes", () => {
		const rule = { shape: "bytes", minLen: 2, maxLen: 3 } as const;
		assert.deepEqual(check(rule, new Uint8Array(2)), []);
		assert.deepEqual(check(rule, new Uint8Array(1)), ["the_field: must be at least 2 bytes"]);
		assert.deepEqual(check(rule, new Uint8Array(4)), ["the_field: must be at most 3 bytes"]);
	});

	test("a pattern must match the whole string", () => {
		assert.deepEqual(check({ pattern: "a|b" }, "a"), []);
		for (const bad of ["ab", "xa", "a\n", "\na"])
			assert.deepEqual(check({ pattern: "a|b" }, bad), ["the_field: must match a|b"]);
		assert.deepEqual(check({ pattern: "a+", maxLen: 2 }, "bbb"), ["the_field: must be at most 2 characters"]);
		const ada = { username: "Адa_1", password: "12345678" };
		assert.deepEqual(violations(RegisterRequest, ada), []);
		for (const username of ["_ab", "a b", "a\u0000b", "a/b"]) {
			assert.match(violations(RegisterRequest, { ...ada, username })[0] ?? "", /^username: must match /, username);
		}
		assert.match(violations(RegisterRequest, { ...ada, email: "nobody" })[0] ?? "", /^email: must match /);
	});

	test("numbers keep their range, ends included", () => {
		const rule = { shape: "number", min: -2, max: 5 } as const;
		for (const good of [-2, 5, 1]) assert.deepEqual(check(rule, good), []);
		assert.deepEqual(check(rule, -2.1), ["the_field: must be at least -2"]);
		assert.deepEqual(check(rule, 6), ["the_field: must be at most 5"]);
		assert.equal(check(rule, Number.NaN).length, 2);
		assert.equal(check(rule, Number.POSITIVE_INFINITY).length, 1);
		assert.deepEqual(check({ shape: "number", min: 0 }, -1), ["the_field: must be at least 0"]);
	});

	test("enums hold a defined value", () => {
		const rule = { shape: "enum", definedValues: [0, 1, 4] } as const;
		assert.deepEqual(check(rule, 4), []);
		assert.deepEqual(check(rule, 2), ["the_field: is not a defined value"]);
		assert.deepEqual(check({ shape: "enum" }, 77), []);
	});

	test("lists and maps keep their size, and each element its rules", () => {
		const list = { cardinality: "many", minItems: 2, maxItems: 3, maxLen: 1 } as const;
		assert.deepEqual(check(list, ["a", "b"]), []);
		assert.deepEqual(check(list, ["a"]), ["the_field: must have at least 2 items"]);
		assert.deepEqual(check(list, ["a", "b", "cc", "d"]), [
			"the_field: must have at most 3 items",
			"the_field[2]: must be at most 1 character",
		]);
		const map = { cardinality: "map", maxItems: 1, maxLen: 1 } as const;
		assert.deepEqual(check(map, { k: "vv" }), ["the_field[k]: must be at most 1 character"]);
		assert.deepEqual(check(map, { a: "", b: "" }), ["the_field: must have at most 1 item"]);
	});

	test("fields of nested messages are named by their path", () => {
		const positions = [{ channel: "room:1" }, { channel: "" }, { channel: "x", epoch: "e".repeat(65) }];
		assert.deepEqual(violations(ConnectRequest, { accessToken: "t", positions }), [
			"positions[1].channel: is required",
			"positions[2].epoch: must be at most 64 characters",
		]);
		const confirm = { account: "ada", code: "1", newPassword: "short" };
		assert.deepEqual(violations(ForgotPasswordRequest, { confirm }), [
			"confirm.new_password: must be at least 8 characters",
		]);
	});

	test("a required oneof needs one of its members", () => {
		assert.deepEqual(violations(ForgotPasswordRequest, {}), ["step: must have one of request_code, confirm"]);
		assert.deepEqual(violations(ForgotPasswordRequest, { requestCode: { account: "ada" } }), []);
		const type = ruled({}, [{ field: "choice", properties: ["a", "b"] }]);
		assert.deepEqual(violations(type, { a: null, b: undefined }), ["choice: must have one of a, b"]);
		assert.deepEqual(violations(type, { b: 0 }), []);
	});

	test("numbers that are not exact are refused by name, in both encodings", () => {
		const tooLarge = "must be at most 9007199254740991";
		const json = new JsonTranscoder();
		for (const offset of ["18446744073709551615", "9007199254740993"]) {
			const positions = [{ channel: "room:1", offset }];
			const bytes = json.bodyFromJson(ConnectRequest, { accessToken: "a", positions });
			assert.deepEqual(violations(ConnectRequest, ConnectRequest.decode(bytes)), [`positions[0].offset: ${tooLarge}`]);
		}
		// A position of ten bytes that are all ones where they can be.
		const ones = Buffer.from("120e0a016310ffffffffffffffffff01", "hex");
		assert.deepEqual(violations(ConnectRequest, ConnectRequest.decode(ones)), [
			"access_token: is required",
			`positions[0].offset: ${tooLarge}`,
		]);
		for (const request of [GetHistoryRequest, GetPrivateHistoryRequest]) {
			const found = violations(request, { roomId: "r", userId: "u", fromSequence: 2 ** 53 });
			assert.deepEqual(found, [`from_sequence: ${tooLarge}`]);
		}
		const mark = violations(MarkReadRequest, { conversationId: "c", sequence: 2 ** 60 });
		assert.deepEqual(mark, [`sequence: ${tooLarge}`]);
	});

	test("a position names a channel as the broker takes it", () => {
		for (let code = 0; code < 300; code++) {
			const channel = `room:${String.fromCodePoint(code)}`;
			let isName = true;
			try {
				checkChannelName(channel);
			} catch {
				isName = false;
			}
			const found = violations(ConnectRequest, { accessToken: "a", positions: [{ channel }] });
			assert.equal(found.length === 0, isName, JSON.stringify(channel));
		}
	});

	test("at most 20 violations are reported, and the search for more ends there", () => {
		let looked = 0;
		const positions = Array.from({ length: 1000 }, () => ({
			get channel() {
				looked++;
				return "";
			},
		}));
		const found = violations(ConnectRequest, { accessToken: "t", positions });
		assert.equal(found.length, 20);
		assert.equal(found[19], "positions[19].channel: is required");
		assert.equal(looked, 20);
	});

	test("at most 20 are reported for a message with more fields than that", () => {
		const [rule] = ruled({ required: true }).rules;
		const rules = Array.from({ length: 30 }, (_, index) => ({ ...(rule as FieldRule), field: `field_${index}` }));
		assert.equal(violations({ ...ruled({}), rules }, {}).length, 20);
	});

	test("never contain the value of a secret field", () => {
		for (const type of messageTypes.values()) {
			for (const rule of type.rules.filter((candidate) => candidate.secret && candidate.maxLen)) {
				const value = "hunter2".repeat(2000);
				const found = violations(type, { [rule.property]: value }).join();
				assert.match(found, new RegExp(`${rule.field}: must be at most`));
				assert.doesNotMatch(found, /hunter2/);
			}
		}
	});

	test("bound every string, list and bytes field that a client can send", () => {
		const unbounded: string[] = [];
		for (const route of routeContracts.values()) collectUnbounded(route.request, unbounded);
		assert.deepEqual(unbounded, []);
	});
});

/** Fields without an upper limit; what has no rules at all shows by its default value after decoding nothing. */
function collectUnbounded(type: AnyMessageType, unbounded: string[]): void {
	const empty = type.decode(new Uint8Array(0)) as Record<string, unknown>;
	const properties = Object.keys(Object.getPrototypeOf(empty) as object).concat(Object.keys(empty));
	for (const property of properties) {
		const value = empty[property];
		const rule = type.rules.find((candidate) => candidate.property === property);
		const grows = typeof value === "string" || (typeof value === "object" && value !== null);
		const limit = rule?.cardinality === "one" || typeof value === "string" ? rule?.maxLen : rule?.maxItems;
		if (grows && limit === undefined) unbounded.push(`${type.typeName}.${property}`);
		const nested = rule?.typeName === undefined ? undefined : messageTypes.get(rule.typeName);
		if (nested !== undefined) collectUnbounded(nested, unbounded);
	}
}
