// What a scenario of the proof is: one fault under load, and what must hold afterwards.
import type { GatewayProcess } from "../../test/support/gateway.ts";
import type { KafkaCluster } from "../../test/support/kafka/kafka-server.ts";
import type { Plan } from "./plan.ts";
import type { Postgres } from "./postgres.ts";
import type { Random } from "./random.ts";
import type { RedisKinds } from "./redis.ts";
import type { Timeline } from "./timeline.ts";

export type RedisKind = keyof RedisKinds;

export interface Needs<Kind extends RedisKind = RedisKind> {
	readonly redis: Kind;
	/** Gateway processes. */
	readonly nodes: number;
	/** Of them, the first ones that run the commit before, until they are started again. */
	readonly nodesBefore?: number;
	/** What the nodes' configuration must say besides. */
	readonly env?: Readonly<Record<string, string>>;
	/** Where nodes keep what lasts; PostgreSQL by default. */
	readonly sql?: "postgres" | "embedded";
	/** Topics of a Kafka, which is started for them, with their partitions. */
	readonly topics?: Readonly<Record<string, number>>;
	/** V8's old generation of each node, in MB; by default V8's own. */
	readonly heapMb?: number;
}

/** What the runner has started for a scenario, and ends after it. */
export interface Context<Kind extends RedisKind = RedisKind> {
	readonly plan: Plan;
	readonly random: Random;
	readonly redis: RedisKinds[Kind];
	readonly postgres: Postgres;
	/** Where the scenario has topics. */
	readonly kafka: KafkaCluster | undefined;
	/** That nodes sign tokens with. */
	readonly secret: string;
	readonly timeline: Timeline;
	/** Changes where a node is started again. */
	readonly nodes: readonly GatewayProcess[];
	/** Starts a node again, on its port, after its process has ended. */
	startAgain(index: number): Promise<void>;
	/** A step of the scenario begins. */
	step(what: string): void;
	/** Called by the runner before it ends the servers. */
	atEnd(task: () => unknown): void;
}

/** One thing that must hold. */
export interface Check {
	readonly what: string;
	readonly holds: boolean;
	/** What was found. */
	readonly found: string;
}

export interface Outcome {
	/** Plain numbers; those of the same name mean the same in every scenario. */
	readonly figures: Readonly<Record<string, number>>;
	readonly checks: readonly Check[];
	/** What went wrong, in words; the first few. */
	readonly examples: readonly string[];
	/** What a control did not deliver as it was sent, in words; the first few. */
	readonly notes?: readonly string[];
}

export interface Scenario<Kind extends RedisKind = RedisKind> {
	readonly name: string;
	readonly title: string;
	/** Left out of the short form, unless it is named. */
	readonly isLongOnly?: boolean;
	/** A control shows what something else makes of the same fault: the scenario of this name's, with which it runs. */
	readonly controlOf?: string;
	readonly needs: Needs<Kind>;
	/** How many steps it announces. */
	readonly steps: number;
	run(context: Context<Kind>): Promise<Outcome>;
}
