// Bytes as people write them: hexadecimal and base64.

/** `0a 1b` or `0A1B`; undefined when it is not that. */
export function bytesFromHex(text: string): Uint8Array | undefined {
	const digits = text.replace(/[\s:,]|0x/gi, "");
	if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return undefined;
	return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
		Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
	);
}

export const hexByte = (byte: number): string => byte.toString(16).padStart(2, "0");
export const hexFromBytes = (bytes: Uint8Array): string => Array.from(bytes, hexByte).join(" ");

/** Standard or URL-safe base64, with or without padding (RFC 4648); undefined when it is neither. */
export function bytesFromBase64(text: string): Uint8Array | undefined {
	const standard = text.replaceAll("-", "+").replaceAll("_", "/");
	if (!/^[A-Za-z0-9+/]*={0,2}$/.test(standard)) return undefined;
	try {
		return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0));
	} catch {
		return undefined;
	}
}

const CHUNK = 8192;

export function base64FromBytes(bytes: Uint8Array): string {
	let text = "";
	for (let start = 0; start < bytes.length; start += CHUNK) {
		text += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
	}
	return btoa(text);
}
