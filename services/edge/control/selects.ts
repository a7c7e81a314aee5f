// Points that are selected over a connection of this process. A select is a lease, so that no other client selects or
// writes the point, on any node; the state of a connection's selects is kept in the process that has the connection.
import { randomUUID } from "node:crypto";
import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import type { LeaseStore } from "../../../messaging/lease.ts";
import type { LiveSubscriber } from "../../../messaging/live-audience.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../../protocol/error.ts";
import type { Operator } from "./audit.ts";
import { type PointLocks, selected } from "./point-locks.ts";
import type { Target } from "./targets.ts";

export interface Select {
	readonly id: string;
	/** Of the lease. */
	readonly holder: string;
	readonly operator: Operator;
	readonly target: Target;
	readonly value: number;
	readonly reason: string;
	/** Unix milliseconds. */
	readonly expiresAtMs: number;
	/** On the monotonic clock, counted from before the lease was asked for. */
	readonly untilMs: number;
}

export interface SelectsServices {
	readonly leases: LeaseStore;
	readonly locks: PointLocks;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface SelectsOptions {
	readonly selectMs: number;
	readonly maxSelects: number;
	readonly maxSelectsPerUser: number;
}

const RETRY_AFTER_MS = 1000;

export class Selects {
	private readonly services: SelectsServices;
	private readonly options: SelectsOptions;
	private readonly begun: () => void;
	private readonly byId = new Map<string, Select>();
	/** By the number of the connection. */
	private readonly byPeer = new Map<number, Set<Select>>();
	private readonly perUser = new Map<string, number>();

	/** @param begun - called when there is a select. */
	constructor(services: SelectsServices, options: SelectsOptions, begun: () => void) {
		this.services = services;
		this.begun = begun;
		this.options = options;
	}

	get size(): number {
		return this.byId.size;
	}

	/**
	 * Selects a point for a connection. What the connection had selected of the same point is replaced.
	 *
	 * @throws GatewayError CONFLICT when another client has it, RATE_LIMITED when too many are selected, UNAVAILABLE.
	 */
	async select(operator: Operator, target: Target, value: number, reason: string): Promise<Select> {
		const { clock } = this.services;
		const { selectMs } = this.options;
		const earlier = this.ofPeer(operator).find((select) => select.target.leaseName === target.leaseName);
		if (earlier === undefined) this.admit(operator);
		const select: Select = {
			id: randomUUID(),
			holder: earlier?.holder ?? selected(randomUUID()),
			operator,
			target,
			value,
			reason,
			expiresAtMs: clock.now() + selectMs,
			untilMs: clock.monotonic() + selectMs,
		};
		if (earlier !== undefined) this.remove(earlier);
		// Before the lease is taken, so that a connection that closes meanwhile is noticed.
		this.add(select);
		try {
			await this.services.locks.take(target.leaseName, select.holder, selectMs);
		} catch (error) {
			// It may have been taken after all.
			void this.drop(select);
			throw error;
		}
		if (this.byId.get(select.id) === select && operator.peer.isOpen) return select;
		await this.drop(select);
		throw new GatewayError(ErrorCode.PRECONDITION_FAILED, "the connection has left");
	}

	/** The select that the operator made over this connection; the same error for every id that is not valid. */
	find(operator: Operator, id: string): Select {
		const select = this.byId.get(id);
		const { peer, identity } = operator;
		const isOwn = select?.operator.peer.id === peer.id && select.operator.identity.userId === identity.userId;
		if (select === undefined || !isOwn || this.hasEnded(select)) {
			const code = ErrorCode.PRECONDITION_FAILED;
			throw fieldError("select_id", "is not a selection of this connection, or no longer one", { code });
		}
		return select;
	}

	/** As `find`, undefined instead of an error. */
	findAny(operator: Operator, id: string): Select | undefined {
		try {
			return this.find(operator, id);
		} catch {
			return undefined;
		}
	}

	/**
	 * Removes a select that is used or released: `find` no longer returns it.
	 *
	 * @returns false when it was removed already.
	 */
	remove(select: Select): boolean {
		if (this.byId.get(select.id) !== select) return false;
		this.byId.delete(select.id);
		const { peer, identity } = select.operator;
		const ofPeer = this.byPeer.get(peer.id);
		ofPeer?.delete(select);
		if (ofPeer?.size === 0) this.byPeer.delete(peer.id);
		const left = (this.perUser.get(identity.userId) ?? 1) - 1;
		if (left > 0) this.perUser.set(identity.userId, left);
		else this.perUser.delete(identity.userId);
		return true;
	}

	/** Removes it and gives the lease back, which otherwise ends by itself. */
	drop(select: Select): Promise<void> {
		this.remove(select);
		return this.services.locks.release(select.target.leaseName, select.holder);
	}

	/** A connection is gone. @returns what it had selected, given back. */
	left(subscriber: Pick<LiveSubscriber, "id">): readonly Select[] {
		return this.dropAll([...(this.byPeer.get(subscriber.id) ?? [])]);
	}

	/** @returns those that have ended since the last call. */
	expire(): readonly Select[] {
		return this.dropAll([...this.byId.values()].filter((select) => this.hasEnded(select)));
	}

	/** All of them, for a process that stops. */
	clear(): readonly Select[] {
		return this.dropAll([...this.byId.values()]);
	}

	private dropAll(selects: readonly Select[]): readonly Select[] {
		for (const select of selects) void this.drop(select);
		return selects;
	}

	private hasEnded({ untilMs }: Select): boolean {
		return this.services.clock.monotonic() >= untilMs;
	}

	private ofPeer({ peer, identity }: Operator): Select[] {
		const ofPeer = [...(this.byPeer.get(peer.id) ?? [])];
		return ofPeer.filter((select) => select.operator.identity.userId === identity.userId && !this.hasEnded(select));
	}

	private admit({ identity }: Operator): void {
		const { maxSelects, maxSelectsPerUser } = this.options;
		const ofUser = this.perUser.get(identity.userId) ?? 0;
		if (this.byId.size < maxSelects && ofUser < maxSelectsPerUser) return;
		const many = ofUser >= maxSelectsPerUser ? `${maxSelectsPerUser} points of yours` : "too many points";
		throw new GatewayError(ErrorCode.RATE_LIMITED, `${many} are selected`, { retryAfterMs: RETRY_AFTER_MS });
	}

	private add(select: Select): void {
		const { peer, identity } = select.operator;
		this.byId.set(select.id, select);
		this.begun();
		const ofPeer = this.byPeer.get(peer.id) ?? new Set();
		this.byPeer.set(peer.id, ofPeer.add(select));
		this.perUser.set(identity.userId, (this.perUser.get(identity.userId) ?? 0) + 1);
	}
}
