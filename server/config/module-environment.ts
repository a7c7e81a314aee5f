// Variables of the environment that the configuration gives to a module in a thread of its own.
import process from "node:process";

/** The values of those that are set. */
export function environmentOf(
	names: readonly string[],
	env: NodeJS.ProcessEnv = process.env,
): Readonly<Record<string, string>> {
	return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
