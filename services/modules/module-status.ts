// What operators see of a module that serves: data.
import type { KeptBundle } from "./bundle-history.ts";
import type { Canary } from "./canary.ts";
import type { CanaryStatus, ModuleStatus } from "./reload-report.ts";
import type { ServingGeneration } from "./serving-generation.ts";

/** @param by - who asked for it. */
export function moduleStatus(
	generation: ServingGeneration,
	by: string,
	kept: readonly KeptBundle[],
	canary: Canary | undefined,
): ModuleStatus {
	const { bundle, number, loadedAtMs, origin, functions } = generation.parts;
	return {
		name: bundle.name,
		generation: number,
		digest: bundle.digest,
		loadedAtMs,
		origin,
		by,
		threads: generation.threads,
		functions: [...functions.values()].map(({ contract }) => `${contract.name} (${contract.number})`),
		kept: kept.map(({ bundle: { digest }, ...rest }) => ({ digest, ...rest })),
		...(canary === undefined ? {} : { canary: canaryStatus(canary) }),
	};
}

function canaryStatus({ parts, ledgers }: Canary): CanaryStatus {
	const { plan, generation, by, begunAtMs } = parts;
	const [canary, beside] = [ledgers.canary, ledgers.beside].map(({ calls, faults, p99Ms }) => ({
		calls,
		faults,
		p99Ms,
	}));
	const { number, bundle } = generation.parts;
	return { ...plan, generation: number, digest: bundle.digest, begunAtMs, by, canary, beside } as CanaryStatus;
}
