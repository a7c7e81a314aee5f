// Inputs over real sockets on a real gateway process: raw HTTP and raw WebSocket frames, with a bystander beside them.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CloseCode } from "../../protocol/codes.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { startGateway } from "../support/gateway.ts";
import { WireClient } from "../support/wire-client.ts";
import { BinaryFrames } from "./binary-frames.ts";
import { Bystander } from "./bystander.ts";
import { ECHOED_CODES, FrameInputs } from "./frame-inputs.ts";
import { httpInput } from "./http-inputs.ts";
import { JsonFrames } from "./json-frames.ts";
import { Plans } from "./message-plan.ts";
import { Random } from "./random.ts";
import { RawSocket } from "./raw-socket.ts";

export const PROCESS_TARGETS = ["frames", "http"] as const;
export type ProcessTarget = (typeof PROCESS_TARGETS)[number];

export interface ProcessRunOptions {
	readonly target: ProcessTarget;
	readonly seed: number;
	readonly inputs: number;
	/** Index of the first connection. */
	readonly from: number;
	/** Of a bystander's heartbeat. */
	readonly maxLatencyMs: number;
}

const SIDE_BY_SIDE = 32;
/** Of a connection whose client has said that it is done. */
const CLOSED_WITHIN_MS = 10_000;
/** How long a reply is waited for; an input that is half a request has none. */
const REPLY_WITHIN_MS = 20;
const MAX_PROBLEMS = 5;
/** This share of the inputs is the warm-up. */
const WARM_UP = 0.2;
const OPCODES = new Set([1, 2, 8, 9, 10]);
/** RFC 6455 sections 5.5.1 and 7.4.1: what the client has said, and what the transport itself says. */
const closeCodes = new Set<number>([
	1000,
	1001,
	1002,
	1005,
	1006,
	1007,
	1009,
	...ECHOED_CODES,
	...Object.values(CloseCode),
]);
const dist = fileURLToPath(new URL("../../dist/framegate.js", import.meta.url));

export async function runProcess(options: ProcessRunOptions): Promise<readonly string[]> {
	const { target, seed, inputs, from } = options;
	const gateway = await startGateway({ env: UNLIMITED, ...(existsSync(dist) ? { entry: dist } : {}) });
	const problems: string[] = [];
	try {
		const { client, login } = await WireClient.member(gateway.url, "sender");
		const bystander = await Bystander.open(gateway);
		const token = login.tokens?.accessToken ?? "";
		const known = { accessToken: [token], userId: [login.user?.id ?? ""] };
		const plans = new Plans();
		const anything = new Random(0, 0);
		const frames = new FrameInputs(new BinaryFrames(plans, known, anything), new JsonFrames(plans, known, anything));
		const startMs = performance.now();
		let [next, done, isWarm] = [from, 0, false];
		const send = (index: number) => {
			const random = new Random(seed, index);
			if (target === "http") return sendHttp(gateway.port, httpInput(random));
			return sendFrames(gateway.port, random.oneIn(4) ? "" : token, frames.next(random));
		};
		const work = async () => {
			while (done < inputs && problems.length < MAX_PROBLEMS && gateway.process.exitCode === null) {
				const index = next++;
				try {
					// Others go on meanwhile: added up only afterwards.
					const sent = await send(index);
					done += sent;
				} catch (error) {
					problems.push(`${String(error)}; again: --target ${target} --seed ${seed} --from ${index} --inputs 1`);
				}
				if (isWarm || done < inputs * WARM_UP) continue;
				isWarm = true;
				bystander.warm();
			}
		};
		await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, inputs) }, work));
		const seconds = (performance.now() - startMs) / 1000;
		console.log(
			`${target}: ${done} inputs on ${next - from} connections in ${seconds.toFixed(1)} s, ${Math.round(done / seconds)}/s`,
		);
		problems.push(...(await bystander.judge(options.maxLatencyMs)));
		await client.close().catch(() => {});
	} finally {
		await gateway.stop();
	}
	return problems;
}

async function sendHttp(port: number, bytes: Uint8Array): Promise<number> {
	const raw = await RawSocket.connect(port);
	raw.within(CLOSED_WITHIN_MS, "to be closed");
	raw.write(bytes);
	const head = raw.head();
	await Promise.race([head, new Promise((resolve) => setTimeout(resolve, REPLY_WITHIN_MS))]);
	raw.socket.end();
	const reply = await head;
	await raw.closed;
	if (reply !== "" && !/^HTTP\/1\.1 (10[01]|2\d\d|4\d\d|50[135]) /.test(reply)) {
		throw new Error(`an HTTP request was answered by ${JSON.stringify(reply.slice(0, 200))}`);
	}
	return 1;
}

async function sendFrames(port: number, token: string, frames: readonly Uint8Array[]): Promise<number> {
	const raw = await RawSocket.open(port, token === "" ? "/ws" : `/ws?token=${token}`);
	raw.within(CLOSED_WITHIN_MS, "to be closed");
	for (const bytes of frames) raw.write(bytes);
	raw.socket.end();
	for (;;) {
		const got = await raw.frame();
		if (got === undefined) break;
		if (!OPCODES.has(got.opcode)) throw new Error(`a frame came with opcode ${got.opcode}`);
		if (got.opcode !== 8 || got.payload.length < 2) continue;
		const code = got.payload.readUInt16BE();
		if (!closeCodes.has(code)) throw new Error(`closed with ${code}, which is in no table`);
	}
	await raw.closed;
	return frames.length;
}
