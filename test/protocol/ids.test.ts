// Ids are printable ASCII: what no database takes is refused by the name of the field, whichever route it comes by.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCursor, encodeCursor } from "../../common/cursor.ts";
import { routeContracts } from "../../protocol/gen/schema.ts";
import { compileValidator } from "../../protocol/validation.ts";

/** Ids that reach no database, and that clients choose freely. */
const exempt = new Set(["device_id"]);
/** Ids that field services give, in any script. */
const foreign = new Set(["alarm_id", "model_id", "rule_id"]);

test("every id of every request refuses a NUL, naming the field", () => {
	let checked = 0;
	for (const { request, name } of routeContracts.values()) {
		const ids = request.rules.filter(({ field, shape }) => {
			return shape === "string" && /(^|_)(ids?|game)$/.test(field) && !exempt.has(field);
		});
		for (const { field, property, cardinality } of ids) {
			const refused = ["a\0b", "a b", ...(foreign.has(field) ? [] : ["\ud800", "é"])];
			for (const bad of refused) {
				const violations = compileValidator(request)?.({ [property]: cardinality === "one" ? bad : ["ok", bad] }) ?? [];
				const expected = cardinality === "one" ? field : `${field}[1]`;
				assert.ok(
					violations.some((violation) => violation.field === expected),
					`${name}: ${field}`,
				);
			}
			checked++;
		}
	}
	assert.ok(checked > 20, `${checked} fields`);
});

test("a cursor's places are ids and numbers", () => {
	assert.deepEqual(decodeCursor("rooms", encodeCursor("rooms", "0198f0a2", 7), 2), ["0198f0a2", "7"]);
	for (const place of ["\0", "a\0", " ", "é", "x".repeat(129)]) {
		assert.throws(() => decodeCursor("rooms", encodeCursor("rooms", place), 1), {
			violations: [{ field: "cursor", description: "does not belong to this list" }],
		});
	}
});
