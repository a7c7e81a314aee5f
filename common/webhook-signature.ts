// The signature of what is posted to endpoints of the operator's, so that they can verify its origin and its age.
import { createHmac } from "node:crypto";

/** `t=UNIX_SECONDS,v1=HEX`: HMAC-SHA256 of `UNIX_SECONDS.BODY`. */
export const SIGNATURE_HEADER = "x-framegate-signature";

/** @param atMs - Unix milliseconds. @returns the value of the header. */
export function webhookSignature(secret: string, body: string | Uint8Array, atMs: number): string {
	const seconds = Math.floor(atMs / 1000);
	const hmac = createHmac("sha256", secret).update(`${seconds}.`).update(body);
	return `t=${seconds},v1=${hmac.digest("hex")}`;
}
