// Limits of subscriptions by the points that they show: all of them for memory, those of a second for work. Where the
// budget of a second is too small, the interval becomes longer; where no budget is left, the subscription is refused.
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import type { PointBudgetName, TelemetryCounters } from "./metrics.ts";
import type { TelemetryOptions } from "./options.ts";
import { loadOf, NO_LOAD, PointBudget, slowedPace } from "./point-budget.ts";
import type { Member, Owner, View } from "./view.ts";
import { type ViewSpec, withPace } from "./view-spec.ts";

type LimitName = Exclude<PointBudgetName, "reads">;

/** What a subscription comes to. */
export interface Surroundings {
	readonly owner: Owner;
	/** There is no such view yet. */
	readonly isNew: boolean;
	/** The subscription that it takes the place of. */
	readonly replaced: Member | undefined;
	/** Points of the box that are kept. */
	readonly boxPoints: number;
}

const TOO_MUCH_RETRY_MS = 5000;

export class PointLimits {
	/** Of all views, each once. */
	readonly process: PointBudget;
	private readonly options: TelemetryOptions;
	private readonly counters: TelemetryCounters;

	constructor(options: TelemetryOptions, counters: TelemetryCounters) {
		this.options = options;
		this.counters = counters;
		this.process = new PointBudget(options.maxPoints, options.maxPointsPerSecond);
	}

	/**
	 * The subscription as it is granted. For channels without a view the number of points is not known yet: `excess`
	 * checks them once it is.
	 *
	 * @param points - that it shows, as far as they are known.
	 * @throws GatewayError PRECONDITION_FAILED for what the connection or its user has too much of, RATE_LIMITED for what the
	 *   process has.
	 */
	fit(wanted: ViewSpec, points: number, { owner, isNew, replaced, boxPoints }: Surroundings): ViewSpec {
		const freed = replaced?.view.load ?? NO_LOAD;
		const isFreed = replaced?.view.members.size === 1;
		if (isNew && boxPoints > this.options.maxPointsPerBox) throw this.rejection("box", false);
		let left = Number.POSITIVE_INFINITY;
		for (const [name, budget, free] of [
			["connection", owner.budget, freed],
			["user", owner.userBudget, freed],
			...(isNew ? [["process", this.process, isFreed ? freed : NO_LOAD] as const] : []),
		] as const) {
			if (budget.points - free.points + points > budget.maxPoints) throw this.rejection(name, false);
			const room = Math.max(0, budget.maxPerSecond - budget.perSecond + free.perSecond);
			if (slowedPace(wanted, points, room) === undefined) throw this.rejection(name, true);
			left = Math.min(left, room);
		}
		const pace = slowedPace(wanted, points, left) ?? wanted;
		if (pace.intervalMs === wanted.intervalMs && pace.sampleMs === wanted.sampleMs) return wanted;
		this.counters.slowed++;
		return withPace(wanted, pace, this.options.changeSampleMs);
	}

	/** Counts a view as what it is now. @returns whether it is more than before. */
	count(view: View): boolean {
		const before = view.load;
		const points = view.weight;
		if (points === before.points) return false;
		const load = loadOf(view.spec, points);
		const budgets = [...view.members].flatMap(({ owner }) => [owner.budget, owner.userBudget]);
		for (const budget of [this.process, ...budgets]) {
			budget.remove(before);
			budget.add(load);
		}
		view.load = load;
		return points > before.points;
	}

	added({ owner, view }: Member): void {
		owner.budget.add(view.load);
		owner.userBudget.add(view.load);
	}

	removed({ owner, view }: Member): void {
		owner.budget.remove(view.load);
		owner.userBudget.remove(view.load);
	}

	/** The view is gone. */
	forget(view: View): void {
		this.process.remove(view.load);
		view.load = NO_LOAD;
	}

	/** What there is too much of in the process, for people; undefined: nothing. @param boxPoints - as in `Surroundings`. */
	excess(view: View, boxPoints: number): string | undefined {
		if (!view.isMeasured && boxPoints > this.options.maxPointsPerBox) return this.text("box", false);
		return this.excessIn("process", this.process);
	}

	/** The same for an owner that has the view. */
	excessOf({ owner }: Member): string | undefined {
		return this.excessIn("connection", owner.budget) ?? this.excessIn("user", owner.userBudget);
	}

	private excessIn(name: LimitName, { isOverPoints, isOverRate }: PointBudget): string | undefined {
		return isOverPoints || isOverRate ? this.text(name, !isOverPoints) : undefined;
	}

	private rejection(name: LimitName, isRate: boolean): GatewayError {
		this.counters.refused[name]++;
		const message = this.text(name, isRate);
		// What this client, or another of its user, can end itself.
		if (name === "connection" || name === "user") return new GatewayError(ErrorCode.PRECONDITION_FAILED, message);
		return new GatewayError(ErrorCode.RATE_LIMITED, message, { retryAfterMs: TOO_MUCH_RETRY_MS });
	}

	private text(name: LimitName, isRate: boolean): string {
		const { options } = this;
		const per = isRate ? " a second" : "";
		switch (name) {
			case "connection": {
				const max = isRate ? options.maxPointsPerSecondPerConnection : options.maxPointsPerConnection;
				return `more than ${max} points${per} in the subscriptions of one connection`;
			}
			case "user": {
				const max = isRate ? options.maxPointsPerSecondPerUser : options.maxPointsPerUser;
				return `more than ${max} points${per} in the subscriptions of one user`;
			}
			case "process":
				return `this node serves as many points${per} as it may`;
			case "box":
				return "this node keeps as many points of this box as it may";
			default:
				return name satisfies never;
		}
	}
}
