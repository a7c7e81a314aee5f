// What a function gets beside its input. Made for every call, hence getters: most functions ask for little of it.
import type { Identity } from "../../common/identity.ts";
import { isPermitted } from "../../common/identity.ts";
import type { Logger } from "../../common/logger.ts";
import type { CallUser, ModuleCall, ModuleContext, ModuleLogger } from "../../module/index.ts";

export interface CallFacts {
	readonly identity: Identity | undefined;
	readonly ip: string;
	readonly traceId: string;
}

export interface CallSurroundings {
	readonly context: ModuleContext;
	readonly logger: Logger;
}

export class CallView implements ModuleCall {
	readonly context: ModuleContext;
	private readonly logger: Logger;
	private readonly route: string;
	private readonly facts: CallFacts;
	private abortion: AbortController | undefined;
	private isAborted = false;

	constructor({ context, logger }: CallSurroundings, route: string, facts: CallFacts) {
		this.context = context;
		this.logger = logger;
		this.route = route;
		this.facts = facts;
	}

	get user(): CallUser | undefined {
		const { identity } = this.facts;
		if (identity === undefined || identity.key !== undefined) return undefined;
		const { userId: id, username, sessionId, deviceId, roles } = identity;
		return { id, username, sessionId, deviceId, roles, can: (permission) => isPermitted(identity, permission) };
	}

	get ip(): string {
		return this.facts.ip;
	}

	get traceId(): string {
		return this.facts.traceId;
	}

	get signal(): AbortSignal {
		this.abortion ??= new AbortController();
		if (this.isAborted) this.abortion.abort();
		return this.abortion.signal;
	}

	get log(): ModuleLogger {
		const { identity, traceId } = this.facts;
		return moduleLogger(this.logger, {
			route: this.route,
			...(identity === undefined ? {} : { userId: identity.userId }),
			...(traceId === "" ? {} : { traceId }),
		});
	}

	/** It is out of time: what still comes of it is dropped. */
	abort(): void {
		this.isAborted = true;
		this.abortion?.abort();
	}
}

/** The gateway's logger as modules have it: the message comes first. */
export function moduleLogger(logger: Logger, bindings: object = {}): ModuleLogger {
	const at = (level: "debug" | "info" | "warn" | "error") => (message: string, fields?: object) => {
		logger[level]({ ...bindings, ...fields }, message);
	};
	return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
