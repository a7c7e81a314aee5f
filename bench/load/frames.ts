// The client's side of RFC 6455, as little of it as a load generator needs: frames are masked once and sent many
// times, and what comes back is only counted, unless it is to be checked.

export const OPCODE_TEXT = 1;
export const OPCODE_BINARY = 2;
export const OPCODE_CLOSE = 8;
export const OPCODE_PING = 9;
export const OPCODE_PONG = 10;

/** Any mask is as good as another here, and a fixed one can be applied beforehand (RFC 6455 section 5.3). */
export const MASK = [0x1f, 0x2e, 0x3d, 0x4c] as const;
/** The sample nonce of RFC 6455 section 1.3 and the answer to it. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
export const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

export function upgradeRequest(port: number, path = "/ws"): Buffer {
	const lines = [
		`GET ${path} HTTP/1.1`,
		`Host: 127.0.0.1:${port}`,
		"Upgrade: websocket",
		"Connection: Upgrade",
		`Sec-WebSocket-Key: ${KEY}`,
		"Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Protocol: framegate.v1",
	];
	return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

/** One masked frame. */
export function clientFrame(payload: Uint8Array, opcode: number = OPCODE_BINARY): Buffer {
	const length = payload.length;
	if (length > 0xffff) throw new RangeError("frames of the bench are shorter than 64 KiB");
	const header = length < 126 ? [length | 0x80] : [126 | 0x80, length >> 8, length & 0xff];
	const masked = payload.map((byte, index) => byte ^ (MASK[index & 3] as number));
	return Buffer.concat([Buffer.from([0x80 | opcode, ...header, ...MASK]), masked]);
}

/** `pipelines(frame, n)[k]` is the frame k times over, to be written at once. */
export function pipelines(frame: Buffer, count: number): Buffer[] {
	return Array.from({ length: count + 1 }, (_, k) => Buffer.concat(Array.from({ length: k }, () => frame)));
}

export interface FrameListener {
	/** A data frame; the payload lies in `[start, end)` of `bytes`, until this returns. */
	onMessage(bytes: Buffer, start: number, end: number): void;
	onPing(payload: Buffer): void;
	onClose(code: number): void;
}

/** Finds frames in a byte stream. Keeps nothing but the part of a frame that has not arrived in full. */
export class FrameParser {
	private rest: Buffer | undefined;

	/** Looks at the `[start, end)` of `chunk`, which may be reused afterwards. */
	feed(chunk: Buffer, start: number, end: number, listener: FrameListener): void {
		let bytes = chunk;
		let at = start;
		let stop = end;
		if (this.rest !== undefined) {
			bytes = Buffer.concat([this.rest, chunk.subarray(start, end)]);
			at = 0;
			stop = bytes.length;
			this.rest = undefined;
		}
		while (at + 2 <= stop) {
			const short = (bytes[at + 1] as number) & 0x7f;
			const headerBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
			if (at + headerBytes > stop) break;
			const length =
				short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
			const from = at + headerBytes;
			if (from + length > stop) break;
			const opcode = (bytes[at] as number) & 0x0f;
			if (opcode === OPCODE_BINARY || opcode === OPCODE_TEXT) listener.onMessage(bytes, from, from + length);
			else if (opcode === OPCODE_PING) listener.onPing(Buffer.from(bytes.subarray(from, from + length)));
			else if (opcode === OPCODE_CLOSE) listener.onClose(length >= 2 ? bytes.readUInt16BE(from) : 1005);
			at = from + length;
		}
		if (at < stop) this.rest = Buffer.from(bytes.subarray(at, stop));
	}
}
