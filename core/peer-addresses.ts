// The addresses of TCP peers as texts. uWebSockets.js gives the address of each request as new bytes: an IPv4 address is looked up by its four
// bytes here, so that requests of one address share one string, and whatever is kept by address is found by a hash made before.

/** What is used of a response of uWebSockets.js. */
export interface AddressedResponse {
	/** Four bytes, or sixteen. */
	getRemoteAddress(): ArrayBuffer;
	getRemoteAddressAsText(): ArrayBuffer;
}

/** Texts that are kept; beyond that all are forgotten. One takes about 100 bytes. */
const MAX_TEXTS = 10_000;
const IPV4_BYTES = 4;
const decoder = new TextDecoder();

export class PeerAddresses {
	private readonly texts = new Map<number, string>();

	/** The address of the TCP peer, which may be a proxy. Only while the response is alive. */
	of(response: AddressedResponse): string {
		const bytes = response.getRemoteAddress();
		if (bytes.byteLength !== IPV4_BYTES) return decoder.decode(response.getRemoteAddressAsText());
		const [a = 0, b = 0, c = 0, d = 0] = new Uint8Array(bytes);
		const key = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
		const known = this.texts.get(key);
		if (known !== undefined) return known;
		const text = `${a}.${b}.${c}.${d}`;
		if (this.texts.size >= MAX_TEXTS) this.texts.clear();
		this.texts.set(key, text);
		return text;
	}
}
