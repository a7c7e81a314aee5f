// How middleware becomes one function per route. A middleware is called once for each route, when the table is built, and
// wraps what comes after it, or hands it back unchanged where it has nothing to do. Per message there is only the
// finished chain of plain function calls: no closure, no promise, no lookup.
import type { AnyRouteContract } from "../protocol/contract.ts";
import type { Call, ServedBy } from "./call.ts";

/** A call inside the pipeline: what handlers see, and what only the pipeline may touch. */
export interface PipelineCall extends Call {
	/** Where the encoded request lies; only valid until the first step that returned a promise. */
	readonly bytes: Uint8Array;
	readonly bodyStart: number;
	readonly bodyEnd: number;
	/** The decoded request; undefined before the decode step. */
	request: object | undefined;
	servedBy: ServedBy | undefined;
	/** @throws Error when the body is not the request message. */
	decode(): object;
	/**
	 * Takes tokens from every bucket that the peer shares in.
	 *
	 * @returns 0, or the milliseconds until there will be enough.
	 */
	takeTokens(cost: number): number;
	/**
	 * Takes bytes from the bucket of the peer's user; from none before authentication.
	 *
	 * @returns as `takeTokens`.
	 */
	takeBytes(bytes: number): number;
	/** Milliseconds until the caller may have another reply that may be a page; 0: now. */
	replyWaitMs(): number;
	/** Answered already, because its time was over: what still comes of it is dropped. */
	readonly settled: boolean;
	/** The access token behind the peer's identity has run out. */
	readonly tokenExpired: boolean;
}

/** Properties of the reply, now or later. */
export type StepResult = object | Promise<object>;

/** One step of the chain. Refuses by throwing. */
export type Step = (call: PipelineCall) => StepResult;

/** Wraps `next` for one route, or returns it as it is. */
export type Middleware = (route: AnyRouteContract, next: Step) => Step;

/** Composes the chain of one route; the first middleware is the outermost. */
export function compose(middleware: readonly Middleware[], route: AnyRouteContract, last: Step): Step {
	return middleware.reduceRight((next, wrap) => wrap(route, next), last);
}
