// A generation of a module that runs in threads of its own: it spreads calls over them, hands state over, and ends them.
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../../protocol/error.ts";
import { functionOfFacts, type ProtoSource, type ServedFunction } from "../function-facts.ts";
import { ProtoFiles } from "../loaded-method.ts";
import { settingsText } from "../module-settings.ts";
import type { Caller, RetireLimits, ServedPush, ServingGeneration, ServingParts } from "../serving-generation.ts";
import { replyIn, requestOut } from "./message-bytes.ts";
import type { ModuleThread } from "./module-thread.ts";
import type { HookFacts, LoadedFacts, LoadRequest } from "./thread-messages.ts";
import { type SlotOptions, ThreadSlot } from "./thread-slot.ts";

export interface ThreadGenerationOptions extends SlotOptions {
	readonly callTimeoutMs: () => number;
	/** Of the `dispose` hook, in milliseconds. */
	readonly disposeTimeoutMs: number;
	/** Unix milliseconds. */
	readonly wall: () => number;
}

export class ThreadGeneration implements ServingGeneration {
	readonly parts: ServingParts;
	calls = 0;
	faults = 0;
	private readonly slots: readonly ThreadSlot[];
	private readonly options: ThreadGenerationOptions;
	private readonly facts: LoadedFacts;
	private looks: NodeJS.Timeout | undefined;
	private next = 0;
	private over: Promise<void> | undefined;

	/** Starts the threads, and has each load the module. @throws ModuleError of the first that cannot. */
	static async load(request: LoadRequest, options: ThreadGenerationOptions): Promise<ThreadGeneration> {
		const slots = Array.from({ length: options.isolated.threads }, () => new ThreadSlot(request, options));
		try {
			const [facts] = await Promise.all(slots.map((slot) => slot.start()));
			const { functions } = facts as LoadedFacts;
			const files = new ProtoFiles(request.bundle.name);
			const compile = async ({ proto, method }: ProtoSource) =>
				files.route(await files.compile(proto), method).contract;
			const served = await Promise.all(functions.map((one) => functionOfFacts(one, compile)));
			return new ThreadGeneration(request, facts as LoadedFacts, served, slots, options);
		} catch (error) {
			await Promise.all(slots.map((slot) => slot.close(() => Promise.resolve(), 0)));
			throw error;
		}
	}

	private constructor(
		{ bundle, number, origin, contextOptions }: LoadRequest,
		facts: LoadedFacts,
		functions: readonly ServedFunction[],
		slots: readonly ThreadSlot[],
		options: ThreadGenerationOptions,
	) {
		this.facts = facts;
		this.slots = slots;
		this.options = options;
		const { wall, positions, logger } = options;
		this.parts = {
			bundle,
			number,
			loadedAtMs: wall(),
			origin,
			functions: new Map(functions.map((one) => [one.name, one])),
			pushes: new Map(
				facts.pushes.map((push): readonly [string, ServedPush] => {
					const { number: pushNumber, name, definedAt } = push;
					return [name, { contract: { number: pushNumber, name }, definedAt }];
				}),
			),
			metrics: facts.metrics,
			games: [],
			hooks: facts.hooks.map(({ called, ...hook }) => ({ ...hook, called: hookFunction(called) })),
			settingsText: settingsText(contextOptions.settings),
			positions,
			logger,
		};
	}

	get name(): string {
		return this.parts.bundle.name;
	}

	get inFlight(): number {
		return this.slots.reduce((sum, { ready }) => sum + (ready?.running ?? 0), 0);
	}

	/** A call that comes late runs on the next generation: this one may end in its threads before that is known here. */
	get isEnded(): boolean {
		return this.over !== undefined;
	}

	get threads(): number {
		return this.slots.length;
	}

	/** Its code is in the threads, which end; what is left here is this object. */
	get collected(): object {
		return this;
	}

	get exportState(): (() => Promise<readonly unknown[]>) | undefined {
		if (!this.facts.exportsState) return undefined;
		return async () => {
			const threads = this.slots.flatMap(({ ready }) => ready ?? []);
			return await Promise.all(threads.map((thread) => thread.exportState()));
		};
	}

	/** Thread n takes the state of thread n of the generation before, or of the first where that had fewer. */
	get importState(): ((states: readonly unknown[]) => Promise<void>) | undefined {
		if (!this.facts.importsState) return undefined;
		return async (states) => {
			if (states.length === 0) return;
			await Promise.all(
				this.slots.map(async ({ ready }, index) => await ready?.importState(states[index % states.length])),
			);
		};
	}

	serve(): void {
		for (const slot of this.slots) slot.serve();
		this.beginLooks();
	}

	serveBeside(): void {
		for (const slot of this.slots) slot.serveBeside();
		this.beginLooks();
	}

	async run({ name }: Pick<ServedFunction, "name">, input: object, caller: Caller): Promise<object> {
		this.calls++;
		caller.generation = this.parts.number;
		const thread = this.pick();
		if (thread === undefined) {
			throw unavailable(`module ${this.name}`, Math.min(...this.slots.map(({ retryAfterMs }) => retryAfterMs)));
		}
		try {
			const served = this.parts.functions.get(name);
			const given = served === undefined ? input : requestOut(served, input);
			const reply = await thread.run(name, given, caller, this.options.callTimeoutMs());
			return served === undefined ? reply : replyIn(served, reply);
		} catch (error) {
			// What cannot be cloned, for one.
			const refused = GatewayError.from(error);
			if (refused.code === ErrorCode.INTERNAL) this.faults++;
			throw refused;
		}
	}

	retire(limits: RetireLimits): Promise<void> {
		const limitMs = limits.timeoutMs + limits.graceMs + this.options.disposeTimeoutMs;
		this.over ??= this.close((thread) => thread.retire(limits), limitMs);
		return this.over;
	}

	abandon(): Promise<void> {
		const wasOver = this.over;
		const ended = this.close((thread) => thread.abandon(), this.options.disposeTimeoutMs);
		this.over = wasOver ?? ended;
		return this.over;
	}

	private async close(work: Parameters<ThreadSlot["close"]>[0], limitMs: number): Promise<void> {
		await Promise.all(this.slots.map((slot) => slot.close(work, limitMs)));
		clearInterval(this.looks);
	}

	private beginLooks(): void {
		const [first] = this.slots;
		this.looks ??= setInterval(() => this.look(), first?.lookIntervalMs).unref();
	}

	/** The thread with the fewest calls; those with equally many take turns. */
	private pick(): ModuleThread | undefined {
		const { slots } = this;
		let best: ModuleThread | undefined;
		this.next = (this.next + 1) % slots.length;
		for (let index = 0; index < slots.length; index++) {
			const { ready } = slots[(this.next + index) % slots.length] as ThreadSlot;
			if (ready !== undefined && !ready.isOver && (best === undefined || ready.running < best.running)) best = ready;
		}
		return best;
	}

	private look(): void {
		for (const { ready } of this.slots) ready?.look();
	}
}

/** It is no route: of a contract it has the name, for log lines. */
function hookFunction({ name, timeoutMs, routeName }: HookFacts["called"]): ServedFunction {
	return { name, contract: { name: routeName } as ServedFunction["contract"], bindings: [], timeoutMs, definedAt: "" };
}
