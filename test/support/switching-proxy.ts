// A TCP address that leads to one server, and later to another one, as that of a database that fails over: connections that stand
// stay where they are.
import net from "node:net";

export interface SwitchingProxy {
	readonly port: number;
	/** New connections go there. */
	switchTo(port: number): void;
	close(): Promise<void>;
}

/** Starts one on a free port. @param port - where connections go at first. */
export async function startSwitchingProxy(port: number): Promise<SwitchingProxy> {
	let target = port;
	const sockets = new Set<net.Socket>();
	const server = net.createServer((client) => {
		const upstream = net.connect(target, "127.0.0.1");
		for (const [one, other] of [
			[client, upstream],
			[upstream, client],
		] as const) {
			sockets.add(one);
			one.on("error", () => undefined);
			one.on("close", () => {
				sockets.delete(one);
				other.destroy();
			});
			one.pipe(other);
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		port: (server.address() as net.AddressInfo).port,
		switchTo: (next) => {
			target = next;
		},
		close: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
