// What became of reloads: counted, and logged.
import type { Logger } from "../../common/logger.ts";
import { problemText } from "./module-problem.ts";
import type { ReloadReport } from "./reload-report.ts";

/** Modules that were reloaded, by what became of them. */
export interface OutcomeCounts {
	loaded: number;
	refused: number;
	removed: number;
}

export function recordReload(counts: OutcomeCounts, logger: Logger, report: ReloadReport, origin: string): void {
	const { loaded, removed, problems } = report;
	counts.loaded += loaded.length;
	counts.removed += removed.length;
	counts.refused += problems.length;
	for (const { module, generation, digest } of loaded) {
		logger.info({ module, generation, digest, origin }, "a generation of a module serves");
	}
	for (const module of removed) logger.info({ module, origin }, "a module is removed");
	for (const problem of problems) {
		logger.error({ ...problem, origin }, `module not loaded: ${problemText(problem)}`);
	}
}
