// Which endpoints of a source may be called. A registry that is written to by others, or a name server that lies, must not make the gateway call
// what was never meant (server-side request forgery): the metadata service of a cloud above all.
import { BlockList, isIP } from "node:net";
import { unusableAddresses } from "../common/unusable-addresses.ts";
import type { Endpoint } from "./endpoint-source.ts";

/**
 * @param networks - addresses and CIDR ranges; with an empty list, all but those that are never called.
 * @param names - whether an endpoint may be a host name. The addresses behind it are not looked at.
 */
export function allowedNetworks(networks: readonly string[], names: boolean): (endpoint: Endpoint) => boolean {
	const never = unusableAddresses();
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
