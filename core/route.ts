// A route of the server: the contract from the .proto file and the function that answers it. Handlers keep
// no state: what they need beside the request comes in as `services`, so that a module can be replaced while the
// process runs.
import type { AnyRouteContract, RouteContract } from "../protocol/contract.ts";
import type { Call } from "./call.ts";

/**
 * Answers one request.
 *
 * A handler that returns at once costs no promise. What it throws becomes the error reply: throw GatewayError to
 * choose code and message; anything else is INTERNAL and logged.
 */
export type Handler<Request, ReplyProperties, Services> = (
	request: Request,
	call: Call,
	services: Services,
) => ReplyProperties | Promise<ReplyProperties>;

/** A contract with its handler. */
export interface RouteDefinition<Services> {
	readonly contract: AnyRouteContract;
	// biome-ignore lint/suspicious/noExplicitAny: `implement` has checked the handler against the contract.
	readonly handler: Handler<any, any, Services>;
}

/** The routes of one handler file, all of one protocol block. */
export interface HandlerModule<Services> {
	/** First half of the route names: `auth`. */
	readonly name: string;
	readonly routes: readonly RouteDefinition<Services>[];
}

type Implement<Services> = <Request, RequestProperties, Reply, ReplyProperties>(
	contract: RouteContract<Request, RequestProperties, Reply, ReplyProperties>,
	handler: Handler<Request, ReplyProperties, Services>,
) => RouteDefinition<Services>;

/**
 * Defines a handler module.
 *
 * @example
 * export const authModule = defineModule<AuthServices>("auth", (implement) => [
 *   implement(authRoutes.heartbeat, (request) => ({ clientTimeMs: request.clientTimeMs })),
 * ]);
 */
export function defineModule<Services>(
	name: string,
	routes: (implement: Implement<Services>) => RouteDefinition<Services>[],
): HandlerModule<Services> {
	return { name, routes: routes((contract, handler) => ({ contract, handler })) };
}
