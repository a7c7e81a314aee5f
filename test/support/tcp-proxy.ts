// A TCP address that leads to a server. It can be cut: what stands breaks, and what comes is refused, until it is restored. It can lead to
// another server, as that of a database that fails over: connections that stand stay where they are.
import net from "node:net";

export interface TcpProxy {
	readonly port: number;
	cut(): Promise<void>;
	restore(): Promise<void>;
	/** New connections go there. */
	switchTo(port: number): void;
	close(): Promise<void>;
}

/** Starts one on a free port. @param first - the server's port. */
export async function startTcpProxy(first: number): Promise<TcpProxy> {
	let target = first;
	const sockets = new Set<net.Socket>();
	const open = async (port: number): Promise<net.Server> => {
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
		await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
		return server;
	};
	let server: net.Server | undefined = await open(0);
	const { port } = server.address() as net.AddressInfo;
	const cut = async () => {
		const closing = server;
		server = undefined;
		const closed = new Promise((resolve) => (closing === undefined ? resolve(undefined) : closing.close(resolve)));
		for (const socket of sockets) socket.destroy();
		await closed;
	};
	return {
		port,
		cut,
		restore: async () => {
			server = await open(port);
		},
		switchTo: (next) => {
			target = next;
		},
		close: cut,
	};
}
