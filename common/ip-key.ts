// What counts as one address when attempts are limited by address.
import net from "node:net";

/**
 * The address itself for IPv4; the /64 network for IPv6, since a host that has one address there has all of them
 * (RFC 6177). An IPv4 address in IPv6 clothing (`::ffff:192.0.2.1`, or in hexadecimal) is the IPv4 address. Anything
 * else comes back as it is.
 */
export function ipKey(ip: string): string {
	const zone = ip.indexOf("%");
	const address = zone < 0 ? ip : ip.slice(0, zone);
	// Looked at first, as it is asked several times for each HTTP request: without a colon it is no IPv6 address.
	if (!address.includes(":") || !net.isIPv6(address)) return address;
	const groups = expand(address);
	if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
		const [high, low] = [groups[6] as number, groups[7] as number];
		return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
	}
	return `${groups
		.slice(0, 4)
		.map((group) => group.toString(16))
		.join(":")}::/64`;
}

function expand(address: string): number[] {
	const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
	let text = address;
	if (dotted) {
		const [a, b, c, d] = dotted.slice(2).map(Number) as [number, number, number, number];
		text = `${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
	}
	const [head = "", tail] = text.split("::");
	const left = parseGroups(head);
	if (tail === undefined) return left;
	const right = parseGroups(tail);
	return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function parseGroups(text: string): number[] {
	return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
