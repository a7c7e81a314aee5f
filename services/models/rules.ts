// Rules of the boxes, and their executions, live.
import type { BoxExecution, BoxRule } from "../../ports/box-models.ts";
import { isPermitted } from "../../ports/identity.ts";
import type { Logger } from "../../ports/logger.ts";
import type { PageFill } from "../../ports/page-fill.ts";
import type { ChannelGuard, Publisher } from "../../ports/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { pushes } from "../../protocol/gen/schema.ts";
import type { BoxLease } from "../box-lease.ts";
import type { Boxes } from "../boxes.ts";
import { MAX_LISTED, page } from "./pages.ts";

export interface RuleServices {
	readonly boxes: Boxes;
	/** By the name of the box. */
	readonly leases: ReadonlyMap<string, BoxLease>;
	readonly publisher: Publisher;
	readonly logger: Logger;
}

const DEFAULT_LIMIT = 100;
/** Executions that the state of a rule tells. */
const EXECUTIONS = 20;
const PREFIX = "rules:";
/** Executions whose push waits for the broker; beyond it they are counted, not told. */
const MAX_WAITING = 1000;

/** The recoverable channel of a box' rule executions. */
export function ruleChannel(box: string): string {
	return `${PREFIX}${box}`;
}

export class Rules {
	readonly guard: ChannelGuard;
	/** Executions that were not told because the broker did not keep up, since the start. */
	untold = 0;
	private readonly services: RuleServices;
	private waiting = 0;

	constructor(services: RuleServices) {
		this.services = services;
		const names = new Set(services.boxes.all.map(({ name }) => name));
		this.guard = {
			prefix: PREFIX,
			mayFollow: async (identity, channel) =>
				isPermitted(identity, "edge.read") && names.has(channel.slice(PREFIX.length)),
		};
		for (const box of services.boxes.all) {
			box.rules.onExecuted((execution) => void this.executed(box.name, execution));
		}
	}

	/** @throws GatewayError NOT_FOUND naming the box, VALIDATION_FAILED naming the cursor, UNAVAILABLE. */
	async list(boxName: string, onlyActive: boolean, cursor: string, limit: number, fill?: PageFill<BoxRule>) {
		const box = this.services.boxes.box(boxName);
		const ids = await box.rules.ids(onlyActive, MAX_LISTED);
		const list = `rules:${box.name}:${onlyActive}`;
		return await page(list, [...ids].sort(), cursor, limit || DEFAULT_LIMIT, (shown) => box.rules.get(shown), fill);
	}

	/** @throws GatewayError NOT_FOUND naming the box or the rule, UNAVAILABLE. */
	async get(boxName: string, ruleId: string): Promise<BoxRule> {
		const [rule] = await this.services.boxes.box(boxName).rules.get([ruleId]);
		if (rule !== undefined) return rule;
		const violations = [{ field: "rule_id", description: "no such rule" }];
		throw new GatewayError(ErrorCode.NOT_FOUND, "rule_id: no such rule", { violations });
	}

	/** @throws GatewayError NOT_FOUND naming the box or the rule, UNAVAILABLE. */
	async state(boxName: string, ruleId: string) {
		const { rules } = this.services.boxes.box(boxName);
		await this.get(boxName, ruleId);
		const [state, executions] = await Promise.all([rules.state(ruleId), rules.executions(ruleId, EXECUTIONS)]);
		return { state, executions };
	}

	/** Every node hears of it, and the one that holds the box' lease tells. */
	private async executed(box: string, execution: BoxExecution): Promise<void> {
		const { leases, publisher, logger } = this.services;
		if (leases.get(box)?.isHeld !== true) return;
		if (this.waiting >= MAX_WAITING) {
			this.untold++;
			return;
		}
		this.waiting++;
		try {
			await publisher.publish(ruleChannel(box), pushes.ruleExecuted, { box, execution });
		} catch (error) {
			this.untold++;
			logger.debug({ err: error, box }, "a rule's execution was not told");
		} finally {
			this.waiting--;
		}
	}
}
