// Times round trips to the process of `echo.ts`, at the pace of a bystander.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { tiedFork } from "../../../test/support/tied-process.ts";
import { Samples } from "./samples-in-time.ts";

const EVERY_MS = 20;

export class Control {
	readonly samples = new Samples();
	private readonly child: ChildProcess;
	private readonly socket: Socket;
	private readonly timer: NodeJS.Timeout;
	private readonly sentAtMs: number[] = [];

	private constructor(child: ChildProcess, socket: Socket) {
		this.child = child;
		this.socket = socket;
		socket.on("error", () => {});
		// A byte comes back for each that was sent, in order.
		socket.on("data", (chunk) => {
			for (let count = 0; count < chunk.length; count++) this.samples.add(this.sentAtMs.shift() ?? performance.now());
		});
		this.timer = setInterval(() => {
			this.sentAtMs.push(performance.now());
			socket.write("x");
		}, EVERY_MS);
	}

	static async start(): Promise<Control> {
		const child = fork(fileURLToPath(new URL("echo.ts", import.meta.url)), tiedFork());
		const [port] = (await once(child, "message")) as [number];
		const socket = connect({ port, host: "127.0.0.1", noDelay: true });
		await once(socket, "connect");
		return new Control(child, socket);
	}

	end(): void {
		clearInterval(this.timer);
		this.socket.destroy();
		this.child.kill("SIGKILL");
	}
}
