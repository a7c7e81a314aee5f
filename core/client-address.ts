// Which address a request really came from, when proxies stand in between.
import { BlockList, isIP } from "node:net";
import { lastOfList } from "./http-request.ts";

export interface AddressPolicy {
	/** Proxies whose headers are trusted. */
	readonly trusted: TrustedHops;
	/** Trusted hops use the PROXY protocol, version 2. */
	readonly proxyProtocol: boolean;
}

/** A set of addresses and CIDR blocks. */
export class TrustedHops {
	private readonly list = new BlockList();
	private readonly empty: boolean;

	/** @throws Error naming an entry that is neither an address nor a CIDR block. */
	constructor(entries: readonly string[]) {
		this.empty = entries.length === 0;
		for (const entry of entries) {
			const [address = "", prefix, ...rest] = entry.split("/");
			const family = isIP(address);
			const isPrefix =
				prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
			if (family === 0 || !isPrefix || rest.length > 0)
				throw new Error(`trusted proxy ${JSON.stringify(entry)} is no address or CIDR block`);
			const type = family === 4 ? "ipv4" : "ipv6";
			if (prefix === undefined) this.list.addAddress(address, type);
			else this.list.addSubnet(address, Number(prefix), type);
		}
	}

	has(address: string): boolean {
		if (this.empty) return false;
		const family = isIP(address);
		return family !== 0 && this.list.check(address, family === 4 ? "ipv4" : "ipv6");
	}
}

/**
 * The client's address.
 *
 * A header is only used when the hop that sent it is trusted: X-Forwarded-For is read from the right, and the
 * first address that is not a trusted hop is the client.
 *
 * @param remote - the TCP peer. @param proxied - from the PROXY protocol, "" without.
 * @param forwardedFor - X-Forwarded-For, all its lines joined to one list.
 */
export function clientAddress(policy: AddressPolicy, remote: string, proxied: string, forwardedFor: string): string {
	let address = normalize(remote);
	if (!policy.trusted.has(address)) return address;
	if (policy.proxyProtocol && proxied !== "") address = normalize(proxied);
	let rest = forwardedFor;
	while (policy.trusted.has(address)) {
		const last = lastOfList(rest);
		if (last === undefined) break;
		const next = hopAddress(last.element);
		if (isIP(next) === 0) break;
		address = next;
		({ rest } = last);
	}
	return address;
}

/** Whether the PROXY protocol is taken from a TCP peer. */
export function sendsProxyHeaders(policy: AddressPolicy, remote: string): boolean {
	return policy.proxyProtocol && policy.trusted.has(normalize(remote));
}

/**
 * The address of an entry of X-Forwarded-For. Some proxies add the port: `203.0.113.9:51234`, `[2001:db8::1]:443`, the latter in
 * quotes as well, as in RFC 7239 section 6.
 */
function hopAddress(entry: string): string {
	const node = /^"(.*)"$/.exec(entry)?.[1] ?? entry;
	// Without brackets, an IPv6 address has more colons than the one before a port.
	const address = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(node)?.[1] ?? /^([^:]*):\d{1,5}$/.exec(node)?.[1] ?? node;
	return normalize(address);
}

const MAPPED_IPV4 = "0000:0000:0000:0000:0000:ffff:";

/** One spelling per address: IPv4-mapped IPv6, which dual-stack listeners report, becomes IPv4. */
function normalize(address: string): string {
	const lower = address.toLowerCase();
	if (lower.startsWith("::ffff:") && isIP(lower.slice(7)) === 4) return lower.slice(7);
	if (!lower.startsWith(MAPPED_IPV4)) return lower;
	const [high = "", low = ""] = lower.slice(MAPPED_IPV4.length).split(":");
	const bytes = [high.slice(0, 2), high.slice(2), low.slice(0, 2), low.slice(2)];
	return bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
}
