// The head of a request as the gateway reads it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lastOfList, listHeader, type RawRequest, readHead, wantsClose } from "../../core/http-request.ts";

/** A request with these lines, of which uWebSockets.js hands out the first of each name. */
function request(...lines: readonly (readonly [string, string])[]): RawRequest {
	return {
		getCaseSensitiveMethod: () => "GET",
		getUrl: () => "/a",
		getQuery: () => "b=c",
		forEach: (each) => {
			for (const [name, value] of lines) each(name, value);
		},
	};
}

describe("the head of a request", () => {
	it("has all lines of a name as one list (RFC 9110 section 5.3), a cookie's pairs apart by semicolons", () => {
		const { headers } = readHead(
			request(["x-forwarded-for", "6.6.6.6"], ["cookie", "a=1"], ["x-forwarded-for", "203.0.113.9"], ["cookie", "b=2"]),
		);
		assert.equal(headers.get("x-forwarded-for"), "6.6.6.6, 203.0.113.9");
		// RFC 6265 section 5.4.
		assert.equal(headers.get("cookie"), "a=1; b=2");
	});

	it("counts its bytes as they were sent", () => {
		const text = "GET /a?b=c HTTP/1.1\r\nhost: x\r\nx-a: yy\r\n";
		assert.equal(readHead(request(["host", "x"], ["x-a", "yy"])).bytes, text.length);
	});

	it("asks for the connection to be closed by any line and in any case, and not by a word that contains it", () => {
		const closes = (...values: string[]) =>
			wantsClose(readHead(request(...values.map((v) => ["connection", v] as const))));
		const many = `${"x,".repeat(5_000)}close`;
		for (const values of [["close"], ["keep-alive, Close"], ["TE", "close"], ["upgrade, ,\tclose "], [many]]) {
			assert.equal(closes(...values), true, values.join("|"));
		}
		for (const values of [[], ["keep-alive"], ["closed"], ["x-close", "not close"]]) {
			assert.equal(closes(...values), false, values.join("|"));
		}
	});
});

describe("a list", () => {
	it("has its elements, without the empty ones (RFC 9110 section 5.6.1.2)", () => {
		assert.deepEqual(listHeader("a, b,,\tc ,"), ["a", "b", "c"]);
		assert.deepEqual(listHeader(""), []);
		assert.deepEqual(listHeader(undefined), []);
		assert.equal(listHeader("x,".repeat(10_000)).length, 100, "and no more than anybody needs");
	});

	it("is read from its end, whatever empty elements there are", () => {
		assert.deepEqual(lastOfList("a, b"), { element: "b", rest: "a" });
		assert.deepEqual(lastOfList("a ,, ,"), { element: "a", rest: "" });
		for (const list of ["", ",", " , ,,"]) assert.equal(lastOfList(list), undefined, list);
	});
});
