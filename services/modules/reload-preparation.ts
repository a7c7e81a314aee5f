// What a reload finds in the folder and in the program: which modules are new, changed, unchanged and gone. Nothing of it serves yet.
import type { ModuleDefinition } from "../../module/index.ts";
import type { Prepared } from "./agreed-part.ts";
import type { BundleHistory } from "./bundle-history.ts";
import type { Canaries } from "./canaries.ts";
import { ON_TRIAL } from "./canary-host.ts";
import { type ModuleBundle, programBundle } from "./module-bundler.ts";
import type { FolderContent, ModuleEntry } from "./module-folder.ts";
import type { ModuleProblem } from "./module-problem.ts";
import { settingsText } from "./module-settings.ts";
import type { ServingGeneration } from "./serving-generation.ts";

export interface PreparationParts {
	readonly serving: ReadonlyMap<string, ServingGeneration>;
	/** Modules that the program brings itself. */
	readonly definitions: ReadonlyMap<string, ModuleDefinition>;
	readonly canaries: Canaries;
	readonly history: Pick<BundleHistory, "isPassed">;
	readonly settings: () => Readonly<Record<string, unknown>>;
	/** Each adds what is wrong to the problems. */
	readonly bundle: (entry: ModuleEntry, problems: ModuleProblem[]) => Promise<ModuleBundle | undefined>;
	readonly load: (
		bundle: ModuleBundle,
		problems: ModuleProblem[],
		definition?: ModuleDefinition,
	) => Promise<ServingGeneration | undefined>;
}

/** @param except - modules that stay as they are. */
export async function prepareReload(
	{ entries, unusable }: FolderContent,
	parts: PreparationParts,
	except: ReadonlySet<string>,
): Promise<Prepared> {
	const { serving, definitions, history } = parts;
	const problems: ModuleProblem[] = unusable.map((text) => ({ module: text.split(":", 1)[0] ?? "", message: text }));
	const names = new Set([...entries.map(({ name }) => name), ...definitions.keys(), ...except]);
	const removed = [...serving.keys()].filter((name) => !names.has(name));
	const unchanged: string[] = [];
	const candidates: ServingGeneration[] = [];
	for (const [name, definition] of definitions) {
		const bundle = programBundle(name);
		if (isAsServed(bundle, parts)) unchanged.push(name);
		else {
			const candidate = await parts.load(bundle, problems, definition);
			if (candidate !== undefined) candidates.push(candidate);
		}
	}
	for (const entry of entries) {
		const { name } = entry;
		if (except.has(name)) continue;
		if (definitions.has(name)) {
			problems.push({ module: name, message: "the program brings a module of this name itself" });
			continue;
		}
		const bundle = await parts.bundle(entry, problems);
		if (bundle === undefined) continue;
		const onTrial = digestsOnTrial(name, parts.canaries);
		if (onTrial.length > 0 && !onTrial.includes(bundle.digest)) problems.push({ module: name, message: ON_TRIAL });
		else if (onTrial.length > 0 || isAsServed(bundle, parts) || history.isPassed(name, bundle.digest)) {
			unchanged.push(name);
		} else {
			const candidate = await parts.load(bundle, problems);
			if (candidate !== undefined) candidates.push(candidate);
		}
	}
	return { candidates, removed, unchanged, problems };
}

/** The same code with the same settings. */
function isAsServed({ name, digest }: ModuleBundle, { serving, settings }: PreparationParts): boolean {
	const served = serving.get(name)?.parts;
	return served?.bundle.digest === digest && served.settingsText === settingsText(settings()[name]);
}

/** Of both generations while there is a canary. */
function digestsOnTrial(name: string, canaries: Canaries): readonly string[] {
	const canary = canaries.of(name);
	if (canary === undefined) return [];
	return [canary.parts.generation, canary.parts.beside].map(({ parts }) => parts.bundle.digest);
}
