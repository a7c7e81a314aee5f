// Which candidates may serve: their claims are free, and clients can call them as before.
import { claimProblem, type ReservedNames } from "./claims.ts";
import type { ModuleProblem } from "./module-problem.ts";
import type { ServingGeneration } from "./serving-generation.ts";
import { contractProblems } from "./wire-contract.ts";

export interface AdmissionRules {
	readonly reserved: ReservedNames;
	/** Serve also what clients in the field cannot call as before. */
	readonly acceptContractChanges: boolean;
}

export interface Admission {
	/** All that would serve, by module. */
	readonly next: ReadonlyMap<string, ServingGeneration>;
	readonly accepted: readonly ServingGeneration[];
	readonly problems: readonly ModuleProblem[];
	/** Of what is accepted although clients cannot call it as before. */
	readonly contractChanges: ReadonlyMap<ServingGeneration, readonly string[]>;
}

/** Decides in the order of the candidates. Changes nothing. */
export function admit(
	serving: ReadonlyMap<string, ServingGeneration>,
	candidates: readonly ServingGeneration[],
	removed: readonly string[],
	{ reserved, acceptContractChanges }: AdmissionRules,
): Admission {
	const next = new Map(serving);
	for (const name of removed) next.delete(name);
	const problems: ModuleProblem[] = [];
	const contractChanges = new Map<ServingGeneration, readonly string[]>();
	const accepted = candidates.filter((candidate) => {
		const { functions, positions } = candidate.parts;
		const before = next.get(candidate.name)?.parts.functions;
		const broken = before === undefined ? [] : contractProblems(before, functions);
		const [first] = functions.values();
		let problem = claimProblem(candidate, next, reserved);
		if (problem === undefined && broken.length > 0 && !acceptContractChanges) {
			const message = `clients in the field could not call it as before: ${broken.join("; ")}`;
			problem = { module: candidate.name, message, ...(first && positions.placeOf(first.definedAt)) };
		}
		if (problem !== undefined) {
			problems.push(problem);
			return false;
		}
		if (broken.length > 0) contractChanges.set(candidate, broken);
		next.set(candidate.name, candidate);
		return true;
	});
	return { next, accepted, problems, contractChanges };
}
