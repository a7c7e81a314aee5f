// What is left of a reload when other processes were asked: they may have a reason against a module.
import type { Admission } from "./admission.ts";
import { isOfProgram } from "./module-bundler.ts";
import type { ModuleProblem } from "./module-problem.ts";
import { type Agree, REMOVED } from "./reload-report.ts";
import type { ServingGeneration } from "./serving-generation.ts";

/** What a reload found, before anything of it serves. */
export interface Prepared {
	readonly candidates: readonly ServingGeneration[];
	readonly removed: readonly string[];
	readonly unchanged: readonly string[];
	readonly problems: readonly ModuleProblem[];
}

/** Asks, and ends what is not to serve. @param beside - digests of modules that have a canary. @throws what `agree` throws; then every candidate is ended. */
export async function agreedPart(
	prepared: Prepared,
	serving: ReadonlyMap<string, ServingGeneration>,
	{ accepted, ...admitted }: Admission,
	agree: Agree,
	beside: ReadonlyMap<string, string> = new Map(),
): Promise<Prepared> {
	const { candidates, removed, unchanged } = prepared;
	const problems = [...prepared.problems, ...admitted.problems];
	// What is part of a program is no matter of the others, which need not have it.
	const shared = (generation: ServingGeneration) => !isOfProgram(generation.parts.bundle);
	const outcomes = new Map([...serving.values()].filter(shared).map(({ name, parts }) => [name, parts.bundle.digest]));
	for (const [name, digests] of beside) outcomes.set(name, digests);
	for (const { name, parts } of accepted.filter(shared)) outcomes.set(name, parts.bundle.digest);
	for (const name of removed) outcomes.set(name, REMOVED);
	let refused: ReadonlyMap<string, string>;
	try {
		refused = await agree({ outcomes, problems });
	} catch (error) {
		for (const candidate of candidates) void candidate.abandon();
		throw error;
	}
	const left = accepted.filter(({ name }) => !refused.has(name));
	for (const candidate of candidates) if (!left.includes(candidate)) void candidate.abandon();
	const known = new Set(problems.map(({ module }) => module));
	const reasons = [...refused].map(([module, message]) => ({ module, message }));
	return {
		candidates: left,
		removed: removed.filter((name) => !refused.has(name)),
		unchanged: unchanged.filter((name) => !refused.has(name)),
		problems: [...problems, ...reasons.filter(({ module }) => !known.has(module))],
	};
}

/** Asks about one module: what else serves here is no part of it. */
export function agreeOn(module: string, agree: Agree): Agree {
	return (votes) => {
		const digest = votes.outcomes.get(module);
		return agree({ ...votes, outcomes: new Map(digest === undefined ? [] : [[module, digest]]) });
	};
}
