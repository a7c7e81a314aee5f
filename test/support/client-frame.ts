// Frames as clients send them, for tests that speak WebSocket by hand.

/** A client frame (RFC 6455 section 5.2) with an all-zero mask. */
export function clientFrame(payload: Uint8Array): Buffer {
	const length = payload.length < 126 ? [0x80 | payload.length] : [0xfe, payload.length >> 8, payload.length & 0xff];
	return Buffer.concat([Buffer.from([0x82, ...length, 0, 0, 0, 0]), payload]);
}
