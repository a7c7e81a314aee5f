// One connection with what is sent on it: made from a seed and an index, or read from a file of the corpus.
import { BinaryFrames } from "./binary-frames.ts";
import { JsonFrames } from "./json-frames.ts";
import { Plans } from "./message-plan.ts";
import { Random } from "./random.ts";
import type { Known } from "./sound-values.ts";

/** What is fuzzed within a process. */
export const TARGETS = ["envelope", "json"] as const;
export type Target = (typeof TARGETS)[number];

export const MESSAGES_PER_CASE = 64;

export interface FuzzCase {
	/** How to make it again, or the name of its file. */
	readonly name: string;
	/** Logs in before the first message. */
	readonly isMember: boolean;
	/** The list that the client offers. */
	readonly subProtocol: string;
	/** Not "": as a browser. */
	readonly origin: string;
	/** Goes on sending after the gateway began to close. */
	readonly lingers: boolean;
	/** Reads nothing until it has sent everything. */
	readonly isSlow: boolean;
	readonly frames: readonly (Uint8Array | string)[];
}

export class CaseMaker {
	private readonly plans = new Plans();

	/** Cases that name what is there. */
	with(known: Known): (target: Target, seed: number, index: number) => FuzzCase {
		const anything = new Random(0, 0);
		const binary = new BinaryFrames(this.plans, known, anything);
		const json = new JsonFrames(this.plans, known, anything);
		return (target, seed, index) => {
			const random = new Random(seed, index);
			const isMixed = random.oneIn(8);
			const dialect = target === "envelope" ? "binary" : random.oneIn(3) ? "older" : "json";
			const isMember = !random.oneIn(5);
			const subProtocol = random.pick(["", "framegate.v1", "framegate.v1.json", "soap, framegate.v1"]);
			const frames = Array.from({ length: MESSAGES_PER_CASE }, (_, at) => {
				const speaks = isMixed ? random.pick(["binary", "json", "older"]) : dialect;
				// Few numbers where encodings meet, so that they meet in numbers as well.
				const seq = isMixed ? 1 + random.below(6) : at + 1;
				if (speaks === "binary") return binary.next(random, seq);
				return speaks === "json" ? json.envelope(random, seq) : json.older(random, seq);
			});
			return {
				name: `${target}:${seed}:${index}`,
				isMember,
				subProtocol,
				origin: random.oneIn(4) ? "https://fuzz.example" : "",
				lingers: random.oneIn(4),
				isSlow: random.oneIn(32),
				frames,
			};
		};
	}
}

/** As it is written into files. */
export function caseToJson(fuzzCase: FuzzCase): string {
	const frames = fuzzCase.frames.map((frame) => {
		return typeof frame === "string" ? { text: frame } : { hex: Buffer.from(frame).toString("hex") };
	});
	return `${JSON.stringify({ ...fuzzCase, frames }, undefined, "\t")}\n`;
}

export function caseFromJson(text: string): FuzzCase {
	const value = JSON.parse(text) as Omit<FuzzCase, "frames"> & {
		readonly frames: readonly { readonly text?: string; readonly hex?: string }[];
	};
	const frames = value.frames.map(({ text: said, hex = "" }) => said ?? new Uint8Array(Buffer.from(hex, "hex")));
	return { ...value, frames };
}
