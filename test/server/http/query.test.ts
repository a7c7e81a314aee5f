// Parameters of a query: as they are, percent-encoded, and as bytes.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MAX_PARAMETERS, queryParameters, queryTexts } from "../../../server/http/calls/query.ts";

describe("the query of a request", () => {
	it("is read into texts, encoded or not", () => {
		for (const [query, expected] of [
			["", []],
			[
				"a=1&b=&c",
				[
					["a", "1"],
					["b", ""],
					["c", ""],
				],
			],
			["&&a=1=2&", [["a", "1=2"]]],
			[
				"a=x%20y+z&%61b=%E4%BD%A0",
				[
					["a", "x y z"],
					["ab", "你"],
				],
			],
			[
				"a=100%&b=%zz",
				[
					["a", "100%"],
					["b", "%zz"],
				],
			],
		] as const) {
			assert.deepEqual(queryTexts(query), expected, query);
		}
	});

	it("is read one parameter further than it may go", () => {
		assert.equal(queryTexts("a=1&".repeat(300)).length, MAX_PARAMETERS + 1);
		assert.equal(queryTexts("a=%31&".repeat(300)).length, MAX_PARAMETERS + 1);
	});

	it("gives bytes by name, and the first of several", () => {
		const parameters = queryParameters("message=%00%ff&message=x&n=1");
		assert.deepEqual([...(parameters.get("message") ?? [])], [0, 255]);
		assert.equal(parameters.get("n")?.toString(), "1");
	});
});
