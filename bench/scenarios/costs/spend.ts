// Spends the tokens of a fresh connection on one kind of request, and says what CPU time that took of the server.
import type { AnyRouteContract } from "../../../protocol/contract.ts";
import { EnvelopeWriter } from "../../../protocol/envelope.ts";
import { RawPeer } from "../../../test/security/raw-peer.ts";
import { pause } from "../../scenario.ts";
import type { ServerProcess } from "../../servers/server-process.ts";

export const ENCODINGS = ["protobuf", "json"] as const;
export type CostEncoding = (typeof ENCODINGS)[number];

/** What each connection may spend: `rates.connection.burst`, as it is by default. Next to nothing comes after that. */
export const BURST = 200;
/** For the token at the upgrade, and for the request whose reply marks the end. */
const OPENING_TOKENS = 5;
const OUTSTANDING = 4;
/** For what a request leaves to be done after its reply, such as first data. */
const SETTLE_MS = 100;
/** A message over the bytes that a connection may send is answered without its seq, as it is not read. */
const REPLY_WITHIN_MS = 1000;
/** Requests that no bucket ends are ended by time. */
const MAX_MS = 4000;

export interface Spending {
	readonly cpuMsPerToken: number;
	readonly cpuMsPerCall: number;
	readonly calls: number;
	/** Names of the codes that calls were answered with. */
	readonly codes: readonly string[];
}

export interface SpendOptions {
	readonly server: ServerProcess;
	readonly token: string;
	readonly contract: AnyRouteContract;
	/** The request of this number: where a repeat would be answered from memory, each is another one. */
	readonly request: (index: number) => object;
	/** Asked once before anything is measured. */
	readonly before: { readonly contract: AnyRouteContract; readonly request: object } | undefined;
	readonly encoding: CostEncoding;
	/** What the server uses without clients, in µs of CPU for each ms. */
	readonly idleUsPerMs: number;
}

/** @throws Error when the connection cannot be opened. */
export async function spend(options: SpendOptions): Promise<Spending> {
	const { server, contract, before, encoding } = options;
	const peer = await RawPeer.open(`ws://127.0.0.1:${server.port}/ws`, options.token);
	if (before !== undefined) await asker(peer, before.contract, () => before.request, encoding)();
	const ask = asker(peer, contract, options.request, encoding);
	const codes = new Map<string, number>();
	const [startMs, startUs] = [performance.now(), server.threadsUs()];
	let isSpent = false;
	const lane = async (): Promise<void> => {
		while (!isSpent && performance.now() - startMs < MAX_MS) {
			// A connection that was closed has spent all it may.
			const code = await within(REPLY_WITHIN_MS, ask()).catch(() => "CLOSED");
			if (code === "RATE_LIMITED" || code === "CLOSED") isSpent = true;
			else codes.set(code, (codes.get(code) ?? 0) + 1);
		}
	};
	await Promise.all(Array.from({ length: OUTSTANDING }, lane));
	await pause(SETTLE_MS);
	const elapsedMs = performance.now() - startMs;
	const cpuMs = (server.threadsUs() - startUs - options.idleUsPerMs * elapsedMs) / 1000;
	peer.close();
	const calls = [...codes.values()].reduce((sum, count) => sum + count, 0);
	return {
		// Some routes take more than their cost, by what they reach; some are bounded by a budget besides, and end earlier.
		cpuMsPerToken: cpuMs / tokensOf(calls, contract.cost, isSpent),
		cpuMsPerCall: cpuMs / Math.max(1, calls),
		calls,
		codes: [...codes.keys()],
	};
}

async function within(ms: number, reply: Promise<string>): Promise<string> {
	const timeout = AbortSignal.timeout(ms);
	const late = new Promise<never>((_, reject) => {
		timeout.addEventListener("abort", () => reject(timeout.reason), { once: true });
	});
	return await Promise.race([reply, late]);
}

/** The tokens that a connection has spent: all of them, unless another limit stopped it first. */
function tokensOf(calls: number, cost: number, isSpent: boolean): number {
	const atLeast = Math.max(1, calls) * cost;
	const isBucket = isSpent && atLeast * 20 > BURST;
	return isBucket ? Math.max(atLeast, BURST - OPENING_TOKENS) : atLeast;
}

function asker(
	peer: RawPeer,
	{ number, request: type }: AnyRouteContract,
	request: (index: number) => object,
	encoding: CostEncoding,
): () => Promise<string> {
	let index = 0;
	if (encoding === "json") return async () => (await peer.askJson(number, jsonOf(request(index++)))).code;
	return async () => (await peer.ask(number, type.encode(request(index++)).finish())).code;
}

/** Bytes of the frame that carries a request. */
export function frameBytes(
	{ number, request: type }: AnyRouteContract,
	request: object,
	encoding: CostEncoding,
): number {
	if (encoding === "protobuf") return new EnvelopeWriter().request(number, 1, type, request, "").length;
	return Buffer.byteLength(JSON.stringify({ protocol: number, seq: 1_000_000, body: jsonOf(request) }));
}

/** As ProtoJSON has it: bytes in base64, everything else as it is. */
function jsonOf(value: unknown): unknown {
	if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
	if (Array.isArray(value)) return value.map(jsonOf);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonOf(member)]));
}
