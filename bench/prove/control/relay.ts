// Between one client of the control and its nodes: connects each time to the next node, as a load balancer would, and
// loses connections in the ways in which clients lose theirs (`Link.lose`).
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { type Loss, SILENCE_MS } from "../link.ts";

interface Pair {
	readonly client: Socket;
	readonly node: Socket;
}

export class Relay {
	private readonly server: Server;
	private readonly ports: readonly number[];
	private next: number;
	private readonly pairs = new Set<Pair>();

	private constructor(ports: readonly number[], first: number) {
		this.ports = ports;
		this.next = first;
		this.server = createServer({ noDelay: true }, (client) => this.join(client));
	}

	/** @param first - of the ports, which the first connection goes to. */
	static async open(ports: readonly number[], first = 0): Promise<Relay> {
		const relay = new Relay(ports, first);
		await new Promise<void>((resolve, reject) => {
			relay.server.once("error", reject);
			relay.server.listen(0, "127.0.0.1", resolve);
		});
		return relay;
	}

	get port(): number {
		return (this.server.address() as AddressInfo).port;
	}

	/** The client sees its connection lost at once, its node as the loss has it. */
	cut(loss: Loss): void {
		for (const pair of this.pairs) {
			this.pairs.delete(pair);
			pair.client.unpipe();
			pair.node.unpipe();
			pair.client.resetAndDestroy();
			if (loss === "silent") {
				pair.node.pause();
				setTimeout(() => pair.node.destroy(), SILENCE_MS);
			} else if (loss === "reset") {
				pair.node.resetAndDestroy();
			} else {
				pair.node.destroy();
			}
		}
	}

	end(): void {
		this.server.close();
		this.cut("closed");
	}

	private join(client: Socket): void {
		const port = this.ports[this.next++ % this.ports.length] as number;
		const node = connect({ host: "127.0.0.1", port, noDelay: true });
		const pair = { client, node };
		this.pairs.add(pair);
		// What one side loses, the other loses, unless they were parted by `cut`.
		const part = (): void => {
			if (!this.pairs.delete(pair)) return;
			client.destroy();
			node.destroy();
		};
		for (const socket of [client, node]) socket.on("error", () => {}).on("close", part);
		client.pipe(node);
		node.pipe(client);
	}
}
