// What `--json` of a scenario wrote, read back.
import { readFileSync } from "node:fs";
import type { Result } from "./compare.ts";
import type { Row } from "./scenario.ts";

export interface ResultFile extends Result {
	readonly title: string;
	readonly measuredAt: string;
	readonly rows: readonly Row[];
	readonly raw: unknown;
}

/** @throws Error when a file is not such a result, or of a scenario that another one is of already. */
export function readResults(files: readonly string[]): ResultFile[] {
	const results = files.map((file) => {
		const result = JSON.parse(readFileSync(file, "utf8")) as Partial<ResultFile>;
		if (result.scenario === undefined || result.rows === undefined || result.raw === undefined) {
			throw new Error(`${file} is no result of a scenario`);
		}
		return result as ResultFile;
	});
	const twice = results.find(({ scenario }, index) => results.findIndex((one) => one.scenario === scenario) < index);
	if (twice !== undefined) throw new Error(`${twice.scenario} is there twice`);
	return results;
}
