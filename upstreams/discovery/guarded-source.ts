// The endpoints of services, as upstreams get them: what a discovery server lists, without what must not be used, and guarded against
// a server that is unreachable or has lost its data. One subscription at the server for each service, whatever the number of listeners.
import type { Clock } from "../../common/clock.ts";
import { LogQuota } from "../../common/log-quota.ts";
import type { Logger } from "../../common/logger.ts";
import type { Endpoint, EndpointSource, EndpointWatch } from "../endpoint-source.ts";
import { type EndpointFeed, type FeedSubscription, type ListedEndpoint, SERVICE_NAME } from "./discovery-client.ts";
import { EndpointGuard, type GuardDecision, type GuardOptions, keyOf } from "./endpoint-guard.ts";
import type { EndpointRules } from "./endpoint-rules.ts";

export interface GuardedSourceOptions {
	/** `etcd`, `nacos`: for logs and metrics. */
	readonly kind: string;
	readonly feed: EndpointFeed;
	readonly rules: EndpointRules;
	readonly protection: GuardOptions;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface ServiceFigures {
	readonly service: string;
	readonly endpoints: number;
	/** Endpoints in use that the server no longer lists. */
	readonly withheld: number;
	/** Milliseconds for which the server has not been reachable; 0 while it is. */
	readonly staleMs: number;
}

/** Services that one process may watch; a further one is an error of the configuration. */
export const MAX_SERVICES = 64;

type Listener = (endpoints: readonly Endpoint[]) => void;

export class GuardedSource implements EndpointSource {
	/** Lists received, and endpoints left out of them. */
	readonly counts = { lists: 0, rejected: 0 };
	private readonly options: GuardedSourceOptions;
	private readonly services = new Map<string, WatchedService>();

	constructor(options: GuardedSourceOptions) {
		this.options = options;
	}

	/** @throws Error for a name that no service can have, and for one service too many. */
	watch(service: string, listener: Listener): EndpointWatch {
		if (!SERVICE_NAME.test(service)) throw new Error(`${JSON.stringify(service)} is no name of a service`);
		const watched = this.services.get(service) ?? this.open(service);
		const entry = { listener };
		watched.add(entry);
		return {
			close: async () => {
				if (watched.remove(entry) > 0 || this.services.get(service) !== watched) return;
				this.services.delete(service);
				await watched.close();
			},
		};
	}

	figures(): ServiceFigures[] {
		return [...this.services.values()].map((watched) => watched.figures());
	}

	async close(): Promise<void> {
		await Promise.all([...this.services.values()].map((watched) => watched.close()));
		this.services.clear();
	}

	private open(service: string): WatchedService {
		if (this.services.size >= MAX_SERVICES) throw new Error(`more than ${MAX_SERVICES} services are watched`);
		const watched = new WatchedService(service, this.options, this.counts);
		this.services.set(service, watched);
		return watched;
	}
}

class WatchedService {
	private readonly service: string;
	private readonly options: GuardedSourceOptions;
	private readonly counts: GuardedSource["counts"];
	private readonly guard: EndpointGuard;
	/** A server whose lists change all the time fills no disk. */
	private readonly log: LogQuota;
	private readonly listeners = new Set<{ readonly listener: Listener }>();
	private readonly subscription: FeedSubscription;
	private decision: GuardDecision | undefined;
	private staleSinceMs: number | undefined;
	private lastRejected = "";
	private timer: NodeJS.Timeout | undefined;
	private isClosed = false;

	constructor(service: string, options: GuardedSourceOptions, counts: GuardedSource["counts"]) {
		this.service = service;
		this.options = options;
		this.counts = counts;
		this.guard = new EndpointGuard(options.protection);
		this.log = new LogQuota(options.logger, () => options.clock.monotonic());
		this.subscription = options.feed.subscribe(service, {
			onList: (listed) => this.onList(listed),
			onUnavailable: (error) => this.onUnavailable(error),
			onAvailable: () => this.onAvailable(),
		});
	}

	add(entry: { readonly listener: Listener }): void {
		this.listeners.add(entry);
		if (this.decision !== undefined) entry.listener(this.decision.endpoints);
	}

	/** @returns how many listeners are left. */
	remove(entry: { readonly listener: Listener }): number {
		this.listeners.delete(entry);
		return this.listeners.size;
	}

	figures(): ServiceFigures {
		const { decision, staleSinceMs } = this;
		return {
			service: this.service,
			endpoints: decision?.endpoints.length ?? 0,
			withheld: decision?.withheld ?? 0,
			staleMs: staleSinceMs === undefined ? 0 : this.options.clock.monotonic() - staleSinceMs,
		};
	}

	async close(): Promise<void> {
		this.isClosed = true;
		clearTimeout(this.timer);
		await this.subscription.close();
	}

	private onList(listed: readonly ListedEndpoint[]): void {
		if (this.isClosed) return;
		this.onAvailable();
		this.counts.lists++;
		const { endpoints, rejected, reasons } = this.options.rules.usable(listed);
		this.counts.rejected += rejected;
		this.logRejected(rejected, reasons);
		this.apply(this.guard.onList(endpoints, this.options.clock.monotonic()));
	}

	private onUnavailable(error: Error): void {
		if (this.isClosed || this.staleSinceMs !== undefined) return;
		this.staleSinceMs = this.options.clock.monotonic();
		const fields = { ...this.fields(), endpoints: this.decision?.endpoints.length ?? 0, err: error.message };
		this.log.log("warn", fields, "the discovery server is unavailable; the last endpoints stay in use");
	}

	private onAvailable(): void {
		if (this.isClosed || this.staleSinceMs === undefined) return;
		this.staleSinceMs = undefined;
		this.log.log("info", this.fields(), "the discovery server is available");
	}

	private apply(next: GuardDecision): void {
		const { decision: last } = this;
		const wasHeld = (last?.withheld ?? 0) > 0;
		this.decision = next;
		clearTimeout(this.timer);
		if (next.untilMs !== undefined) {
			const delayMs = Math.max(0, next.untilMs - this.options.clock.monotonic());
			this.timer = setTimeout(() => this.apply(this.guard.expire()), delayMs).unref();
		}
		const fields = { ...this.fields(), endpoints: next.endpoints.length, withheld: next.withheld };
		if (next.withheld > 0 && !wasHeld) {
			this.log.log("warn", fields, "far fewer endpoints are listed than before; the missing ones stay in use for now");
		} else if (next.withheld === 0 && wasHeld) {
			this.log.log("info", fields, "the endpoints in use are those that are listed again");
		}
		if (last === undefined || !isSame(last.endpoints, next.endpoints)) {
			for (const { listener } of [...this.listeners]) listener(next.endpoints);
		}
	}

	private fields(): { readonly registry: string; readonly service: string } {
		return { registry: this.options.kind, service: this.service };
	}

	/** Once for each set of problems, not once for each list. */
	private logRejected(count: number, reasons: readonly string[]): void {
		const text = reasons.join("; ");
		if (text !== "" && text !== this.lastRejected) {
			const fields = { ...this.fields(), count, examples: text };
			this.log.log("warn", fields, "endpoints that are listed are not used");
		}
		this.lastRejected = text;
	}
}

function isSame(one: readonly Endpoint[], other: readonly Endpoint[]): boolean {
	return one.length === other.length && textOf(one) === textOf(other);
}

/** The same for two lists in another order. */
function textOf(endpoints: readonly Endpoint[]): string {
	const lines = endpoints.map((endpoint) => `${keyOf(endpoint)} ${endpoint.weight} ${metadataText(endpoint.metadata)}`);
	return lines.sort().join("\n");
}

function metadataText(metadata: Readonly<Record<string, string>>): string {
	return JSON.stringify(Object.entries(metadata).sort(([one], [other]) => (one < other ? -1 : 1)));
}
