// Connections that have subscriptions, and the point budgets of each connection and each user.
import type { LiveSubscriber } from "../../../messaging/live-audience.ts";
import type { TelemetryOptions } from "./options.ts";
import { PointBudget } from "./point-budget.ts";
import type { Owner } from "./view.ts";

interface User {
	readonly budget: PointBudget;
	connections: number;
}

export class Owners {
	private readonly options: TelemetryOptions;
	/** By the id of the subscriber. */
	private readonly owners = new Map<number, Owner>();
	private readonly users = new Map<string, User>();

	constructor(options: TelemetryOptions) {
		this.options = options;
	}

	/** Undefined when it has no subscription. */
	of({ id }: LiveSubscriber): Owner | undefined {
		return this.owners.get(id);
	}

	/** Of one that may not have any yet: `keep` it once it has. */
	find(subscriber: LiveSubscriber): Owner {
		const known = this.owners.get(subscriber.id);
		if (known !== undefined) return known;
		const { options } = this;
		const userId = subscriber.identity?.userId ?? "";
		return {
			userId,
			members: new Map(),
			budget: new PointBudget(options.maxPointsPerConnection, options.maxPointsPerSecondPerConnection),
			userBudget:
				this.users.get(userId)?.budget ?? new PointBudget(options.maxPointsPerUser, options.maxPointsPerSecondPerUser),
		};
	}

	keep({ id }: LiveSubscriber, owner: Owner): void {
		if (this.owners.has(id)) return;
		this.owners.set(id, owner);
		const user = this.users.get(owner.userId) ?? { budget: owner.userBudget, connections: 0 };
		this.users.set(owner.userId, user);
		user.connections++;
	}

	/** It has no subscription any more. */
	drop({ id }: LiveSubscriber): void {
		const owner = this.owners.get(id);
		if (owner === undefined) return;
		this.owners.delete(id);
		const user = this.users.get(owner.userId);
		if (user !== undefined && --user.connections === 0) this.users.delete(owner.userId);
	}
}
