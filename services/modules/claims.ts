// What a module takes for itself: protocol numbers, names, methods and paths. None of it may belong to another.
import type { ModuleProblem } from "./module-problem.ts";
import type { ServingGeneration } from "./serving-generation.ts";

/** What the gateway serves itself. */
export interface ReservedNames {
	/** First segments of paths, and first halves of route names. */
	readonly modules: ReadonlySet<string>;
	/** `GET /api/v1/users/{}`, as `pathKey` makes them. */
	readonly paths: ReadonlySet<string>;
	/** Names of games. */
	readonly games: ReadonlySet<string>;
}

/** Two templates with one key answer the same requests. */
export function pathKey(method: string, path: string): string {
	return `${method} ${path.replace(/\{[^}]*\}/g, "{}")}`;
}

/** @returns what a candidate takes that belongs to the gateway, or to another module that serves. */
export function claimProblem(
	candidate: ServingGeneration,
	serving: ReadonlyMap<string, ServingGeneration>,
	reserved: ReservedNames,
): ModuleProblem | undefined {
	const { name: module, parts } = candidate;
	if (reserved.modules.has(module)) return { module, message: `the name ${module} belongs to the gateway` };
	const others = [...serving.values()].filter(({ name }) => name !== module);
	const numbers = new Map(others.flatMap(numbersOf));
	const paths = new Map(others.flatMap(pathsOf));
	for (const called of parts.functions.values()) {
		const { name, number } = called.contract;
		const place = parts.positions.placeOf(called.definedAt);
		const owner = numbers.get(number);
		if (owner !== undefined) return { module, message: `${name}: number ${number} belongs to ${owner}`, ...place };
		for (const { method, path } of called.bindings) {
			const key = pathKey(method, path);
			const holder = reserved.paths.has(key) ? "the gateway" : paths.get(key);
			if (holder !== undefined) return { module, message: `${name}: ${method} ${path} belongs to ${holder}`, ...place };
			paths.set(key, name);
		}
	}
	const games = new Map(others.flatMap(gamesOf));
	for (const { code, definedAt } of parts.games) {
		const owner = reserved.games.has(code.name) ? "the gateway" : games.get(code.name);
		if (owner === undefined) continue;
		return { module, message: `game ${code.name} belongs to ${owner}`, ...parts.positions.placeOf(definedAt) };
	}
	for (const { contract, definedAt } of parts.pushes.values()) {
		const owner = numbers.get(contract.number);
		if (owner === undefined) continue;
		const place = parts.positions.placeOf(definedAt);
		return { module, message: `${contract.name}: number ${contract.number} belongs to ${owner}`, ...place };
	}
	return undefined;
}

const numbersOf = ({ parts }: ServingGeneration) =>
	[...parts.functions.values(), ...parts.pushes.values()].map(
		({ contract }) => [contract.number, contract.name] as const,
	);

const pathsOf = ({ parts }: ServingGeneration) =>
	[...parts.functions.values()].flatMap(({ contract, bindings }) => {
		return bindings.map(({ method, path }) => [pathKey(method, path), contract.name] as const);
	});

const gamesOf = ({ name, parts }: ServingGeneration) => parts.games.map(({ code }) => [code.name, name] as const);
