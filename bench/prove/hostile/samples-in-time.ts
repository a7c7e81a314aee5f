// How long things took, by when they were begun.

export class Samples {
	private readonly all: { readonly atMs: number; readonly tookMs: number }[] = [];

	/** Something that was begun then has ended. */
	add(atMs: number): void {
		this.all.push({ atMs, tookMs: performance.now() - atMs });
	}

	/** Of what was begun in `[fromMs, toMs)`, in milliseconds; 0 without a sample. */
	p99(fromMs: number, toMs = Number.POSITIVE_INFINITY): number {
		const tooks = this.between(fromMs, toMs).map(({ tookMs }) => tookMs);
		tooks.sort((a, b) => a - b);
		return tooks[Math.ceil(tooks.length * 0.99) - 1] ?? 0;
	}

	count(fromMs: number, toMs = Number.POSITIVE_INFINITY): number {
		return this.between(fromMs, toMs).length;
	}

	private between(fromMs: number, toMs: number) {
		return this.all.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
	}
}
