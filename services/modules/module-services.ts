// What the gateway does for modules. Members take and return data, and those that answer are asynchronous, so that a call may come from
// another thread than the gateway's.
import type { Labels } from "../../common/metrics.ts";
import type { AnyPushContract } from "../../protocol/contract.ts";
import type { FetchBounds } from "./module-fetch.ts";
import type { DeclaredMetric } from "./module-metrics.ts";
import type { StoreBounds } from "./module-store.ts";
import type { SqlDialect, StatementRunner } from "./statement-runner.ts";
import type { ValueStore } from "./value-store.ts";

/** A notification for users. */
export interface Notice {
	readonly userIds: readonly string[];
	/** Name of the template. */
	readonly type: string;
	readonly variables: Readonly<Record<string, string>>;
	readonly data: Readonly<Record<string, string>>;
}

/** A push of a module, as data. */
export type PushName = Pick<AnyPushContract, "number" | "name">;

export interface ModuleServices {
	/** Of these users, those who are online. @throws GatewayError UNAVAILABLE. */
	online(userIds: readonly string[]): Promise<ReadonlySet<string>>;
	/** @throws GatewayError UNAVAILABLE, PAYLOAD_TOO_LARGE. */
	unicast(userId: string, push: PushName, body: object): Promise<unknown>;
	/** To every user who is online. @returns how many were reached. @throws GatewayError UNAVAILABLE. */
	broadcast(push: PushName, body: object): Promise<number>;
	/** On a channel of an application. @param data - JSON. @throws GatewayError NOT_FOUND, PAYLOAD_TOO_LARGE, UNAVAILABLE. */
	publish(channel: string, data: string): Promise<unknown>;
	/** @throws GatewayError VALIDATION_FAILED, UNAVAILABLE. */
	notify(notice: Notice): Promise<unknown>;
	/** @throws GatewayError UNAVAILABLE. */
	disconnect(userId: string): Promise<number>;
	readonly values: ValueStore;
	readonly statements: StatementRunner;
}

/** These, and what the host of modules does itself. */
export interface LoaderServices extends ModuleServices {
	/** Takes what a module counts. */
	record(module: string, metric: DeclaredMetric, value: number, labels: Labels): Promise<void>;
}

/** What the configuration says of the context of one module: data. */
export interface ContextOptions {
	readonly store: StoreBounds;
	readonly fetch: FetchBounds;
	/** Of the database of modules. */
	readonly sqlDialect: SqlDialect;
	/** As the operator gives them; undefined for none. */
	readonly settings: unknown;
}
