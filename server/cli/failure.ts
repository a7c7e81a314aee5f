// How a failed command reports its failure: one line on standard error, and an exit code that scripts can distinguish.
import { GatewayError } from "../../protocol/error.ts";
import { ConfigError } from "../config/config.ts";

export const exitCodes = { ok: 0, failure: 1, usage: 2 } as const;

/** A failure whose message is all that the user needs. */
export class CommandError extends Error {
	readonly exitCode: number;

	constructor(message: string, exitCode: number = exitCodes.failure) {
		super(message);
		this.name = "CommandError";
		this.exitCode = exitCode;
	}
}

/** The first lines of an error and of what caused it: "the database is unavailable: unable to open database file". */
function causes(thrown: unknown): string[] {
	const lines: string[] = [];
	for (let error = thrown; error !== undefined && lines.length < MAX_CAUSES; ) {
		const [line = ""] = describe(error).split("\n");
		if (line !== "" && !lines.includes(line)) lines.push(line);
		error = error instanceof Error ? error.cause : undefined;
	}
	return lines;
}

function describe(thrown: unknown): string {
	if (thrown instanceof Error) return thrown.message;
	return typeof thrown === "string" ? thrown : "unknown error";
}

const MAX_CAUSES = 4;

/** What to print for anything thrown, and what to exit with. */
export function describeFailure(thrown: unknown): { readonly message: string; readonly exitCode: number } {
	// The list of what is wrong with a configuration is the one message of several lines.
	if (thrown instanceof ConfigError) return { message: thrown.message, exitCode: exitCodes.usage };
	const line = causes(thrown).join(": ");
	const violations = thrown instanceof GatewayError ? thrown.violations : [];
	// The message may say it already.
	const more = violations.filter(({ field, description }) => !line.includes(`${field} ${description}`));
	const details = more.map(({ field, description }) => `; ${field} ${description}`).join("");
	const exitCode = thrown instanceof CommandError ? thrown.exitCode : exitCodes.failure;
	return { message: `${line || "unknown error"}${details}`, exitCode };
}
