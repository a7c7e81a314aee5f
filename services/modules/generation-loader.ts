// From a bundle to a generation that could serve: in this thread, or in threads of its own when the configuration says so.
import type { Logger } from "../../common/logger.ts";
import type { ModuleDefinition } from "../../module/index.ts";
import { LoopWatchdog } from "./loop-watchdog.ts";
import type { ModuleBundle } from "./module-bundler.ts";
import { ModuleLoader } from "./module-loader.ts";
import type { ContextOptions, LoaderServices } from "./module-services.ts";
import type { IsolatedModule, ModulesOptions } from "./options.ts";
import type { ServingGeneration } from "./serving-generation.ts";
import { SourcePositions } from "./source-positions.ts";
import type { ThreadEnd } from "./threads/module-thread.ts";

export interface GenerationLoaderParts {
	readonly options: ModulesOptions;
	/** Of modules, absolute. */
	readonly dir: string;
	readonly services: LoaderServices;
	/** Of a module, as it is now. */
	readonly contextOptions: (module: string) => ContextOptions;
	/** Longest time of a call, in milliseconds; it may change. */
	readonly callTimeoutMs: () => number;
	readonly logger: Logger;
	/** Unix milliseconds. */
	readonly wall: () => number;
	/** Monotonic milliseconds. */
	readonly monotonic: () => number;
	/** The values of variables of the environment, of those that are set. */
	readonly environment: (names: readonly string[]) => Readonly<Record<string, string>>;
}

export class GenerationLoader {
	/** Threads of modules that ended unasked, by reason. */
	readonly threadEnds: Record<Exclude<ThreadEnd["reason"], "closed">, number> = {
		crashed: 0,
		memory: 0,
		stalled: 0,
		exited: 0,
	};
	readonly watchdog: LoopWatchdog;
	private readonly parts: GenerationLoaderParts;
	private readonly inline: ModuleLoader;

	constructor(parts: GenerationLoaderParts) {
		this.parts = parts;
		const { dir, options, services, contextOptions, callTimeoutMs, logger, wall } = parts;
		const { loadTimeoutMs, holdReportMs } = options;
		this.watchdog = new LoopWatchdog({ reportMs: holdReportMs, logger });
		const { watchdog } = this;
		const shared = { dir, loadTimeoutMs, callTimeoutMs, services, contextOptions };
		this.inline = new ModuleLoader({ ...shared, watchdog, logger, wall });
	}

	/**
	 * @param number - of the generation. @param origin - what asked for it. @param given - of a module that is part of the program, whose
	 *   code is in the gateway's thread.
	 * @returns a generation that does not serve yet.
	 * @throws ModuleError when it throws, takes too long, or is no module.
	 */
	async load(
		bundle: ModuleBundle,
		number: number,
		origin: string,
		given?: ModuleDefinition,
	): Promise<ServingGeneration> {
		const { isolated } = this.parts.options;
		const own = isolated[bundle.name] ?? isolated["*"];
		if (own === undefined || given !== undefined) return await this.inline.load(bundle, number, origin, given);
		return await this.loadInThreads(bundle, number, origin, own);
	}

	private async loadInThreads(bundle: ModuleBundle, number: number, origin: string, isolated: IsolatedModule) {
		const { options, dir, services, contextOptions, callTimeoutMs, logger, wall, monotonic, environment } = this.parts;
		const { loadTimeoutMs, maxRestarts, external } = options;
		// A gateway whose modules run in its own thread has no use for it.
		const { ThreadGeneration } = await import("./threads/thread-generation.ts");
		const variables = isolated.access.flatMap((one) => (one.startsWith("env:") ? [one.slice("env:".length)] : []));
		return await ThreadGeneration.load(
			{ bundle, number, origin, contextOptions: contextOptions(bundle.name) },
			{
				dir,
				loadTimeoutMs,
				isolated,
				external,
				environment: environment(variables),
				services,
				logger: logger.child({ module: bundle.name, generation: number }),
				positions: new SourcePositions(dir, bundle.map),
				maxRestarts,
				now: monotonic,
				onRestart: (reason) => {
					if (reason !== "closed") this.threadEnds[reason]++;
				},
				callTimeoutMs,
				disposeTimeoutMs: loadTimeoutMs,
				wall,
			},
		);
	}
}
