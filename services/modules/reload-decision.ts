// What is decided in a round of processes, module by module: pure functions of what they reported.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { CanaryPlan } from "./canary.ts";
import type { ModuleBundle } from "./module-bundler.ts";
import type { ModuleProblem } from "./module-problem.ts";
import type { RoundState } from "./reload-barrier.ts";
import type { ReloadReport, ReloadRequest, Votes } from "./reload-report.ts";

/** What a round is about. */
export type RoundRequest =
	| { readonly kind: "reload"; readonly request: ReloadRequest }
	| { readonly kind: "restore"; readonly request: ReloadRequest; readonly bundle: ModuleBundle }
	| { readonly kind: "canary"; readonly request: ReloadRequest; readonly module: string; readonly plan: CanaryPlan }
	| {
			readonly kind: "promote" | "withdraw";
			readonly request: ReloadRequest;
			readonly module: string;
			readonly id: string;
	  };

export interface Decision {
	/** Digest by module that all serve from now on, and behind it that of a canary; "" for one that goes. */
	readonly commit: Readonly<Record<string, string>>;
	/** By module, or `*` for all: why it stays as it is. */
	readonly refused: Readonly<Record<string, string>>;
}

/** What became of a reload on one process. */
export interface NodeOutcome {
	readonly node: string;
	/** `switched`, `kept` (nothing to switch, or it was refused), `silent` (alive, and no answer in time), `gone` (not alive any more). */
	readonly outcome: "switched" | "kept" | "silent" | "gone";
	readonly loaded: readonly string[];
	readonly problems: readonly ModuleProblem[];
}

/** What a process reports when it is prepared. */
interface Prepared {
	readonly outcomes: Readonly<Record<string, string>>;
	readonly problems: readonly ModuleProblem[];
	/** It could not load at all. */
	readonly error?: string;
}

const ALL = "*";
/** A node of a member's name: what is behind the slash makes it unique. */
export const nodeOf = (member: string): string => member.slice(0, member.lastIndexOf("/"));

export function votesText({ outcomes, problems }: Votes, error?: string): string {
	const prepared: Prepared = {
		outcomes: Object.fromEntries(outcomes),
		problems,
		...(error === undefined ? {} : { error }),
	};
	return JSON.stringify(prepared);
}

export const decisionOf = (text: string): Decision => JSON.parse(text) as Decision;

/** Nothing switches. */
export const abort = (reason: string): Decision => ({ commit: {}, refused: { [ALL]: reason } });

/** @param state - of which no more is waited for. */
export function splitModules({ members, alive, prepared }: RoundState): Decision {
	const silent = members.filter((member) => alive.has(member) && !prepared.has(member)).map(nodeOf);
	if (silent.length > 0) return abort(`node ${silent.join(", ")} did not answer in time`);
	const reports = [...prepared].sort(([one], [other]) => (one < other ? -1 : 1));
	const votes = reports.map(([member, text]) => ({ node: nodeOf(member), ...(JSON.parse(text) as Prepared) }));
	const failed = votes.find(({ error }) => error !== undefined);
	if (failed !== undefined) return abort(`node ${failed.node} could not load: ${failed.error}`);
	const commit: Record<string, string> = {};
	const refused: Record<string, string> = {};
	for (const name of new Set(votes.flatMap(({ outcomes }) => Object.keys(outcomes)))) {
		const reason = reasonAgainst(name, votes);
		if (reason === undefined) commit[name] = votes[0]?.outcomes[name] ?? "";
		else refused[name] = reason;
	}
	return { commit, refused };
}

/** Why a module cannot switch everywhere. */
function reasonAgainst(name: string, votes: readonly (Prepared & { readonly node: string })[]): string | undefined {
	for (const { node, problems } of votes) {
		const problem = problems.find(({ module }) => module === name);
		if (problem !== undefined) return `node ${node} could not load it: ${problem.message}`;
	}
	// One that is gone here and was never there is the same.
	const digests = votes.map(({ node, outcomes }) => ({ node, digest: outcomes[name] ?? "" }));
	const [first] = digests;
	if (digests.every(({ digest }) => digest === first?.digest)) return undefined;
	const texts = digests.map(({ node, digest }) => `${node}: ${digest === "" ? "none" : digest}`);
	return `the processes have different code of it (${texts.join(", ")})`;
}

/** Of what a process voted for: what it must not do, with the reason. */
export function refusedBy({ commit, refused }: Decision, { outcomes }: Votes): ReadonlyMap<string, string> {
	const reasons = new Map<string, string>();
	for (const [name, digest] of outcomes) {
		const reason = refused[ALL] ?? refused[name];
		if (reason !== undefined) reasons.set(name, reason);
		else if (commit[name] !== digest) reasons.set(name, "other code was agreed on");
	}
	return reasons;
}

/** What to report of each process. */
export function outcomesOf({ members, alive, prepared, done }: RoundState): readonly NodeOutcome[] {
	return members.map((member) => {
		const node = nodeOf(member);
		const report = done.get(member);
		if (report !== undefined) {
			const { loaded, removed, problems } = JSON.parse(report) as ReloadReport;
			const outcome = loaded.length + removed.length > 0 ? "switched" : "kept";
			return { node, outcome, loaded: loaded.map(({ module }) => module), problems };
		}
		const { problems = [], error } = JSON.parse(prepared.get(member) ?? "{}") as Partial<Prepared>;
		const failed = error === undefined ? [] : [{ module: "", message: error }];
		return { node, outcome: alive.has(member) ? "silent" : "gone", loaded: [], problems: [...problems, ...failed] };
	});
}

/** For what is tried again until the store answers. @throws what is something else. */
export function onlyUnavailable(error: unknown): undefined {
	if (error instanceof GatewayError && error.code === ErrorCode.UNAVAILABLE) return undefined;
	throw error;
}

/** The digest that serves, of what was agreed on: a canary may run beside it. */
export function servingOf(agreed: string): string {
	return agreed.split(" ", 1)[0] ?? "";
}
