// All routes of the process, compiled and frozen. Replaced as a whole when handlers or settings change while the
// process runs.
import type { AnyRouteContract, FieldRule } from "../protocol/contract.ts";
import type { HttpBinding } from "../protocol/http-binding.ts";
import { compose, type Middleware, type Step } from "./pipeline.ts";
import type { HandlerModule } from "./route.ts";

/** A route ready to be run. */
export interface CompiledRoute {
	readonly contract: AnyRouteContract;
	/** Middleware and handler in one. */
	readonly run: Step;
	/** The body must be copied before decoding, because the decoded request refers to its bytes. */
	readonly copiesBody: boolean;
	/** Properties of the request that are lists. */
	readonly lists: readonly RequestList[];
}

export interface RequestList {
	readonly property: string;
	readonly shape: FieldRule["shape"];
}

/** A handler module with the services that its handlers get. */
export interface BoundModule {
	readonly name: string;
	readonly routes: readonly { readonly contract: AnyRouteContract; readonly last: Step }[];
}

/** Gives a module its services. */
export function bindModule<Services>(module: HandlerModule<Services>, services: Services): BoundModule {
	return {
		name: module.name,
		routes: module.routes.map(({ contract, handler }) => ({
			contract,
			last: function handle(call) {
				return handler(call.request, call, services);
			},
		})),
	};
}

/** Protocol numbers are below this: blocks of 1000, up to 9999. */
export const MAX_PROTOCOL = 9999;

export class RouteTable {
	readonly routes: readonly CompiledRoute[];
	/** The HTTP requests that call them, beside those that their names give. */
	readonly bindings: readonly HttpBinding[];
	/** An array indexed by number: most slots are empty, and a lookup is one bounds check and one load. */
	private readonly byNumber: (CompiledRoute | undefined)[];

	/**
	 * @param bindings - of these routes, and of others, which are left out.
	 * @throws Error when two routes share a number, a name, or a method and path; or a number is out of range.
	 */
	constructor(
		modules: readonly BoundModule[],
		middleware: readonly Middleware[],
		bindings: readonly HttpBinding[] = [],
	) {
		this.byNumber = new Array<CompiledRoute | undefined>(MAX_PROTOCOL + 1).fill(undefined);
		const names = new Set<string>();
		const routes: CompiledRoute[] = [];
		for (const { contract, last } of modules.flatMap((module) => module.routes)) {
			const { number, name } = contract;
			if (!Number.isInteger(number) || number < 1 || number > MAX_PROTOCOL) {
				throw new Error(`route ${name}: protocol number ${number} is not between 1 and ${MAX_PROTOCOL}`);
			}
			const taken = this.byNumber[number];
			if (taken) throw new Error(`route ${name}: protocol number ${number} belongs to ${taken.contract.name}`);
			if (names.has(name)) throw new Error(`route ${name} is defined twice`);
			names.add(name);
			const route: CompiledRoute = Object.freeze({
				contract,
				run: compose(middleware, contract, last),
				copiesBody: contract.request.holdsBytes,
				lists: contract.request.rules.filter(({ cardinality }) => cardinality === "many"),
			});
			this.byNumber[number] = route;
			routes.push(route);
		}
		this.routes = Object.freeze(routes);
		Object.freeze(this.byNumber);
		this.bindings = Object.freeze(bindings.filter(({ route }) => this.byNumber[route] !== undefined));
		this.checkBindings();
	}

	private checkBindings(): void {
		const taken = new Map<string, string>();
		for (const { route, method, path } of this.bindings) {
			const name = this.byNumber[route]?.contract.name ?? "";
			// Variables of any name stand for the same segments.
			const key = `${method} ${path.replace(/\{[^}]*\}/g, "{}")}`;
			const other = taken.get(key);
			if (other !== undefined) throw new Error(`route ${name}: ${method} ${path} belongs to ${other}`);
			taken.set(key, name);
		}
	}

	find(number: number): CompiledRoute | undefined {
		return this.byNumber[number];
	}
}
