// Which endpoints of a source may be called. A registry that is written to by others, or a name server that lies, must not make the gateway call
// what was never meant (server-side request forgery): the metadata service of a cloud above all.
import { BlockList, isIP } from "node:net";
import type { Endpoint } from "./endpoint-source.ts";

/** Link-local, with the metadata services of clouds; multicast and broadcast; "this" host. Nothing of it is a service. */
const NEVER: readonly (readonly [address: string, bits: number, family: "ipv4" | "ipv6"])[] = [
	["0.0.0.0", 8, "ipv4"],
	["169.254.0.0", 16, "ipv4"],
	["224.0.0.0", 3, "ipv4"],
	["fe80::", 10, "ipv6"],
	["fd00:ec2::254", 128, "ipv6"],
	["ff00::", 8, "ipv6"],
	["::", 128, "ipv6"],
];

/**
 * @param networks - addresses and CIDR ranges; with an empty list, all but those that are never called.
 * @param names - whether an endpoint may be a host name. The addresses behind it are not looked at.
 */
export function allowedNetworks(networks: readonly string[], names: boolean): (endpoint: Endpoint) => boolean {
	const never = new BlockList();
	for (const [address, bits, family] of NEVER) never.addSubnet(address, bits, family);
	const allowed = new BlockList();
	for (const network of networks) {
		const [address = "", bits] = network.split("/");
		const family = isIP(address) === 4 ? "ipv4" : "ipv6";
		allowed.addSubnet(address, bits === undefined ? (family === "ipv4" ? 32 : 128) : Number(bits), family);
	}
	return ({ host, port }) => {
		if (!Number.isInteger(port) || port < 1 || port > 65_535) return false;
		const version = isIP(host);
		if (version === 0) return names && /^[A-Za-z0-9._-]{1,253}$/.test(host);
		const family = version === 4 ? "ipv4" : "ipv6";
		return !never.check(host, family) && (networks.length === 0 || allowed.check(host, family));
	};
}
