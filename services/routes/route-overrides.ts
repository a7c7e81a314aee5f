// The changes of routes that hold in this process: read from the store, changed by administrators, read again when another process says
// that it has changed them.
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import { fieldError } from "../../protocol/error.ts";
import { applied, changed, checkChange, type RouteChange, type RouteOverride } from "./route-override.ts";
import type { RouteOverrideStore } from "./route-override-store.ts";

export interface RouteOverridesParts {
	readonly store: RouteOverrideStore;
	readonly logger: Logger;
	/** Unix milliseconds. */
	readonly wall: () => number;
	/** Every route that there is, changed or not, as it says of itself. */
	readonly routes: () => readonly AnyRouteContract[];
	/** What holds has changed: the table is to be made again. */
	readonly onChanged: () => void;
	/** Has the other processes read it again. */
	readonly announce: () => void;
}

/** A route with what holds of it. */
export interface RouteStatus {
	readonly contract: AnyRouteContract;
	readonly override: RouteOverride | undefined;
}

/** What another process changed while the bus was down is seen after this time at the latest. */
const READ_INTERVAL_MS = 30_000;
/** Overrides of routes that are not served here, such as those of a module that is gone, are kept too. */
const MAX_OVERRIDES = 5000;

export class RouteOverrides {
	private readonly parts: RouteOverridesParts;
	private byRoute: ReadonlyMap<string, RouteOverride> = new Map();
	private readonly reads: PeriodicTask;

	constructor(parts: RouteOverridesParts) {
		this.parts = parts;
		this.reads = new PeriodicTask({
			intervalMs: READ_INTERVAL_MS,
			run: () => this.read(),
			onError: (error) => parts.logger.warn({ err: error }, "reading changes of routes failed; what is known holds"),
		});
	}

	/** Reads what is kept. Without the store, routes are served as they say themselves, until it is there. */
	async start(): Promise<void> {
		await this.reads.run();
		this.reads.start();
	}

	close(): Promise<void> {
		return this.reads.close();
	}

	/** The contract that holds; undefined when the route is not served. */
	applied(contract: AnyRouteContract): AnyRouteContract | undefined {
		return applied(contract, this.byRoute.get(contract.name));
	}

	list(): readonly RouteStatus[] {
		return this.parts.routes().map((contract) => ({ contract, override: this.byRoute.get(contract.name) }));
	}

	/**
	 * Changes a route, here and on the other processes.
	 *
	 * @param by - who asks, for people.
	 * @throws GatewayError VALIDATION_FAILED; UNAVAILABLE when it could not be saved, and then nothing has changed.
	 */
	async change(route: string, change: RouteChange, by: string): Promise<RouteStatus> {
		const { store, wall, routes, logger, announce } = this.parts;
		const contract = routes().find(({ name }) => name === route);
		if (contract === undefined) throw fieldError("route", "is not the name of a route");
		checkChange(route, change);
		// What another process has changed meanwhile is the ground of it.
		await this.read();
		const next = changed(route, this.byRoute.get(route), change, { atMs: wall(), by });
		if (next === undefined) await store.remove(route);
		else if (this.byRoute.size >= MAX_OVERRIDES && !this.byRoute.has(route)) {
			throw fieldError("route", `cannot be changed: ${MAX_OVERRIDES} are`);
		} else await store.put(next);
		logger.info({ route, ...change, by }, "a route was changed");
		await this.read();
		announce();
		return { contract, override: this.byRoute.get(route) };
	}

	/** Another process has changed something. Never rejects. */
	async refresh(): Promise<void> {
		await this.reads.runAgain();
	}

	private async read(): Promise<void> {
		const next = new Map((await this.parts.store.list()).map((override) => [override.route, override]));
		const text = (overrides: ReadonlyMap<string, RouteOverride>) => JSON.stringify([...overrides.values()]);
		if (text(next) === text(this.byRoute)) return;
		this.byRoute = next;
		this.parts.onChanged();
	}
}
