// Earlier bundles of modules, to be rolled back to.
import type { ModuleBundle } from "./module-bundler.ts";

export interface KeptBundle {
	readonly bundle: ModuleBundle;
	/** When it began to serve, Unix milliseconds. */
	readonly servedAtMs: number;
	/** What brought it then. */
	readonly origin: string;
	/** Who asked for it; "" when that is not known. */
	readonly by: string;
}

export class BundleHistory {
	private readonly limit: number;
	/** The latest first. */
	private readonly kept = new Map<string, readonly KeptBundle[]>();
	/** By module: a digest that was rolled back from, which its unchanged files must not bring back. */
	private readonly passed = new Map<string, string>();

	/** @param limit - bundles of one module; the oldest goes. */
	constructor(limit: number) {
		this.limit = limit;
	}

	/** A bundle does not serve any more. */
	add(entry: KeptBundle): void {
		const { name, digest } = entry.bundle;
		const others = this.of(name).filter(({ bundle }) => bundle.digest !== digest);
		this.kept.set(name, [entry, ...others].slice(0, this.limit));
	}

	of(name: string): readonly KeptBundle[] {
		return this.kept.get(name) ?? [];
	}

	/** @param digest - the beginning of it; "" for the latest. @param serving - the digest that serves, which is none to go back to. */
	find(name: string, digest: string, serving: string | undefined): KeptBundle | undefined {
		return this.of(name).find(({ bundle }) => bundle.digest !== serving && bundle.digest.startsWith(digest));
	}

	/** The digest was rolled back from. */
	pass(name: string, digest: string): void {
		this.passed.set(name, digest);
	}

	isPassed(name: string, digest: string): boolean {
		if (this.passed.get(name) === digest) return true;
		this.passed.delete(name);
		return false;
	}

	forget(name: string): void {
		this.kept.delete(name);
		this.passed.delete(name);
	}
}
