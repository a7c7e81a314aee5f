// Rules of the boxes, and their executions, live.

import { setLast } from "../../../common/bounded-map.ts";
import type { Clock } from "../../../common/clock.ts";
import { isPermitted } from "../../../common/identity.ts";
import type { Logger } from "../../../common/logger.ts";
import type { PageFill } from "../../../common/page-fill.ts";
import type { ChannelAuthorizer, Publisher } from "../../../messaging/publisher.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError } from "../../../protocol/error.ts";
import { pushes } from "../../../protocol/gen/schema.ts";
import type { BoxLease } from "../boxes/box-lease.ts";
import type { BoxExecution, BoxRule } from "../boxes/box-models.ts";
import type { Boxes } from "../boxes/boxes.ts";
import type { EdgePolicy } from "../edge-policy.ts";
import type { PointMeter } from "../telemetry/point-meter.ts";
import { MAX_LISTED, page } from "./pages.ts";

/** What a list shows of a rule. */
export type RuleHead = Pick<BoxRule, "id" | "name" | "isActive" | "priority">;

export interface RuleServices {
	readonly boxes: Boxes;
	readonly policy: EdgePolicy;
	readonly meter: PointMeter;
	readonly clock: Clock;
	/** By the name of the box. */
	readonly leases: ReadonlyMap<string, BoxLease>;
	readonly publisher: Publisher;
	readonly logger: Logger;
}

const DEFAULT_LIMIT = 100;
/** Executions in the state of a rule. */
const EXECUTIONS = 20;
const PREFIX = "rules:";
/** Executions whose push waits for the broker; beyond it executions are dropped and counted. */
const MAX_WAITING = 1000;
/** How long the policy's answer for a rule is cached, and for how many rules. */
const KNOWN_MS = 10_000;
const MAX_KNOWN = 1000;

/** The recoverable channel of a box's rule executions. */
export function ruleChannel(box: string): string {
	return `${PREFIX}${box}`;
}

export class Rules {
	readonly authorizer: ChannelAuthorizer;
	/** Executions that were dropped because the broker did not keep up, since the start. */
	dropped = 0;
	private readonly services: RuleServices;
	private waiting = 0;
	/** Whether rules that ran lately may be seen, where some may not. */
	private readonly known = new Map<string, { readonly isOpen: boolean; readonly untilMs: number }>();

	constructor(services: RuleServices) {
		this.services = services;
		const names = new Set(services.boxes.all.map(({ name }) => name));
		this.authorizer = {
			prefix: PREFIX,
			canSubscribe: async (identity, channel) =>
				isPermitted(identity, "edge.read") && names.has(channel.slice(PREFIX.length)),
		};
		for (const box of services.boxes.all) {
			box.rules.onExecuted((execution) => void this.executed(box.name, execution));
		}
	}

	/**
	 * @param userId - whose request it is.
	 * @throws GatewayError NOT_FOUND naming the box, VALIDATION_FAILED naming the cursor, RATE_LIMITED when the requests of
	 *   the user have read too much, UNAVAILABLE.
	 */
	async list(
		userId: string,
		boxName: string,
		onlyActive: boolean,
		cursor: string,
		limit: number,
		fill?: PageFill<RuleHead>,
	) {
		const box = this.services.boxes.box(boxName);
		const { meter } = this.services;
		meter.admit(userId);
		const ids = await box.rules.ids(onlyActive, MAX_LISTED);
		const list = `rules:${box.name}:${onlyActive}`;
		const onRead = (bytes: number) => meter.chargeBytes(userId, bytes);
		const get = async (shown: readonly string[]) => await box.rules.get(shown, onRead);
		const show = (rule: BoxRule) => {
			const { id, name, isActive, priority } = rule;
			return this.services.policy.rule(rule) ? { id, name, isActive, priority } : undefined;
		};
		return await page({ list, ids: [...ids].sort(), cursor, limit: limit || DEFAULT_LIMIT, get, show, fill });
	}

	/** @throws GatewayError NOT_FOUND naming the box or the rule, RATE_LIMITED as `list`, UNAVAILABLE. */
	async get(userId: string, boxName: string, ruleId: string): Promise<BoxRule> {
		const { boxes, meter } = this.services;
		const box = boxes.box(boxName);
		meter.admit(userId);
		const [rule] = await box.rules.get([ruleId], (bytes) => meter.chargeBytes(userId, bytes));
		if (rule !== undefined && this.services.policy.rule(rule)) return rule;
		throw fieldError("rule_id", "is not a rule", { code: ErrorCode.NOT_FOUND });
	}

	/** @throws GatewayError NOT_FOUND naming the box or the rule, RATE_LIMITED as `list`, UNAVAILABLE. */
	async state(userId: string, boxName: string, ruleId: string) {
		const { rules } = this.services.boxes.box(boxName);
		await this.get(userId, boxName, ruleId);
		const [state, executions] = await Promise.all([rules.state(ruleId), rules.executions(ruleId, EXECUTIONS)]);
		return { state, executions };
	}

	/** Every node receives it, and the node that holds the box's lease publishes it. */
	private async executed(box: string, execution: BoxExecution): Promise<void> {
		const { leases, publisher, logger } = this.services;
		if (leases.get(box)?.isHeld !== true) return;
		if (this.waiting >= MAX_WAITING) {
			this.dropped++;
			return;
		}
		this.waiting++;
		try {
			if (!(await this.isOpen(box, execution.ruleId))) return;
			await publisher.publish(ruleChannel(box), pushes.ruleExecuted, { box, execution });
		} catch (error) {
			this.dropped++;
			logger.debug({ err: error, box }, "publishing a rule execution failed");
		} finally {
			this.waiting--;
		}
	}

	/** Cached: the box is not asked for each execution. */
	private async isOpen(boxName: string, ruleId: string): Promise<boolean> {
		const { policy, boxes, clock } = this.services;
		if (!policy.isRestricted) return true;
		const name = `${boxName}/${ruleId}`;
		const nowMs = clock.monotonic();
		const known = this.known.get(name);
		if (known !== undefined && known.untilMs > nowMs) return known.isOpen;
		const [rule] = await boxes.box(boxName).rules.get([ruleId]);
		const isOpen = rule !== undefined && policy.rule(rule);
		setLast(this.known, name, { isOpen, untilMs: nowMs + KNOWN_MS }, MAX_KNOWN);
		return isOpen;
	}
}
