// What a generation must have in common with the one that it runs beside: there is one table of routes and hooks, so that both are called
// in the same way.
import type { ServedFunction } from "./function-facts.ts";
import type { ServedHook } from "./loaded-hook.ts";
import type { ModuleProblem } from "./module-problem.ts";
import type { ServingGeneration } from "./serving-generation.ts";
import { contractProblems } from "./wire-contract.ts";

const MAX_PROBLEMS = 5;

/** @returns why `candidate` cannot run beside `serving`, with the place of the first function that differs. */
export function besideProblem(serving: ServingGeneration, candidate: ServingGeneration): ModuleProblem | undefined {
	const [before, after] = [serving.parts, candidate.parts];
	const problems = [
		...contractProblems(before.functions, after.functions),
		...[...after.functions.values()].filter(({ name }) => !before.functions.has(name)).map(newText),
		...contractProblems(common(after.functions, before.functions), before.functions).map(backText),
		...[...before.functions.values()].flatMap((one) => factProblems(one, after.functions.get(one.name))),
		...setProblem("pushes", pushTexts(before.pushes), pushTexts(after.pushes)),
		...setProblem("hooks", before.hooks.map(hookText), after.hooks.map(hookText)),
	];
	if (problems.length === 0) return undefined;
	const text = problems.slice(0, MAX_PROBLEMS).join("; ");
	const message = `a canary is called in the same way as the generation beside it (reload it for all instead): ${text}`;
	const [first] = after.functions.values();
	return { module: candidate.name, message, ...(first && after.positions.placeOf(first.definedAt)) };
}

type Functions = ServingGeneration["parts"]["functions"];

const common = (functions: Functions, others: Functions): Functions =>
	new Map([...functions].filter(([name]) => others.has(name)));

const newText = ({ name, contract }: ServedFunction) => `${name} (${contract.number}) is new`;
/** Clients that were served by the canary go on with the one beside. */
const backText = (text: string) => `when it goes back, ${text}`;

/** What the table of routes holds for both. */
function factProblems(one: ServedFunction, other: ServedFunction | undefined): readonly string[] {
	if (other === undefined) return [];
	const [before, after] = [factsOf(one), factsOf(other)];
	return Object.entries(before).flatMap(([fact, value]) => {
		const next = after[fact];
		return next === value ? [] : [`${one.name}: ${fact} is ${next} instead of ${value}`];
	});
}

function factsOf({ contract, bindings }: ServedFunction): Readonly<Record<string, string>> {
	const { permission, cost, ordering, idempotent, request, reply } = contract;
	const rules = [request, reply].map((type) => (type.json === undefined ? type.rules.map(ruleText) : []));
	return {
		permission,
		cost: String(cost),
		ordering,
		idempotent: String(idempotent),
		rest: JSON.stringify(bindings.map(({ method, path }) => `${method} ${path}`)),
		rules: JSON.stringify(rules),
	};
}

/** Rules of fields of a .proto file are held where the route is: they are those of the generation beside. */
function ruleText(rule: object): string {
	return JSON.stringify(rule, (name, value: unknown) => {
		if (name === "type") return undefined;
		return value instanceof RegExp ? String(value) : typeof value === "bigint" ? `${value}` : value;
	});
}

const pushTexts = (pushes: ServingGeneration["parts"]["pushes"]) =>
	[...pushes.values()].map(({ contract }) => `${contract.name} (${contract.number})`);

const hookText = ({ point, order, onFailure }: ServedHook) => `${point} (order ${order}, ${onFailure})`;

function setProblem(what: string, before: readonly string[], after: readonly string[]): readonly string[] {
	const [one, other] = [before, after].map((texts) => [...texts].sort().join(", ") || "none");
	return one === other ? [] : [`${what} are ${other} instead of ${one}`];
}
