// One generation of a module: its functions, the calls that run on them, its timers, and its end. Calls that began on it end on it.
import { CallError, type ModuleContext, type ModuleDefinition, type ModulePush } from "../../module/index.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import { gatewayError, invalidInput, pathOf } from "./function-errors.ts";
import type { ServedFunction } from "./function-facts.ts";
import { withinTime } from "./hook-time.ts";
import type { LoadedFunction } from "./loaded-function.ts";
import type { LoadedHook } from "./loaded-hook.ts";
import type { LoadedPush } from "./loaded-pushes.ts";
import type { LoopWatchdog } from "./loop-watchdog.ts";
import { CallView } from "./module-call.ts";
import type { ModuleTimers } from "./module-timers.ts";
import type { Caller, RetireLimits, ServingGeneration, ServingParts } from "./serving-generation.ts";

export interface GenerationParts extends ServingParts {
	readonly definition: ModuleDefinition;
	readonly functions: ReadonlyMap<string, LoadedFunction>;
	readonly pushes: ReadonlyMap<ModulePush, LoadedPush>;
	readonly hooks: readonly LoadedHook[];
	readonly context: ModuleContext;
	/** Of the context's signal. */
	readonly abort: AbortController;
	readonly timers: ModuleTimers;
	/** Ends what the context owns. Called once, after `dispose`. */
	readonly release: () => void;
	/** Gets to know what runs; undefined where nobody is to. */
	readonly watchdog: LoopWatchdog | undefined;
	/** Of a call whose function does not say less, in milliseconds. */
	readonly callTimeoutMs: () => number;
	/** Of the `dispose` hook, in milliseconds: what it does after that is not waited for. */
	readonly disposeTimeoutMs: number;
}

/** A call that returned a promise. */
interface Running {
	readonly view: CallView;
	readonly fail: (error: GatewayError) => void;
}

/** When a client whose call was ended may try again. */
const RETRY_MS = 100;

export class Generation implements ServingGeneration {
	readonly parts: GenerationParts;
	readonly threads = 0;
	calls = 0;
	faults = 0;
	private state: "idle" | "serving" | "retiring" | "ended" = "idle";
	private readonly running = new Set<Running>();
	/** Functions and hooks, by name, with what the watchdog knows them by. */
	private readonly called = new Map<string, { readonly loaded: LoadedFunction; readonly activity: number }>();
	private readonly over: Promise<void>;
	private onOver: () => void = () => {};
	private deadline: NodeJS.Timeout | undefined;

	constructor(parts: GenerationParts) {
		this.parts = parts;
		const { functions, hooks, watchdog } = parts;
		for (const loaded of [...functions.values(), ...hooks.map((hook) => hook.called)]) {
			this.called.set(loaded.name, { loaded, activity: watchdog?.register(this.name, loaded.contract.name) ?? 0 });
		}
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

	/** The definition is part of the module's code, and is collected with it. */
	get collected(): object {
		return this.parts.definition;
	}

	get exportState(): (() => readonly unknown[]) | undefined {
		const { exportState } = this.parts.definition.options;
		if (exportState === undefined) return undefined;
		return () => {
			const state: unknown = exportState();
			if (state instanceof Promise) throw new Error("exportState must not return a promise");
			return [state];
		};
	}

	get importState(): ((states: readonly unknown[]) => void) | undefined {
		const { importState } = this.parts.definition.options;
		if (importState === undefined) return undefined;
		// As data: one object with a method of the old bundle would hold all of that.
		return ([state]) => {
			importState(structuredClone(state));
		};
	}

	serve(): void {
		this.state = "serving";
		this.parts.timers.begin();
	}

	serveBeside(): void {
		this.state = "serving";
	}

	run({ name }: Pick<ServedFunction, "name">, input: object, caller: Caller): object | Promise<object> {
		const found = this.called.get(name);
		if (this.state === "ended" || found === undefined) throw this.unavailable();
		const { loaded: called, activity } = found;
		this.calls++;
		caller.generation = this.parts.number;
		const parsed = called.input.safeParse(input);
		if (!parsed.success) throw invalidInput(parsed.error.issues);
		const view = new CallView(this.parts, called.contract.name, caller);
		const { watchdog } = this.parts;
		watchdog?.enter(activity, this.parts.number);
		let result: unknown;
		try {
			result = called.run(parsed.data as never, view);
		} catch (error) {
			throw this.errorOf(error);
		} finally {
			watchdog?.leave();
		}
		if (!isThenable(result)) return this.outputOf(called, result);
		return this.track(called, view, result);
	}

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
