// The query of a request, percent-decoded to bytes: values may be protobuf.

/** Parameters that are read; a query of 16 KiB may have thousands. */
const MAX_PARAMETERS = 256;

/**
 * Parameters in the order in which they came (WHATWG URL, "application/x-www-form-urlencoded parsing"). A value that is not
 * percent-encoded as it should be is taken as it stands.
 *
 * @param query - without the question mark.
 */
export function queryPairs(query: string): [name: string, value: Buffer][] {
	if (query === "") return [];
	return query
		.split("&", MAX_PARAMETERS)
		.filter((pair) => pair !== "")
		.map((pair) => {
			const equals = pair.indexOf("=");
			const [name, value] = equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
			return [percentDecoded(name).toString(), percentDecoded(value)];
		});
}

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
