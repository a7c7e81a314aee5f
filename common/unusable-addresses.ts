// Addresses that no service has: what a registry or a name server that lies must not make the gateway call (server-side request
// forgery).
import { BlockList } from "node:net";

const RANGES: readonly (readonly [address: string, bits: number, family: "ipv4" | "ipv6"])[] = [
	// "This" network, link-local, groups, and what is reserved.
	["0.0.0.0", 8, "ipv4"],
	["169.254.0.0", 16, "ipv4"],
	["224.0.0.0", 3, "ipv4"],
	["::", 128, "ipv6"],
	["fe80::", 10, "ipv6"],
	["ff00::", 8, "ipv6"],
	// Where clouds keep metadata and credentials outside of link-local: Alibaba, Oracle, Azure, Amazon, Google.
	["100.100.100.200", 32, "ipv4"],
	["192.0.0.192", 32, "ipv4"],
	["168.63.129.16", 32, "ipv4"],
	["fd00:ec2::", 32, "ipv6"],
	["fd20:ce::254", 128, "ipv6"],
	// Link-local, by translation (RFC 6052).
	["64:ff9b::a9fe:0", 112, "ipv6"],
];

/** IPv4 addresses that are mapped into IPv6 count as what they are. */
export function unusableAddresses(): BlockList {
	const list = new BlockList();
	for (const [address, bits, family] of RANGES) list.addSubnet(address, bits, family);
	return list;
}
