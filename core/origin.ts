// Which browsers' pages may talk to the gateway. Only browsers send an Origin (RFC 6455 section 10.2); the list keeps
// a foreign page from using a visitor's network position, it is no authentication.

/** Whether a request with this `Origin` header may proceed; "" is a client that is no browser. */
export type OriginPolicy = (origin: string) => boolean;

const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i;
const HOST = /^(?:(?:\*\.)?[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
/** Browsers leave these out (RFC 6454, section 6.2). */
const DEFAULT_PORT: Readonly<Record<string, string>> = { http: ":80", https: ":443" };

/**
 * What is wrong with an entry of an allow-list; undefined when nothing is. An origin is a scheme of any name, a host and perhaps
 * a port (RFC 6454, section 4): frameworks for apps have schemes of their own, as `capacitor://localhost`. Pages in files send
 * `null` or `file://`.
 */
export function originProblem(entry: string): string | undefined {
	if (entry === "*" || entry === "null" || entry === "file://") return undefined;
	const [, scheme = "", host = ""] = ORIGIN.exec(entry) ?? [];
	if (/^wss?$/i.test(scheme)) return `a page's origin begins with http:// or https://, not with ${scheme}://`;
	if (HOST.test(host)) return undefined;
	if (/[^\0-\x7f]/.test(host)) return "a host is written as browsers send it: xn--… for names that are not ASCII";
	if (/^[^/]+\//.test(host)) return "an origin such as https://app.example.com has no path";
	return "expected *, null or an origin such as https://app.example.com";
}

/** As browsers write it. */
function canonical(entry: string): string {
	const origin = entry.toLowerCase();
	const port = DEFAULT_PORT[ORIGIN.exec(origin)?.[1] ?? ""];
	return port !== undefined && origin.endsWith(port) ? origin.slice(0, -port.length) : origin;
}

/**
 * Compiles an allow-list.
 *
 * @param allowed - `*` for all, an origin such as `https://app.example.com`, or one with a wildcard for any number of
 * sub-domain labels: `https://*.example.com`; see `originProblem`. Compared without regard to letter case.
 */
export function originPolicy(allowed: readonly string[]): OriginPolicy {
	if (allowed.includes("*")) return () => true;
	const exact = new Set<string>();
	const wildcards: { readonly prefix: string; readonly suffix: string }[] = [];
	for (const entry of allowed) {
		const origin = canonical(entry);
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
