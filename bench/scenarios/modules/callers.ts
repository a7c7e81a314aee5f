// Callers of the module, over WebSocket and over HTTP, at a steady rate; each answer is checked.
import { once } from "node:events";
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import WebSocket from "ws";

export interface CallFigures {
	calls: number;
	/** Calls that were due while as many were in flight as may be: on a machine that is too slow for the rate. */
	leftOut: number;
	/** Of `calls`. */
	perSecond: number;
	failed: number;
	/** Answered by another generation than the one on which it began, or by one that was replaced before it was sent. */
	wrong: number;
	/** The first failure, for people. */
	firstFailure: string;
}

interface Answer {
	readonly id: number;
	readonly began: number;
	readonly ended: number;
	readonly kept: number;
}

const STATE_LENGTH = 262_144;
const TICK_MS = 5;
const REQUEST_TIMEOUT_MS = 60_000;
const SOCKETS = 20;
/** In flight on one connection: the gateway takes 64, and a thread of a module 1,000 in all. */
const MAX_PER_SOCKET = 32;
/** In flight over HTTP, each on a connection of its own. */
const MAX_OVER_HTTP = 64;

export class Callers {
	readonly figures: CallFigures = { calls: 0, leftOut: 0, perSecond: 0, failed: 0, wrong: 0, firstFailure: "" };
	/** The version that serves for certain: a reload of it has been answered. */
	serving = 0;
	private readonly port: number;
	/** In turns: none is idle for so long that the gateway closes it while it is taken again. */
	private readonly agent = new Agent({ keepAlive: true, maxSockets: MAX_OVER_HTTP, scheduling: "fifo" });
	private readonly sockets: WebSocket[] = [];
	private readonly perSocket = new Int32Array(SOCKETS);
	private overHttpNow = 0;
	private startedMs = 0;
	private readonly waiting = new Map<number, { readonly since: number; readonly done: () => void }>();
	private nextId = 1;
	private timer: NodeJS.Timeout | undefined;
	private pending = 0;

	constructor(port: number) {
		this.port = port;
	}

	/** @param perSecond - calls in all, half of them over each. */
	async start(perSecond: number): Promise<void> {
		for (let index = 0; index < SOCKETS; index++) {
			const socket = new WebSocket(`ws://127.0.0.1:${this.port}/ws`, ["framegate.v1.json"]);
			await once(socket, "open");
			socket.on("message", (data: Buffer) => this.received(data.toString()));
			socket.on("close", (code) => {
				if (this.timer !== undefined) this.fail(`a connection was closed with ${code}`);
			});
			this.sockets.push(socket);
		}
		this.startedMs = performance.now();
		let asked = 0;
		this.timer = setInterval(() => {
			const due = ((performance.now() - this.startedMs) * perSecond) / 1000;
			for (; asked < due; asked++) {
				if (asked % 2 === 0) this.overSocket((asked / 2) % SOCKETS);
				else if (this.overHttpNow < MAX_OVER_HTTP) void this.overHttp();
				else this.figures.leftOut++;
			}
		}, TICK_MS);
	}

	/** Stops calling, and waits for what was called. */
	async stop(): Promise<void> {
		clearInterval(this.timer);
		this.timer = undefined;
		this.figures.perSecond = (this.figures.calls / (performance.now() - this.startedMs)) * 1000;
		const deadlineMs = performance.now() + 15_000;
		while (this.pending > 0 && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 20));
		this.figures.failed += this.pending;
		for (const socket of this.sockets) socket.close();
		this.agent.destroy();
	}

	private overSocket(index: number): void {
		if ((this.perSocket[index] as number) >= MAX_PER_SOCKET) {
			this.figures.leftOut++;
			return;
		}
		const id = this.begin();
		const since = this.serving;
		this.addTo(index, 1);
		const done = () => {
			this.pending--;
			this.addTo(index, -1);
		};
		this.waiting.set(id, { since, done });
		this.sockets[index]?.send(JSON.stringify({ protocol: 7001, seq: id, body: { id } }));
	}

	private received(frame: string): void {
		const { seq, code, error, body } = JSON.parse(frame) as {
			seq: number;
			code?: string;
			error?: object;
			body?: Answer;
		};
		const call = this.waiting.get(seq);
		if (call === undefined) return;
		this.waiting.delete(seq);
		call.done();
		if (body === undefined) this.fail(`${code}: ${JSON.stringify(error)}`);
		else this.check(seq, call.since, body);
	}

	private async overHttp(): Promise<void> {
		const id = this.begin();
		const since = this.serving;
		this.overHttpNow++;
		try {
			const { status, body } = await post(this.port, "/shop/work", { id }, this.agent);
			if (status === 200) this.check(id, since, (JSON.parse(body) as { data: Answer }).data);
			else this.fail(body);
		} catch (error) {
			this.fail(String(error));
		}
		this.overHttpNow--;
		this.pending--;
	}

	private addTo(index: number, count: number): void {
		this.perSocket[index] = (this.perSocket[index] as number) + count;
	}

	private begin(): number {
		this.figures.calls++;
		this.pending++;
		return this.nextId++;
	}

	private check(id: number, since: number, { id: answered, began, ended, kept }: Answer): void {
		if (answered === id && began === ended && began >= since && kept === STATE_LENGTH) return;
		this.figures.wrong++;
		this.figures.firstFailure ||= `call ${id}, sent when ${since} served, began on ${began}, ended on ${ended}`;
	}

	private fail(text: string): void {
		this.figures.failed++;
		this.figures.firstFailure ||= text;
	}
}

/** One request over HTTP. @param agent - whose connections it takes; by default it has one of its own. */
export function post(
	port: number,
	path: string,
	content: object,
	agent: Agent | false = false,
): Promise<{ readonly status: number; readonly body: string }> {
	return new Promise((resolve, reject) => {
		const headers = { "content-type": "application/json" };
		const options = { agent, host: "127.0.0.1", port, path, method: "POST", headers, timeout: REQUEST_TIMEOUT_MS };
		const sent = request(options, (response) => {
			text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
		});
		sent.on("timeout", () => sent.destroy(new Error(`${path} was not answered within ${REQUEST_TIMEOUT_MS} ms`)));
		sent.on("error", reject);
		sent.end(JSON.stringify(content));
	});
}
