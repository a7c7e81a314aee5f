// A proxy before a Redis that does something to one command on its way: what a network does, at the moment a test wants it.
import net from "node:net";

export const Mishap = {
	/** It arrives, its reply does not: the connection breaks. */
	LOSE_REPLY: "lose reply",
	/** It does not arrive: the connection breaks. */
	LOSE_COMMAND: "lose command",
	/** It arrives when `release` is called, and what its connection sends after it then as well. */
	HOLD: "hold",
} as const;
export type Mishap = (typeof Mishap)[keyof typeof Mishap];

export interface LossyProxy {
	readonly url: string;
	/** What happens to the next script; a text that begins with "-" is answered in the server's place. */
	mishap: Mishap | `-${string}` | undefined;
	/** Scripts that came by, of those that count. */
	readonly scripts: number;
	release(): void;
	close(): Promise<void>;
}

/**
 * Starts one on a free port.
 *
 * @param port - of the Redis.
 * @param key - only scripts that name it count.
 */
export async function startProxy(port: number, key = ""): Promise<LossyProxy> {
	const sockets = new Set<net.Socket>();
	const held: (() => void)[] = [];
	let scripts = 0;
	const server = net.createServer((client) => {
		const upstream = net.connect(port, "127.0.0.1");
		for (const socket of [client, upstream]) {
			sockets.add(socket);
			socket.on("error", () => undefined);
			socket.on("close", () => {
				sockets.delete(socket);
				// What was held stays on its way, as it would in a network.
				if (socket === upstream || held.length === 0) (socket === client ? upstream : client).destroy();
			});
		}
		let losesReply = false;
		let isHeld = false;
		upstream.on("data", (data) => {
			if (losesReply) client.destroy();
			else client.write(data);
		});
		client.on("data", (data) => {
			const text = data.toString("latin1");
			const isScript = text.includes("evalsha") && text.includes(key);
			if (isScript) scripts++;
			const mishap = isScript ? proxy.mishap : undefined;
			if (isScript) proxy.mishap = undefined;
			if (mishap === Mishap.LOSE_COMMAND) client.destroy();
			else if (isHeld || mishap === Mishap.HOLD) {
				isHeld = true;
				held.push(() => {
					isHeld = false;
					upstream.write(data);
				});
			} else if (mishap?.startsWith("-")) client.write(`${mishap}\r\n`);
			else {
				losesReply = mishap === Mishap.LOSE_REPLY;
				upstream.write(data);
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const proxy: LossyProxy = {
		url: `redis://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
		mishap: undefined,
		get scripts() {
			return scripts;
		},
		release() {
			for (const go of held.splice(0)) go();
		},
		async close() {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	return proxy;
}
