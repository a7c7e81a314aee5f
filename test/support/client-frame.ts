// Frames as clients send them, for tests that write WebSocket frames by hand.

/** A client frame (RFC 6455 section 5.2) with an all-zero mask: text for a string, binary for bytes. */
export function clientFrame(message: Uint8Array | string): Buffer {
	const payload = Buffer.from(message as Uint8Array);
	const first = typeof message === "string" ? 0x81 : 0x82;
	const length = payload.length < 126 ? [0x80 | payload.length] : [0xfe, payload.length >> 8, payload.length & 0xff];
	return Buffer.concat([Buffer.from([first, ...length, 0, 0, 0, 0]), payload]);
}
