// The query of a request, percent-decoded to bytes: values may be protobuf.

/** Parameters that are taken; a query of 16 KiB may have thousands. One more is read, so that too many can be refused. */
export const MAX_PARAMETERS = 256;

/**
 * Parameters in the order in which they came (WHATWG URL, "application/x-www-form-urlencoded parsing"). A value that is not
 * percent-encoded as it should be is taken as it stands.
 *
 * @param query - without the question mark.
 */
function queryPairs(query: string): [name: string, value: Buffer][] {
	return pairsOf(query).map(([name, value]) => [percentDecoded(name).toString(), percentDecoded(value)]);
}

/** Names and values as they were sent. */
function pairsOf(query: string): [name: string, value: string][] {
	if (query === "") return [];
	return query
		.split("&", MAX_PARAMETERS + 1)
		.filter((pair) => pair !== "")
		.map((pair) => {
			const equals = pair.indexOf("=");
			return equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
		});
}

/** The same as texts. */
export function queryTexts(query: string): (readonly [name: string, text: string])[] {
	if (PLAIN.test(query)) return pairsOf(query);
	return queryPairs(query).map(([name, value]) => [name, value.toString()] as const);
}

/** Nothing in it is encoded. */
const PLAIN = /^[\x20-\x24\x26-\x2a\x2c-\x7e]*$/;

/** The same by name; the first one counts. */
export function queryParameters(query: string): ReadonlyMap<string, Buffer> {
	return new Map(queryPairs(query).reverse());
}

function percentDecoded(text: string): Buffer {
	if (!text.includes("%") && !text.includes("+")) return Buffer.from(text, "latin1");
	const latin = text.replaceAll("+", " ").replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => {
		return String.fromCharCode(Number.parseInt(digits, 16));
	});
	return Buffer.from(latin, "latin1");
}
