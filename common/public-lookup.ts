// Resolves names for connections that must not lead into a private network, because somebody else than the operator of that network
// has named the host.
import { type LookupAddress, lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { isPrivateAddress } from "./private-addresses.ts";

/** Whether a host is an address of a private network. Names are looked up by `publicLookup`. @param hostname - as `URL` gives it. */
export function isPrivateHost(hostname: string): boolean {
	const host = hostname.replace(/^\[|\]$/g, "");
	return isIP(host) !== 0 && isPrivateAddress(host);
}

/**
 * Checks what a name resolves to where it is used, so that it cannot resolve to something else in between.
 *
 * @param message - of the error when one of its addresses is private.
 */
export function publicLookup(message: string): LookupFunction {
	return (hostname, options, callback) => {
		lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
			const [first] = addresses ?? [];
			if (error !== null || first === undefined) callback(error ?? new Error(message), "", 0);
			else if (addresses.some(({ address }) => isPrivateAddress(address))) callback(new Error(message), "", 0);
			else if (options.all === true) callback(null, addresses);
			else callback(null, first.address, first.family);
		});
	};
}
