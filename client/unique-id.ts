// Ids that no other client makes, also in pages that are not served securely and therefore have no crypto.randomUUID.

/** 32 hexadecimal digits, 128 random bits. */
export function uniqueId(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
