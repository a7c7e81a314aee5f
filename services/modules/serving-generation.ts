// What the host, the route table and every surface know of a generation of a module, whether its code runs in this thread or in others.

import type { GameCode } from "../../common/game-code.ts";
import type { Identity } from "../../common/identity.ts";
import type { Logger } from "../../common/logger.ts";
import type { ServedFunction } from "./function-facts.ts";
import type { ServedHook } from "./loaded-hook.ts";
import type { ModuleBundle } from "./module-bundler.ts";
import type { DeclaredMetric } from "./module-metrics.ts";
import type { SourcePositions } from "./source-positions.ts";

/** What a function learns of its caller. */
export interface Caller {
	readonly identity: Identity | undefined;
	readonly ip: string;
	readonly traceId: string;
	/** The user where there is no identity yet: who logs in. */
	readonly userId?: string;
	/** Set by the generation that takes the call: log lines and spans name it. */
	generation?: number;
}

export interface RetireLimits {
	/** How long calls may take. */
	readonly timeoutMs: number;
	/** How long after that until they are answered by an error. */
	readonly graceMs: number;
}

/** A game of a module. */
export interface ServedGame {
	readonly code: GameCode;
	/** A stack of where it was defined. */
	readonly definedAt: string;
}

/** A push of a module, as others need to know of it. */
export interface ServedPush {
	readonly contract: { readonly number: number; readonly name: string };
	/** A stack of where it was defined. */
	readonly definedAt: string;
}

export interface ServingParts {
	readonly bundle: ModuleBundle;
	readonly number: number;
	/** Unix milliseconds. */
	readonly loadedAtMs: number;
	/** What brought it here: `start`, `watch`, `request`, `rollback`. */
	readonly origin: string;
	readonly functions: ReadonlyMap<string, ServedFunction>;
	readonly pushes: ReadonlyMap<unknown, ServedPush>;
	readonly metrics: readonly DeclaredMetric[];
	readonly hooks: readonly ServedHook[];
	readonly games: readonly ServedGame[];
	/** Of the settings that the operator gave, by which a change of them is seen. */
	readonly settingsText: string;
	readonly positions: SourcePositions;
	readonly logger: Logger;
}

export interface ServingGeneration {
	readonly name: string;
	readonly parts: ServingParts;
	/** Calls that are not answered yet. */
	readonly inFlight: number;
	/** Calls that began on it, those of hooks too. */
	readonly calls: number;
	/** Calls answered with INTERNAL. */
	readonly faults: number;
	readonly isEnded: boolean;
	/** Threads that its code runs in; 0 in the gateway's own. */
	readonly threads: number;
	/** An object that is collected when its code is. */
	readonly collected: object;
	/** From now on calls come, and its periodic work runs. */
	serve(): void;
	/** From now on calls of some callers come; periodic work stays with the generation beside it, until `serve`. */
	serveBeside(): void;
	/**
	 * Runs a function.
	 *
	 * @param input - the object that was sent.
	 * @throws GatewayError, or rejects with one: VALIDATION_FAILED, what the function threw, TIMEOUT, UNAVAILABLE.
	 */
	run(called: Pick<ServedFunction, "name">, input: object, caller: Caller): object | Promise<object>;
	/** State for the next generation, one for each thread; undefined when it exports none. @throws what the module throws. */
	readonly exportState: (() => readonly unknown[] | Promise<readonly unknown[]>) | undefined;
	/** Takes over what the generation before exported. @throws what the module throws. */
	readonly importState: ((states: readonly unknown[]) => void | Promise<void>) | undefined;
	/**
	 * Another generation serves. Its calls end by themselves or are ended, then it is disposed of.
	 *
	 * @returns when it is over. Never rejects.
	 */
	retire(limits: RetireLimits): Promise<void>;
	/** Ends it now: calls that run are answered UNAVAILABLE. Also for one that never served. @returns as `retire`. */
	abandon(): Promise<void>;
}
