// One thread of a module, from the gateway's side: starts it, has it load the bundle, watches its life signs, and reports its end.
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Logger } from "../../../common/logger.ts";
import { moduleBeside } from "../../../common/module-url.ts";
import { unavailable } from "../../../protocol/error.ts";
import { ModuleError } from "../module-problem.ts";
import type { LoaderServices } from "../module-services.ts";
import type { IsolatedModule } from "../options.ts";
import type { SourcePositions } from "../source-positions.ts";
import { ModuleAccess } from "./access.ts";
import { PortCalls, remoteTarget } from "./port-calls.ts";
import type { GatewayTarget, LoadedFacts, LoadRequest, ThreadData, ThreadTarget } from "./thread-messages.ts";
import { errorOfWire, type WireError, wireError } from "./wire-errors.ts";

export interface ThreadOptions {
	readonly dir: string;
	readonly loadTimeoutMs: number;
	readonly isolated: IsolatedModule;
	readonly external: readonly string[];
	/** Of the thread. */
	readonly environment: Readonly<Record<string, string>>;
	readonly services: LoaderServices;
	/** Names module and generation already. */
	readonly logger: Logger;
	readonly positions: SourcePositions;
}

/** Why a thread has ended. */
export interface ThreadEnd {
	readonly reason: "crashed" | "memory" | "stalled" | "exited" | "closed";
	readonly error?: Error;
}

/** A thread that answers nothing over so many looks in a row is ended. */
export const LOOKS_TO_STALL = 4;
/** Until it runs: the machine may be busy. */
const START_TIMEOUT_MS = 30_000;
/** Beyond what the thread itself holds to: the time of a load, of calls, and of `dispose`. */
const SLACK_MS = 1000;
const RETRY_MS = 100;
const YOUNG_MB = 16;
const LEVELS = ["debug", "info", "warn", "error", "fatal"];

export class ModuleThread {
	readonly ended: Promise<ThreadEnd>;
	/** Of the calls of functions alone. */
	running = 0;
	private readonly module: string;
	private readonly options: ThreadOptions;
	private readonly worker: Worker;
	private readonly calls: PortCalls;
	private readonly target: ThreadTarget;
	private end: ThreadEnd | undefined;
	private isWatched = false;
	private missed = 0;
	private onLoading: () => void = () => {};

	/** @param module - its name, for messages. */
	constructor(module: string, options: ThreadOptions) {
		this.module = module;
		this.options = options;
		const { dir, loadTimeoutMs, isolated, external, environment } = options;
		const workerData: ThreadData = {
			dir,
			loadTimeoutMs,
			access: isolated.access,
			external,
			logLevel: this.logLevel(),
		};
		this.worker = new Worker(moduleBeside("module-worker", import.meta.url), {
			name: `module ${module}`,
			workerData,
			env: environment,
			execArgv: [...new ModuleAccess(isolated.access, external).flags(codeFolders(dir))],
			resourceLimits: { maxOldGenerationSizeMb: isolated.maxHeapMb, maxYoungGenerationSizeMb: YOUNG_MB },
		});
		const onFull = () => unavailable(`room in module ${module}`, RETRY_MS);
		// The gateway's own calls, such as the life sign, must have room beside those of functions.
		const maxPending = isolated.maxCalls + 16;
		const onLife = () => {
			this.missed = 0;
		};
		const onLost = (error: Error) => {
			this.end ??= { reason: "crashed", error: new Error("a message of the thread cannot be read", { cause: error }) };
			void this.worker.terminate();
		};
		this.calls = new PortCalls(this.worker, { target: this.gatewayTarget(), maxPending, onFull, onLife, onLost });
		this.target = remoteTarget<ThreadTarget>(this.calls);
		this.ended = new Promise((resolve) => {
			this.worker.on("error", (error: NodeJS.ErrnoException) => {
				const reason = error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "memory" : "crashed";
				// As it comes from the thread, its stack cannot be written to.
				const copy = errorOfWire(wireError(error));
				options.positions.translate(copy);
				this.end ??= { reason, error: copy };
			});
			this.worker.on("exit", () => {
				this.end ??= { reason: "exited" };
				this.calls.fail(unavailable(`module ${module}`, RETRY_MS));
				resolve(this.end);
			});
		});
	}

	/** @throws ModuleError when it throws, takes too long, or is no module. */
	async load(request: LoadRequest): Promise<LoadedFacts> {
		const { loadTimeoutMs } = this.options;
		const problem = (message: string) => new ModuleError({ module: this.module, message });
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<never>((_resolve, reject) => {
			timer = setTimeout(() => reject(problem("its thread has not started in time")), START_TIMEOUT_MS);
			this.onLoading = () => {
				clearTimeout(timer);
				const fail = () => reject(problem(`loading took longer than ${loadTimeoutMs} ms and was ended`));
				timer = setTimeout(fail, loadTimeoutMs + SLACK_MS);
			};
		});
		try {
			return await Promise.race([this.target.load(request), late]);
		} catch (error) {
			// The end of the thread says more than the call that it left.
			const end = this.isOver ? await this.ended : undefined;
			if (end === undefined) await this.terminate();
			if (end !== undefined) throw problem(this.endText(end));
			throw error instanceof ModuleError ? error : problem(error instanceof Error ? error.message : String(error));
		} finally {
			this.onLoading = () => {};
			clearTimeout(timer);
			late.catch(() => {});
		}
	}

	get isOver(): boolean {
		return this.end !== undefined;
	}

	/** From now on life signs count. */
	watch(): void {
		this.isWatched = true;
	}

	/** From now on life signs count, and the periodic work of the module runs. */
	serve(): void {
		this.watch();
		this.calls.note("serve");
	}

	/** @throws as `ServingGeneration.run`. */
	async run(...args: Parameters<ThreadTarget["run"]>): Promise<object> {
		if (this.running >= this.options.isolated.maxCalls) throw unavailable(`room in module ${this.module}`, RETRY_MS);
		this.running++;
		try {
			return await (this.calls.call("run", ...args) as Promise<object>);
		} finally {
			this.running--;
		}
	}

	exportState(): Promise<unknown> {
		return this.calls.call("exportState");
	}

	async importState(state: unknown): Promise<void> {
		await this.calls.call("importState", state);
	}

	/**
	 * To be called at equal intervals: asks for a life sign, and ends a thread that has given none for too long. A pause of the gateway
	 * itself counts as one interval.
	 */
	look(): void {
		if (!this.isWatched || this.isOver) return;
		if (this.missed >= LOOKS_TO_STALL) {
			this.end = { reason: "stalled" };
			void this.worker.terminate();
			return;
		}
		this.missed++;
		// Its end rejects it.
		this.calls.call("ping", this.logLevel()).catch(() => {});
	}

	/** Has it finish: calls, then `dispose`, both in their times. Never rejects. */
	async finish(work: (thread: ThreadTarget) => Promise<void>, limitMs: number): Promise<void> {
		this.isWatched = false;
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, limitMs + SLACK_MS);
		});
		await Promise.race([work(this.target).catch(() => {}), late, this.ended]);
		clearTimeout(timer);
		await this.terminate();
	}

	async terminate(): Promise<void> {
		this.end ??= { reason: "closed" };
		await this.worker.terminate();
	}

	private endText({ reason, error }: ThreadEnd): string {
		if (reason === "memory") {
			return `loading took more than ${this.options.isolated.maxHeapMb} MB of heap (maxHeapMb in modules.isolated)`;
		}
		return `its thread ended while it was loaded: ${error?.message ?? reason}`;
	}

	private logLevel(): string {
		return LEVELS.find((level) => this.options.logger.isLevelEnabled(level)) ?? "silent";
	}

	private gatewayTarget(): GatewayTarget {
		const { services, logger, positions } = this.options;
		return {
			services,
			loading: () => this.onLoading(),
			log: (level, fields, message) => logger[level](withErrors(fields, positions), message),
		};
	}
}

/** What a thread loads its own code from: the gateway's, as sources or built, and the packages of both. */
function codeFolders(dir: string): readonly string[] {
	const own = dirname(fileURLToPath(import.meta.url));
	const isBuilt = basename(own) === "chunks";
	const root = isBuilt ? dirname(own) : resolve(own, "../../..");
	const folders = isBuilt
		? [root]
		: ["common", "messaging", "module", "protocol", "services", "stores"].map((name) => join(root, name));
	const packages = [root, dirname(root), dir, dirname(dir)].map((place) => join(place, "node_modules"));
	return [...folders, ...packages, join(isBuilt ? dirname(root) : root, "package.json")];
}

/** Errors among the fields of a line, which crossed as data. */
function withErrors(fields: object, positions: SourcePositions): object {
	return Object.fromEntries(
		Object.entries(fields).map(([name, value]: [string, unknown]) => {
			const wire = (value as { framegateError?: WireError } | null)?.framegateError;
			return [name, wire === undefined ? value : positions.translate(errorOfWire(wire))];
		}),
	);
}
