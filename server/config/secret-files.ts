// Secrets in files of their own, as orchestrators provide them: `JWT_SECRET_FILE=/run/secrets/jwt` stands for
// `JWT_SECRET`, so that neither the environment of the process nor its description shows the secret.
import type { ConfigProblem } from "./config.ts";
import { readSecretFile } from "./key-files.ts";
import { configKeys } from "./keys.ts";

const SUFFIX = "_FILE";

/** Variables that may hold a secret, and so may name a file instead. */
export const secretVariables: readonly string[] = Object.freeze([
	...configKeys
		.filter(({ meta, kind }) => (meta.secret === true || meta.url === true) && kind === "string")
		.flatMap(({ env, meta }) => [env, ...(meta.aliases ?? [])]),
	"REDIS_PASSWORD",
]);

/**
 * Reads the files that variables name.
 *
 * @param get - the value of a variable.
 * @returns contents by the variable that they stand for, without the line ends behind them.
 */
export function readSecretFiles(
	get: (name: string) => string | undefined,
	cwd: string,
	problems: ConfigProblem[],
): Map<string, string> {
	const contents = new Map<string, string>();
	for (const variable of secretVariables) {
		const source = `${variable}${SUFFIX}`;
		const path = get(source);
		if (path === undefined) continue;
		const report = (message: string) => problems.push({ key: variable, message, source });
		if (get(variable) !== undefined) {
			report(`is set both as ${variable} and as ${source}`);
			continue;
		}
		try {
			contents.set(variable, readSecretFile(cwd, path));
		} catch (error) {
			report((error as Error).message);
		}
	}
	return contents;
}
