// Inputs over real sockets on a real gateway process: raw HTTP and raw WebSocket frames, with a bystander beside them.
import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { WireClient } from "../support/wire-client.ts";
import { BinaryFrames } from "./binary-frames.ts";
import { Bystander } from "./bystander.ts";
import { FrameInputs } from "./frame-inputs.ts";
import { httpInput } from "./http-inputs.ts";
import { JsonFrames } from "./json-frames.ts";
import { Plans } from "./message-plan.ts";
import { Random } from "./random.ts";
import { sendFrames, sendHttp } from "./raw-inputs.ts";
import { type Range, smallestRange } from "./smallest.ts";

export const PROCESS_TARGETS = ["frames", "http"] as const;
export type ProcessTarget = (typeof PROCESS_TARGETS)[number];

export interface ProcessRunOptions {
	readonly target: ProcessTarget;
	readonly seed: number;
	readonly inputs: number;
	/** Index of the first connection. */
	readonly from: number;
	/** Index of the last connection; as many as the inputs take unless given. */
	readonly last?: number;
	/** Of a bystander's heartbeat. */
	readonly maxLatencyMs: number;
}

const SIDE_BY_SIDE = 64;
/** Connections begun last: one that has ended may have left behind what stopped the gateway. */
const SUSPECTS = 256;
const MAX_PROBLEMS = 5;
/** This share of the inputs is the warm-up. */
const WARM_UP = 0.2;
/** A gateway that drains; one that is blocked does not. */
const ENDS_WITHIN_MS = 5000;
const dist = fileURLToPath(new URL("../../dist/framegate.js", import.meta.url));
/** What is logged then, and looked through in the end, are errors alone. */
const ENVIRONMENT = { ...UNLIMITED, FRAMEGATE_LOG_LEVEL: "error" };

interface Attempt {
	readonly problems: readonly string[];
	/** Connections that were open when the gateway ended, or made a bystander wait. */
	readonly suspects: Range | undefined;
}

/** @returns problems, narrowed down to as few connections as still cause them. */
export async function runProcess(options: ProcessRunOptions): Promise<readonly string[]> {
	const { problems, suspects } = await attempt(options);
	if (suspects === undefined) return problems;
	console.log(`  ${options.target}: looking which of connections ${suspects.first} to ${suspects.last} did it`);
	const small = await smallestRange(suspects, async ({ first, last }) => {
		return (await attempt({ ...options, from: first, last })).suspects !== undefined;
	});
	const { first, last } = small ?? suspects;
	const again = `--replay ${options.target}:${options.seed}:${first}-${last}`;
	return [...problems, small === undefined ? `it did not happen again with ${again}` : `again: ${again}`];
}

async function attempt(options: ProcessRunOptions): Promise<Attempt> {
	const gateway = await startGateway({ env: ENVIRONMENT, ...(existsSync(dist) ? { entry: dist } : {}) });
	try {
		return await feed(gateway, options);
	} finally {
		const end = new AbortController();
		const stuck = setTimeout(ENDS_WITHIN_MS, undefined, { signal: end.signal });
		await Promise.race([gateway.stop(), stuck]);
		await gateway.kill9();
		end.abort();
		await stuck.catch(() => {});
	}
}

async function feed(gateway: GatewayProcess, options: ProcessRunOptions): Promise<Attempt> {
	const { target, seed, from } = options;
	const { last: end = Number.MAX_SAFE_INTEGER } = options;
	const inputs = options.last === undefined ? options.inputs : Number.MAX_SAFE_INTEGER;
	const { client, send } = await sender(gateway, options);
	let [next, done, isWarm, isDead] = [from, 0, false, false];
	const found: { suspects: Range | undefined } = { suspects: undefined };
	const suspect = () => {
		found.suspects ??= { first: Math.max(from, next - SUSPECTS), last: next - 1 };
	};
	// The connections of a gateway that ends are refused from then on: none of the later ones did it.
	gateway.process.once("exit", () => {
		isDead = true;
		suspect();
	});
	const bystander = await Bystander.open(gateway, { maxLatencyMs: options.maxLatencyMs, onWrong: suspect });
	const problems: string[] = [];
	const startMs = performance.now();
	const work = async () => {
		while (done < inputs && next <= end && problems.length < MAX_PROBLEMS && !isDead) {
			const index = next++;
			try {
				// Others go on meanwhile: added up only afterwards.
				const sent = await send(index);
				done += sent;
			} catch (error) {
				problems.push(`${String(error)}; again: --replay ${target}:${seed}:${index}`);
			}
			if (isWarm || done < inputs * WARM_UP) continue;
			isWarm = true;
			bystander.warm();
		}
	};
	await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, inputs) }, work));
	const seconds = (performance.now() - startMs) / 1000;
	const rate = Math.round(done / seconds);
	console.log(`${target}: ${done} inputs on ${next - from} connections in ${seconds.toFixed(1)} s, ${rate}/s`);
	// What refuses connections may be about to end.
	if (problems.length > 0) await Promise.race([gateway.exited, setTimeout(1000)]);
	const judged = await bystander.judge();
	if (judged.length === 0) await client.close().catch(() => {});
	// What connections met then is what one of them did to all.
	const met = found.suspects === undefined ? problems.slice(0, MAX_PROBLEMS) : [];
	return { problems: [...met, ...judged], suspects: found.suspects };
}

async function sender(gateway: GatewayProcess, { target, seed }: ProcessRunOptions) {
	const { client, login } = await WireClient.member(gateway.url, "sender");
	const token = login.tokens?.accessToken ?? "";
	const known = { accessToken: [token], userId: [login.user?.id ?? ""] };
	const plans = new Plans();
	const anything = new Random(0, 0);
	const frames = new FrameInputs(new BinaryFrames(plans, known, anything), new JsonFrames(plans, known, anything));
	const send = (index: number): Promise<number> => {
		const random = new Random(seed, index);
		if (target === "http") return sendHttp(gateway.port, httpInput(random));
		const sending = { port: gateway.port, token: random.oneIn(4) ? "" : token, atOnce: random.oneIn(2) };
		return sendFrames(frames.next(random), sending);
	};
	return { client, send };
}
