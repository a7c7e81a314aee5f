// A proxy before a Redis that refuses commands in its place, swallows them, holds everything, or drops connections.
import net from "node:net";
import { until } from "./until.ts";

export interface HostileProxy {
	readonly port: number;
	readonly url: string;
	/** Connections that are open. */
	readonly connections: number;
	/**
	 * Commands by name, in lower case, that do not reach the server: what they are answered, or "" for nothing, ever, on that
	 * connection. An answer may overtake those of commands before it.
	 */
	readonly refused: Map<string, string>;
	/** How often a command was refused or swallowed. */
	readonly rejections: ReadonlyMap<string, number>;
	/** Nothing reaches the server any more, and nothing comes from it, until `release`. */
	hold(): void;
	release(): void;
	/** Ends all connections. */
	drop(): void;
	/** Resolves when a command was refused or swallowed so many times more. */
	untilRefused(command: string, times?: number): Promise<void>;
	close(): Promise<void>;
}

/** Starts one on a free port. @param port - of the Redis. */
export async function startHostileProxy(port: number): Promise<HostileProxy> {
	const sockets = new Set<net.Socket>();
	const refused = new Map<string, string>();
	const rejections = new Map<string, number>();
	let connections = 0;
	let isHeld = false;
	let held: (() => void)[] = [];
	const pass = (from: net.Socket, to: net.Socket, forward: (data: Buffer) => void) => {
		sockets.add(from);
		from.on("error", () => undefined);
		from.on("close", () => {
			sockets.delete(from);
			to.destroy();
		});
		from.on("data", (data) => {
			const go = () => forward(data);
			if (isHeld) held.push(go);
			else go();
		});
	};
	const server = net.createServer((client) => {
		const upstream = net.connect(port, "127.0.0.1");
		connections++;
		client.on("close", () => connections--);
		let isSilent = false;
		let rest: Buffer = Buffer.alloc(0);
		pass(upstream, client, (data) => client.write(data));
		pass(client, upstream, (data) => {
			rest = Buffer.concat([rest, data]);
			for (;;) {
				const length = commandLength(rest);
				if (length === 0) return;
				const command = rest.subarray(0, length);
				rest = rest.subarray(length);
				const name = nameOf(command);
				const reply = refused.get(name);
				if (reply !== undefined) rejections.set(name, (rejections.get(name) ?? 0) + 1);
				isSilent ||= reply === "";
				if (isSilent) continue;
				if (reply === undefined) upstream.write(command);
				else client.write(`${reply}\r\n`);
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port: own } = server.address() as net.AddressInfo;
	const drop = () => {
		for (const socket of sockets) socket.destroy();
	};
	return {
		port: own,
		url: `redis://127.0.0.1:${own}`,
		get connections() {
			return connections;
		},
		refused,
		rejections,
		hold: () => {
			isHeld = true;
		},
		release: () => {
			isHeld = false;
			const waiting = held;
			held = [];
			for (const go of waiting) go();
		},
		drop,
		untilRefused: async (command, times = 1) => {
			const before = rejections.get(command) ?? 0;
			await until(() => (rejections.get(command) ?? 0) >= before + times);
		},
		close: async () => {
			drop();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

const CRLF = "\r\n";

/** Of the first command of a client, which is an array of bulk strings; 0 while it is incomplete. */
function commandLength(data: Buffer): number {
	let at = data.indexOf(CRLF);
	if (at < 0) return 0;
	let strings = Number(data.toString("latin1", 1, at));
	at += CRLF.length;
	for (; strings > 0; strings--) {
		const end = data.indexOf(CRLF, at);
		if (end < 0) return 0;
		at = end + CRLF.length + Number(data.toString("latin1", at + 1, end)) + CRLF.length;
	}
	return at <= data.length ? at : 0;
}

function nameOf(command: Buffer): string {
	return command.toString("latin1").split(CRLF, 3)[2]?.toLowerCase() ?? "";
}
