// Errors between threads: what a structured clone would make of them has neither their class nor the code of a GatewayError.
import type { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError, type Violation } from "../../../protocol/error.ts";
import { ModuleError, type ModuleProblem } from "../module-problem.ts";

export type WireError =
	| {
			readonly kind: "gateway";
			readonly code: ErrorCode;
			readonly message: string;
			readonly retryAfterMs: number;
			readonly violations: readonly Violation[];
			readonly cause: WireError | undefined;
	  }
	| { readonly kind: "problem"; readonly problem: ModuleProblem }
	| { readonly kind: "error"; readonly name: string; readonly message: string; readonly stack: string };

/** Of causes of causes. */
const MAX_DEPTH = 4;
const MAX_TEXT = 16_384;

/** @param thrown - anything, also what cannot be read. */
export function wireError(thrown: unknown, depth = 0): WireError {
	try {
		if (thrown instanceof GatewayError) {
			const { code, message, retryAfterMs, violations } = thrown;
			const isEnd = thrown.cause === undefined || depth >= MAX_DEPTH;
			const cause = isEnd ? undefined : wireError(thrown.cause, depth + 1);
			return { kind: "gateway", code, message, retryAfterMs, violations, cause };
		}
		if (thrown instanceof ModuleError) return { kind: "problem", problem: thrown.problem };
		const { name, message, stack } = (thrown ?? {}) as { name?: unknown; message?: unknown; stack?: unknown };
		return {
			kind: "error",
			name: typeof name === "string" ? name.slice(0, 256) : "Error",
			message: (typeof message === "string" ? message : String(thrown)).slice(0, MAX_TEXT),
			stack: typeof stack === "string" ? stack.slice(0, MAX_TEXT) : "",
		};
	} catch {
		return { kind: "error", name: "Error", message: "what was thrown cannot be read", stack: "" };
	}
}

/** The error on the other side of the port. */
export function errorOfWire(wire: WireError): Error {
	switch (wire.kind) {
		case "gateway": {
			const { code, message, retryAfterMs, violations, cause } = wire;
			const because = cause === undefined ? {} : { cause: errorOfWire(cause) };
			return new GatewayError(code, message, { retryAfterMs, violations, ...because });
		}
		case "problem":
			return new ModuleError(wire.problem);
		case "error": {
			const error = new Error(wire.message);
			error.name = wire.name;
			error.stack = wire.stack === "" ? `${wire.name}: ${wire.message}` : wire.stack;
			return error;
		}
		default:
			return wire satisfies never;
	}
}
