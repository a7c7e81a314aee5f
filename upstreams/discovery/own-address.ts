// The address at which others reach this machine: the one from which it would send to the discovery server. Nothing is sent.
import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import type { ServerAddress } from "./server-address.ts";

const WITHIN_MS = 2_000;

/** @returns an IP address; that of any interface, or the loopback one, where there is no way to the server. */
export async function ownAddress({ host, port }: ServerAddress): Promise<string> {
	for (const family of isIPv6(host) ? (["udp6"] as const) : (["udp4", "udp6"] as const)) {
		const address = await routeTo(family, host, port).catch(() => undefined);
		if (address !== undefined) return address;
	}
	const others = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
	return others.find(({ internal, family }) => !internal && family === "IPv4")?.address ?? "127.0.0.1";
}

function routeTo(family: "udp4" | "udp6", host: string, port: number): Promise<string> {
	const socket = createSocket(family);
	return new Promise<string>((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error("no answer of the name service")), WITHIN_MS);
		socket.once("error", reject);
		// Connecting a datagram socket only asks the system for the route (connect(2)).
		socket.connect(port, host, () => {
			clearTimeout(timer);
			resolve(socket.address().address);
		});
	}).finally(() => socket.close());
}
