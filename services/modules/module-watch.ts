// Watches the files of modules, and asks for a reload when some have changed. The only file that knows chokidar, which is loaded when
// there is a folder to watch.
import { sep } from "node:path";
import type { FSWatcher } from "chokidar";

export interface ModuleWatchOptions {
	/** Absolute. */
	readonly dir: string;
	/** Changes within this time are one. */
	readonly debounceMs: number;
	/** Must not throw. */
	readonly onChange: () => void;
	readonly onError: (error: unknown) => void;
}

export class ModuleWatch {
	private readonly options: ModuleWatchOptions;
	private watch: FSWatcher | undefined;
	private readonly outside = new Set<string>();
	private timer: NodeJS.Timeout | undefined;

	constructor(options: ModuleWatchOptions) {
		this.options = options;
	}

	/** Resolves when changes are seen from now on. */
	async start(): Promise<void> {
		const { dir, onError } = this.options;
		const chokidar = await import("chokidar");
		// A file that an editor replaces by renaming another one is a change, not a removal.
		const watch = chokidar.watch(dir, {
			ignoreInitial: true,
			atomic: true,
			ignored: (path) => path.includes(`${sep}node_modules${sep}`) || path.endsWith(`${sep}node_modules`),
		});
		this.watch = watch;
		watch.on("all", () => this.changed());
		watch.on("error", onError);
		await new Promise<void>((resolve) => watch.once("ready", resolve));
	}

	/** Files outside of the folder that modules import. */
	addFiles(files: Iterable<string>): void {
		for (const file of files) {
			if (file.startsWith(`${this.options.dir}${sep}`) || this.outside.has(file)) continue;
			this.outside.add(file);
			this.watch?.add(file);
		}
	}

	async close(): Promise<void> {
		clearTimeout(this.timer);
		await this.watch?.close();
	}

	/** The last change counts: files are written one after the other. */
	private changed(): void {
		clearTimeout(this.timer);
		this.timer = setTimeout(this.options.onChange, this.options.debounceMs);
	}
}
