// Addresses that belong to no public network: what a name that somebody else chose must not lead to (server-side request forgery).
import { BlockList, isIP } from "node:net";

/** IANA special-purpose registries, RFC 6890 and its successors. */
const RANGES: readonly (readonly [address: string, bits: number, family: "ipv4" | "ipv6"])[] = [
	["0.0.0.0", 8, "ipv4"],
	["10.0.0.0", 8, "ipv4"],
	["100.64.0.0", 10, "ipv4"],
	["127.0.0.0", 8, "ipv4"],
	["169.254.0.0", 16, "ipv4"],
	["172.16.0.0", 12, "ipv4"],
	["192.0.0.0", 24, "ipv4"],
	["192.168.0.0", 16, "ipv4"],
	["198.18.0.0", 15, "ipv4"],
	["224.0.0.0", 4, "ipv4"],
	["240.0.0.0", 4, "ipv4"],
	["::", 128, "ipv6"],
	["::1", 128, "ipv6"],
	// IPv4 within IPv6, by translation: the address behind it would have to be looked at again.
	["64:ff9b::", 96, "ipv6"],
	["64:ff9b:1::", 48, "ipv6"],
	["2002::", 16, "ipv6"],
	["fc00::", 7, "ipv6"],
	["fe80::", 10, "ipv6"],
	["ff00::", 8, "ipv6"],
];

const blocked = new BlockList();
for (const [address, bits, family] of RANGES) blocked.addSubnet(address, bits, family);

/** Whether an IP address is private, or no IP address at all. An IPv4 address that is mapped into IPv6 counts as what it is. */
export function isPrivateAddress(address: string): boolean {
	const version = isIP(address);
	return version === 0 || blocked.check(address, version === 4 ? "ipv4" : "ipv6");
}

/** @param hostname - as `URL` gives it, IPv6 in brackets. */
export function isLoopbackHost(hostname: string): boolean {
	return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
