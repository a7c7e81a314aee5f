// Which requests are recorded: by a share of all, or by one of the route's own.

export interface SamplingOptions {
	/** 0 to 1. */
	readonly ratio: number;
	/** By name of a route, or by its area and `.*`. */
	readonly routes: Readonly<Record<string, number>>;
	/** From 0 to below 1. */
	readonly random?: () => number;
}

export class Sampling {
	private readonly options: SamplingOptions;
	private readonly random: () => number;
	private readonly known = new Map<string, number>();

	constructor(options: SamplingOptions) {
		this.options = options;
		this.random = options.random ?? Math.random;
	}

	/**
	 * Decides by chance, and not by the trace id as OpenTelemetry's ratio sampler does: who chooses the id would choose to be sampled. Everybody
	 * behind gets the decision with the context.
	 *
	 * @param name - of a route; names are few.
	 */
	decide(name: string): boolean {
		let ratio = this.known.get(name);
		if (ratio === undefined) {
			ratio = this.ratioOf(name);
			this.known.set(name, ratio);
		}
		return ratio > 0 && (ratio >= 1 || this.random() < ratio);
	}

	private ratioOf(name: string): number {
		const { ratio, routes } = this.options;
		if (Object.hasOwn(routes, name)) return routes[name] as number;
		const area = `${name.split(".", 1)[0]}.*`;
		return Object.hasOwn(routes, area) ? (routes[area] as number) : ratio;
	}
}
