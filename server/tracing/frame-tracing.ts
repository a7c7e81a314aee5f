// Requests as spans: they begin where the dispatchers make a call of them, pass the steps of their chain, and end where the observer of requests
// is notified.

import type { Call } from "../../core/call.ts";
import type { CallTracing, TracedCall } from "../../core/call-tracing.ts";
import type { Middleware, StepResult } from "../../core/pipeline.ts";
import type { RequestObserver } from "../../core/request-observer.ts";
import { ErrorCode, replyCode } from "../../protocol/codes.ts";
import { FrameTrace } from "./frame-trace.ts";
import type { ProcessTracer } from "./tracer.ts";

/** Replies that say something of the gateway, and not of the request: the others leave a server's span without an error. */
const FAULTS: ReadonlySet<ErrorCode> = new Set([
	ErrorCode.INTERNAL,
	ErrorCode.UNAVAILABLE,
	ErrorCode.TIMEOUT,
	ErrorCode.UPSTREAM_FAILED,
]);

export interface FrameTracingOptions {
	readonly tracer: ProcessTracer;
	/** A client's context says whether its request is sampled. */
	readonly trustsClients: boolean;
}

export class FrameTracing implements CallTracing {
	private readonly options: FrameTracingOptions;

	constructor(options: FrameTracingOptions) {
		this.options = options;
	}

	begin(call: TracedCall): void {
		const { tracer, trustsClients } = this.options;
		const { context } = call;
		const { name } = call.contract;
		const given = context ?? { traceId: call.traceId, state: "", isSampled: false };
		const local = tracer.trace(name, given, trustsClients && context !== undefined);
		call.trace = new FrameTrace(local, { name, startMs: call.receivedAtMs, parentSpanId: context?.spanId ?? "" });
	}

	/** The same observer, which is notified first. */
	observing(observer: RequestObserver): RequestObserver {
		return {
			settled: (call, code, error, later) => {
				observer.settled(call, code, error, later);
				end(call, code);
			},
			overloaded: (call, bound) => observer.overloaded(call, bound),
			refused: (code) => observer.refused(code),
		};
	}

	/** Steps of a chain by name: each marks what runs, the outermost makes the call what is current, and the last one is the handler. */
	chain(steps: readonly (readonly [name: string, middleware: Middleware])[]): readonly Middleware[] {
		const marked = steps.map(([name, middleware]): Middleware => {
			return (route, next) => {
				const step = middleware(route, next);
				if (step === next) return next;
				return (call) => {
					if (call.trace !== undefined) call.trace.step = name;
					return step(call);
				};
			};
		});
		return [this.entered(), ...marked, handled()];
	}

	private entered(): Middleware {
		const { tracer } = this.options;
		return (_route, next) =>
			function traced(call) {
				return tracer.run(call.trace, () => next(call));
			};
	}
}

function handled(): Middleware {
	return (_route, next) =>
		function handler(call): StepResult {
			const { trace } = call;
			if (trace === undefined) return next(call);
			trace.onHandler();
			const result = next(call);
			if (result instanceof Promise && trace.context.isSampled) {
				const ended = () => trace.onHandled();
				result.then(ended, ended);
			}
			return result;
		};
}

function end(call: Call, code: ErrorCode): void {
	const { trace } = call;
	if (!(trace instanceof FrameTrace)) return;
	const isFault = FAULTS.has(code);
	if (!trace.local.isSampled && !isFault) {
		trace.local.finish(false);
		return;
	}
	const { contract, style, peer, servedBy } = call;
	const { name, httpStatus } = replyCode(code);
	trace.end({
		code: name,
		isFault,
		isRefused: code !== ErrorCode.OK,
		attributes: {
			"rpc.system.name": "framegate",
			"rpc.method": contract.name,
			"rpc.response.status_code": name,
			"framegate.protocol": contract.number,
			...(servedBy === undefined
				? {}
				: { "framegate.module": servedBy.module, "framegate.module.generation": servedBy.generation }),
			...(style === undefined
				? { "network.protocol.name": "websocket", "framegate.encoding": peer.encoding }
				: { "network.protocol.name": "http", "framegate.style": style, "http.response.status_code": httpStatus }),
		},
	});
}
