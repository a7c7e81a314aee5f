// A logger whose lines name the trace and the span that run when they are written.
import type { Logger } from "../../common/logger.ts";
import type { Tracer } from "../../common/tracing.ts";

type Method = Logger["info"];

export class TracedLogger implements Logger {
	readonly debug: Method;
	readonly info: Method;
	readonly warn: Method;
	readonly error: Method;
	readonly fatal: Method;
	readonly #target: Logger;
	readonly #tracer: Tracer;

	constructor(target: Logger, tracer: Tracer) {
		this.#target = target;
		this.#tracer = tracer;
		const traced =
			(method: Method): Method =>
			(fields, message) =>
				method(this.#withTrace(fields), message);
		this.debug = traced(target.debug);
		this.info = traced(target.info);
		this.warn = traced(target.warn);
		this.error = traced(target.error);
		this.fatal = traced(target.fatal);
	}

	get droppedLines(): number {
		return this.#target.droppedLines ?? 0;
	}

	child(bindings: Record<string, unknown>): Logger {
		return new TracedLogger(this.#target.child(bindings), this.#tracer);
	}

	isLevelEnabled(level: string): boolean {
		return this.#target.isLevelEnabled(level);
	}

	/** What a line says by itself is of its request, which may not be what runs. */
	#withTrace(fields: object): object {
		const scope = this.#tracer.current();
		if (scope === undefined || "traceId" in fields) return fields;
		const { traceId, spanId } = scope.context;
		return { traceId, spanId, ...fields };
	}
}
