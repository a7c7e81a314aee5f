// Which browsers' pages may talk to the gateway. Only browsers send an Origin (RFC 6455 section 10.2); the list keeps
// a foreign page from using a visitor's network position, it is no authentication.

/** Whether a request with this `Origin` header may proceed; "" is a client that is no browser. */
export type OriginPolicy = (origin: string) => boolean;

/**
 * Compiles an allow-list.
 *
 * @param allowed - `*` for all, an origin such as `https://app.example.com`, or one with a wildcard for any number of
 * sub-domain labels: `https://*.example.com`. Compared without regard to letter case.
 */
export function originPolicy(allowed: readonly string[]): OriginPolicy {
	if (allowed.includes("*")) return () => true;
	const exact = new Set<string>();
	const wildcards: { readonly prefix: string; readonly suffix: string }[] = [];
	for (const entry of allowed) {
		const origin = entry.toLowerCase();
		const star = origin.indexOf("*.");
		if (star < 0) exact.add(origin);
		else wildcards.push({ prefix: origin.slice(0, star), suffix: origin.slice(star + 1) });
	}
	return function isAllowed(header) {
		if (header === "") return true;
		const origin = header.toLowerCase();
		if (exact.has(origin)) return true;
		return wildcards.some(
			({ prefix, suffix }) =>
				origin.startsWith(prefix) &&
				origin.endsWith(suffix) &&
				// What the star stands for: labels of a host name, never a slash, a port or another scheme.
				/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(origin.slice(prefix.length, origin.length - suffix.length)),
		);
	};
}
