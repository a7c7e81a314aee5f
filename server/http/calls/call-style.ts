// What the ways to call a route over HTTP have in common: each finds the operation for a path, and writes errors in its own shape.
import type { HttpHead } from "../../../core/http-request.ts";
import type { HttpReply, HttpRequest } from "../../../core/transport.ts";
import type { GatewayError } from "../../../protocol/error.ts";

/** What one method of a path does. */
export interface CallOperation {
	readonly takesContent: boolean;
	/** Must neither throw nor reject. @param variables - what the path has in place of its variables, decoded. */
	readonly run: (request: HttpRequest, variables: PathVariables) => HttpReply | Promise<HttpReply>;
}

export type PathVariables = Readonly<Record<string, string>>;

/** A path that calls routes. */
export interface CallPath {
	/** By method, upper case. HEAD follows from GET. */
	readonly operations: ReadonlyMap<string, CallOperation>;
	/** An error of a request that did not reach an operation. */
	readonly writeError: (head: HttpHead, error: GatewayError) => HttpReply;
}

export interface FoundPath {
	readonly path: CallPath;
	readonly variables: PathVariables;
}

/** One way to call. */
export interface CallStyle {
	find(path: string): FoundPath | undefined;
}

export const NO_VARIABLES: PathVariables = Object.freeze({});
