// Starts services of `program.ts` as processes, and makes them slow, failing, silent or gone.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import "../file-end.ts";
import { tied } from "../tied-process.ts";
import type { Behaviour } from "./program.ts";

const PROGRAM = fileURLToPath(new URL("program.ts", import.meta.url));
/** Its definitions. */
export const ORDERS_PROTO = fileURLToPath(new URL("orders.proto", import.meta.url));

interface Report {
	readonly port?: number;
	readonly behaves?: true;
	readonly cancelled?: number;
	readonly figures?: UpstreamFigures;
}

export interface UpstreamFigures {
	readonly calls: number;
	readonly streams: number;
}

/** PEM texts. */
export interface UpstreamTls {
	readonly ca: string;
	readonly cert: string;
	readonly key: string;
}

export interface UpstreamProcess {
	readonly name: string;
	readonly port: number;
	/** `127.0.0.1:port` */
	readonly address: string;
	/** Resolves when it behaves so. */
	behave(behaviour: Behaviour): Promise<void>;
	/** What it has answered. */
	figures(): Promise<UpstreamFigures>;
	/** Messages that the next cancelled stream had sent. */
	cancelled(): Promise<number>;
	signal(signal: NodeJS.Signals): void;
	stop(): Promise<void>;
}

export async function startUpstream(name: string, port = 0, tls?: UpstreamTls): Promise<UpstreamProcess> {
	const args = [PROGRAM, name, String(port), tls === undefined ? "" : JSON.stringify(tls)];
	const child = spawn(...tied(process.execPath, args), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
	const exited = once(child, "exit");
	const bound = (await report(child, exited, ({ port: of }) => of)) as number;
	return {
		name,
		port: bound,
		address: `127.0.0.1:${bound}`,
		behave: async (behaviour) => {
			child.send(behaviour);
			await report(child, exited, ({ behaves }) => behaves);
		},
		figures: async () => {
			child.send("figures");
			return await report(child, exited, ({ figures }) => figures);
		},
		cancelled: () => report(child, exited, ({ cancelled }) => cancelled),
		signal: (signal) => void child.kill(signal),
		stop: async () => {
			child.kill("SIGKILL");
			await exited;
		},
	};
}

/** The next report that has what is looked for. */
function report<Value>(
	child: ChildProcess,
	exited: Promise<unknown>,
	read: (report: Report) => Value | undefined,
): Promise<Value> {
	return new Promise((resolve, reject) => {
		const onMessage = (message: unknown) => {
			const value = read(message as Report);
			if (value === undefined) return;
			child.off("message", onMessage);
			resolve(value);
		};
		child.on("message", onMessage);
		void exited.then(() => reject(new Error("the upstream has ended")));
	});
}
