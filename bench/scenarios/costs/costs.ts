// What a token buys: the server's CPU time per rate limit token, for every route at its worst input, as protobuf and as JSON.
// A token that buys more than others is what a flood would be made of, so none may buy more than a stated time.
import type { Context, Outcome, Row, Scenario } from "../../scenario.ts";
import { pause } from "../../scenario.ts";
import { type CostCase, cases, givenFor } from "./cases.ts";
import { largestRequest } from "./largest.ts";
import { openSite, type Site } from "./site.ts";
import { type CostEncoding, ENCODINGS, frameBytes, type Spending, spend } from "./spend.ts";

const BUDGET_MS = 2;
/** `limits.maxMessageBytes` by default. */
const MAX_MESSAGE_BYTES = 65_536;
/** The first run of a route compiles it. */
const WARM_UP_RUNS = 1;
const RUNS = 3;
const IDLE_MS = 2000;

interface Measured {
	readonly what: string;
	readonly encoding: CostEncoding;
	readonly cpuMsPerToken: number;
	readonly cpuMsPerCall: number;
	readonly calls: number;
	readonly codes: readonly string[];
}

async function idleUsPerMs({ server }: Site): Promise<number> {
	const startUs = server.threadsUs();
	await pause(IDLE_MS);
	return (server.threadsUs() - startUs) / IDLE_MS;
}

async function measure(site: Site, one: CostCase, encoding: CostEncoding, idle: number): Promise<Measured> {
	const { contract, input } = one;
	const sizeOf = (request: object): number => frameBytes(contract, request, encoding);
	const largest = largestRequest(contract, givenFor(contract, site), sizeOf, MAX_MESSAGE_BYTES);
	const request = (index: number): object => one.request?.(site, index) ?? largest;
	const before = one.before && { contract: one.before.contract, request: one.before.request(site) };
	const { server } = site;
	const runs: Spending[] = [];
	for (let run = 0; run < WARM_UP_RUNS + RUNS; run++) {
		const token = await site.newToken();
		runs.push(await spend({ server, token, contract, request, before, encoding, idleUsPerMs: idle }));
	}
	// The least of the runs: what else the machine did meanwhile only adds.
	const [least] = runs.slice(WARM_UP_RUNS).sort((a, b) => a.cpuMsPerToken - b.cpuMsPerToken);
	return { what: `${contract.name}, ${input}`, encoding, ...(least as Spending) };
}

function outcome(measured: readonly Measured[]): Outcome {
	const dearest = [...measured].sort((a, b) => b.cpuMsPerToken - a.cpuMsPerToken);
	const names = [...new Set(dearest.map(({ what }) => what))];
	const of = (what: string, encoding: CostEncoding): number =>
		measured.find((one) => one.what === what && one.encoding === encoding)?.cpuMsPerToken ?? 0;
	const rows: Row[] = names.map((what) => ({
		what,
		values: { framegate: ENCODINGS.map((encoding) => of(what, encoding).toFixed(3)).join(" / ") },
		budget: `≤ ${BUDGET_MS}`,
	}));
	const max = Object.fromEntries(
		ENCODINGS.map((encoding) => [encoding, Math.max(...names.map((what) => of(what, encoding)))]),
	);
	return { figures: { cpu_ms_per_token_max: max }, raw: dearest, rows };
}

export const costs: Scenario = {
	name: "costs",
	title: "server CPU per rate limit token (ms, protobuf / JSON), each route at its worst input",
	defaults: { connections: 200, seconds: 1 },
	steps: () => 2 + cases.length * ENCODINGS.length,
	async run(context: Context) {
		context.progress.step("filling rooms, conversations and a box");
		const site = await openSite(context);
		try {
			context.progress.step("idle");
			const idle = await idleUsPerMs(site);
			const measured: Measured[] = [];
			for (const one of cases) {
				for (const encoding of ENCODINGS) {
					context.progress.step(`${one.contract.name}, ${one.input}, ${encoding}`);
					measured.push(await measure(site, one, encoding, idle));
				}
			}
			return outcome(measured);
		} finally {
			await site.close();
		}
	},
};
