// One generation of a module: its functions, the calls that run on them, its timers, and its end. Calls that began on it end on it.
import type { Identity } from "../../common/identity.ts";
import type { Logger } from "../../common/logger.ts";
import { CallError, type ModuleContext, type ModuleDefinition, type ModulePush } from "../../module/index.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError, unavailable } from "../../protocol/error.ts";
import { withinTime } from "./hook-time.ts";
import type { LoadedFunction, ValueIssue } from "./loaded-function.ts";
import type { LoadedHook } from "./loaded-hook.ts";
import type { LoadedPush } from "./loaded-pushes.ts";
import type { ModuleBundle } from "./module-bundler.ts";
import { CallView } from "./module-call.ts";
import type { DeclaredMetric } from "./module-metrics.ts";
import type { ModuleTimers } from "./module-timers.ts";
import type { SourcePositions } from "./source-positions.ts";

/** What a function learns of its caller. */
export interface Caller {
	readonly identity: Identity | undefined;
	readonly ip: string;
	readonly traceId: string;
}

export interface GenerationParts {
	readonly bundle: ModuleBundle;
	readonly number: number;
	/** Unix milliseconds. */
	readonly loadedAtMs: number;
	/** What brought it here: `start`, `watch`, `request`, `rollback`. */
	readonly origin: string;
	readonly definition: ModuleDefinition;
	readonly functions: ReadonlyMap<string, LoadedFunction>;
	readonly pushes: ReadonlyMap<ModulePush, LoadedPush>;
	readonly metrics: readonly DeclaredMetric[];
	readonly hooks: readonly LoadedHook[];
	/** Of the settings that the operator gave, by which a change of them is seen. */
	readonly settingsText: string;
	readonly context: ModuleContext;
	/** Of the context's signal. */
	readonly abort: AbortController;
	readonly timers: ModuleTimers;
	/** Ends what the context owns. Called once, after `dispose`. */
	readonly release: () => void;
	readonly positions: SourcePositions;
	readonly logger: Logger;
	/** Of a call whose function does not say less, in milliseconds. */
	readonly callTimeoutMs: () => number;
	/** Of the `dispose` hook, in milliseconds: what it does after that is not waited for. */
	readonly disposeTimeoutMs: number;
}

export interface RetireLimits {
	/** How long calls may take. */
	readonly timeoutMs: number;
	/** How long after that until they are answered by an error. */
	readonly graceMs: number;
}

/** A call that returned a promise. */
interface Running {
	readonly view: CallView;
	readonly fail: (error: GatewayError) => void;
}

/** When a client whose call was ended may try again. */
const RETRY_MS = 100;

export class Generation {
	readonly parts: GenerationParts;
	/** Calls answered with INTERNAL. */
	faults = 0;
	private state: "idle" | "serving" | "retiring" | "ended" = "idle";
	private readonly running = new Set<Running>();
	private readonly over: Promise<void>;
	private onOver: () => void = () => {};
	private deadline: NodeJS.Timeout | undefined;

	constructor(parts: GenerationParts) {
		this.parts = parts;
		this.over = new Promise((resolve) => {
			this.onOver = resolve;
		});
	}

	get name(): string {
		return this.parts.bundle.name;
	}

	get inFlight(): number {
		return this.running.size;
	}

	get isEnded(): boolean {
		return this.state === "ended";
	}

	/** From now on calls come. */
	serve(): void {
		this.state = "serving";
		this.parts.timers.begin();
	}

	/**
	 * Runs a function.
	 *
	 * @param input - the JSON object that was sent.
	 * @throws GatewayError, or rejects with one: VALIDATION_FAILED, what the function threw, TIMEOUT, UNAVAILABLE.
	 */
	run(called: LoadedFunction, input: object, caller: Caller): object | Promise<object> {
		if (this.state === "ended") throw this.unavailable();
		const parsed = called.input.safeParse(input);
		if (!parsed.success) throw invalidInput(parsed.error.issues);
		const view = new CallView(this.parts, called.contract.name, caller);
		let result: unknown;
		try {
			result = called.run(parsed.data as never, view);
		} catch (error) {
			throw this.errorOf(error);
		}
		if (!isThenable(result)) return this.outputOf(called, result);
		return this.track(called, view, result);
	}

	/**
	 * Another generation serves. Its calls end by themselves or are ended, then it is disposed of.
	 *
	 * @returns when it is over. Never rejects.
	 */
	retire({ timeoutMs, graceMs }: RetireLimits): Promise<void> {
		this.parts.timers.stopPeriodic();
		if (this.state === "ended") return this.over;
		this.state = "retiring";
		if (this.running.size === 0) this.end();
		else {
			this.deadline = setTimeout(() => {
				this.parts.logger.warn({ calls: this.running.size }, "calls of a replaced generation are out of time");
				this.parts.abort.abort();
				for (const { view } of this.running) view.abort();
				this.deadline = setTimeout(() => this.failAll(), graceMs);
			}, timeoutMs);
		}
		return this.over;
	}

	/** Ends it now: calls that run are answered UNAVAILABLE. Also for one that never served. @returns as `retire`. */
	abandon(): Promise<void> {
		if (this.state !== "ended") {
			this.state = "retiring";
			this.parts.timers.stopPeriodic();
			for (const { view } of this.running) view.abort();
			this.failAll();
		}
		return this.over;
	}

	private failAll(): void {
		for (const { fail } of [...this.running]) fail(this.unavailable());
		this.running.clear();
		this.end();
	}

	private end(): void {
		if (this.state === "ended") return;
		this.state = "ended";
		clearTimeout(this.deadline);
		this.parts.abort.abort();
		void this.dispose().then(() => {
			this.parts.release();
			this.onOver();
		});
	}

	/** Never rejects. */
	private async dispose(): Promise<void> {
		const { definition, logger, positions, disposeTimeoutMs } = this.parts;
		try {
			await withinTime("dispose", disposeTimeoutMs, () => definition.options.dispose?.());
		} catch (error) {
			logger.error({ err: positions.translate(error) }, "dispose of a module failed");
		}
	}

	/** Answers when the function has, or the call's time or the generation's is over. */
	private track(called: LoadedFunction, view: CallView, result: PromiseLike<unknown>): Promise<object> {
		return new Promise((resolve, reject) => {
			const timeoutMs = Math.min(called.timeoutMs ?? Number.POSITIVE_INFINITY, this.parts.callTimeoutMs());
			const close = (): boolean => {
				clearTimeout(timer);
				return this.running.delete(entry);
			};
			const entry: Running = {
				view,
				fail: (error) => {
					if (close()) reject(error);
				},
			};
			this.running.add(entry);
			// A promise that is never settled would be kept for good.
			const timer = setTimeout(() => {
				view.abort();
				entry.fail(new GatewayError(ErrorCode.TIMEOUT, "the request was not finished in time"));
				this.endIfDone();
			}, timeoutMs);
			result.then(
				(value) => {
					if (!close()) return;
					try {
						resolve(this.outputOf(called, value));
					} catch (error) {
						reject(error as Error);
					}
					this.endIfDone();
				},
				(error: unknown) => {
					if (!close()) return;
					reject(this.errorOf(error));
					this.endIfDone();
				},
			);
		});
	}

	private endIfDone(): void {
		if (this.state === "retiring" && this.running.size === 0) this.end();
	}

	private outputOf({ output, contract }: LoadedFunction, value: unknown): object {
		const parsed = output.safeParse(value);
		if (parsed.success) return parsed.data;
		const [first] = parsed.error.issues;
		const text = `${contract.name} returned what its output is not: ${pathOf(first?.path ?? [])}: ${first?.message}`;
		throw this.fault(new Error(text));
	}

	/** Never throws: a call whose error cannot be read must be answered too. */
	private errorOf(thrown: unknown): GatewayError {
		try {
			if (thrown instanceof CallError) return gatewayError(thrown);
			if (thrown instanceof GatewayError) return thrown;
			return this.fault(this.parts.positions.translate(thrown));
		} catch (unreadable) {
			return this.fault(unreadable);
		}
	}

	private fault(cause: unknown): GatewayError {
		this.faults++;
		return new GatewayError(ErrorCode.INTERNAL, "internal error", { cause });
	}

	private unavailable(): GatewayError {
		return unavailable(`module ${this.name}`, RETRY_MS);
	}
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** @throws Error when it is none that a caller could be given: JavaScript is not held to the types. */
function gatewayError({ code, message, field, retryAfterMs, cause }: CallError): GatewayError {
	const number = ErrorCode[code] as ErrorCode | undefined;
	if (!number) throw new Error(`CallError: ${code} is no code of an error`);
	if (field !== undefined && typeof field !== "string") throw new Error("CallError: field must be a string");
	if (!Number.isFinite(retryAfterMs)) throw new Error("CallError: retryAfterMs must be a number of milliseconds");
	if (field !== undefined) return fieldError(field, message, { code: number, message, retryAfterMs });
	return new GatewayError(number, message, { retryAfterMs, ...(cause === undefined ? {} : { cause }) });
}

const MAX_VIOLATIONS = 20;
const MAX_NAME = 64;

/** The fields that an input breaks its schema with. */
function invalidInput(issues: readonly ValueIssue[]): GatewayError {
	const violations = issues
		.flatMap((issue) => {
			if (issue.code !== "unrecognized_keys") return [{ field: pathOf(issue.path), description: issue.message }];
			const names = (issue.keys ?? []).map((key) => key.slice(0, MAX_NAME));
			return names.map((name) => ({ field: pathOf([...issue.path, name]), description: "is unknown" }));
		})
		.slice(0, MAX_VIOLATIONS);
	const text = violations.map(({ field, description }) => `${field || "the input"}: ${description}`).join("; ");
	return new GatewayError(ErrorCode.VALIDATION_FAILED, text, { violations });
}

/** `items[0].name` */
function pathOf(path: readonly PropertyKey[]): string {
	return path
		.map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`))
		.join("");
}
