// Control of field equipment as handlers see it: direct writes, select-before-operate, and the stages of commands.

import { v7 as uuidv7 } from "uuid";
import { isPermitted } from "../../../common/identity.ts";
import type { Pauses } from "../../../common/pause-monitor.ts";
import type { LeaseStore } from "../../../messaging/lease.ts";
import type { ConnectionListener } from "../../../messaging/live-audience.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError, GatewayError, unavailable } from "../../../protocol/error.ts";
import { CommandStage, type ControlTargetProperties } from "../../../protocol/gen/schema.ts";
import type { Boxes } from "../boxes/boxes.ts";
import type { EdgePolicy } from "../edge-policy.ts";
import { auditEntry, type ControlOperation, type Operator } from "./audit.ts";
import { CommandDispatch } from "./command-dispatch.ts";
import type { CommandRecord } from "./command-store.ts";
import { CommandSweep } from "./command-sweep.ts";
import { ControlRounds } from "./control-rounds.ts";
import { FeedbackPoints } from "./feedback-points.ts";
import { FeedbackPoll } from "./feedback-poll.ts";
import { type CommandContent, Idempotency } from "./idempotency.ts";
import { ModelLimits } from "./model-limits.ts";
import { type OpenCommandServices, OpenCommands } from "./open-commands.ts";
import { type ControlOptions, controlDefaults } from "./options.ts";
import { PointLocks, writing } from "./point-locks.ts";
import { type Select, Selects } from "./selects.ts";
import { requestedText, type Target, Targets } from "./targets.ts";
import { checkValue, requiredValue } from "./values.ts";

export interface ControlServices extends OpenCommandServices {
	readonly boxes: Boxes;
	readonly policy: Pick<EdgePolicy, "isOpen">;
	readonly leases: LeaseStore;
	readonly pauses: Pauses;
}

export interface WriteRequest {
	readonly target?: ControlTargetProperties | null;
	readonly value?: number | null;
	readonly commandId?: string;
	readonly reason?: string;
}

export interface OperateRequest {
	readonly selectId?: string;
	readonly value?: number | null;
	readonly commandId?: string;
}

const COMMAND_ID = /^[A-Za-z0-9._:-]{1,64}$/;

export class Controls {
	/** Has to be notified of connections that close. */
	readonly listener: ConnectionListener;
	private readonly services: ControlServices;
	private readonly targets: Targets;
	private readonly limits: ModelLimits;
	private readonly open: OpenCommands;
	private readonly selects: Selects;
	private readonly locks: PointLocks;
	private readonly dispatch: CommandDispatch;
	private readonly idempotency: Idempotency;
	private readonly rounds: ControlRounds;

	/** @throws Error when the options name feedback points that are none. */
	constructor(services: ControlServices, given: Partial<ControlOptions> = {}) {
		const options = { ...controlDefaults, ...given };
		this.services = services;
		this.targets = new Targets(services.boxes, options.allowed, services.policy);
		this.limits = new ModelLimits(services, options);
		const begun = () => this.rounds.begin();
		const open = new OpenCommands(services, options, begun);
		const locks = new PointLocks(services);
		const feedbackPoints = new FeedbackPoints(services.boxes, options.feedback);
		this.open = open;
		this.locks = locks;
		this.selects = new Selects({ ...services, locks }, options, begun);
		this.dispatch = new CommandDispatch({ ...services, open, locks, feedbackPoints }, options);
		this.idempotency = new Idempotency(services.commands);
		const poll = new FeedbackPoll({ ...services, open, feedbackPoints });
		const sweep = new CommandSweep({ ...services, open }, options);
		const work = { isEmpty: () => open.size + this.selects.size === 0, expire: () => this.expireSelects() };
		this.rounds = new ControlRounds({ feedback: poll, commands: sweep, work, logger: services.logger }, options);
		for (const box of services.boxes.all) box.commands.onFeedback((feedback) => open.onFeedback(feedback));
		this.listener = {
			onClosed: (subscriber) => this.recordEnds(this.selects.left(subscriber), "left"),
			onDrained: () => undefined,
		};
	}

	/** Commands whose end is awaited. */
	get openCommands(): number {
		return this.open.size;
	}

	/** Points that are selected. */
	get selectedPoints(): number {
		return this.selects.size;
	}

	/** Begins with commands that other processes left behind. Does not wait for a store that is unreachable. */
	async start(): Promise<void> {
		await this.rounds.start();
	}

	/** One round of feedback and deadlines; `start` has it done regularly. */
	async tick(): Promise<void> {
		await this.rounds.poll();
	}

	/** One round of closing what other processes left behind; `start` has it done regularly. */
	async sweep(): Promise<void> {
		await this.rounds.sweep();
	}

	/**
	 * Waits for hand-overs in flight. Commands that are open then are closed by another process, or after the next start.
	 */
	async close(): Promise<void> {
		await this.idempotency.idle();
		await this.rounds.close();
		this.recordEnds(this.selects.clear(), "left");
		await this.open.flush();
	}

	/**
	 * Sends a value to a point that nobody has selected.
	 *
	 * @throws GatewayError VALIDATION_FAILED, NOT_FOUND, PERMISSION_DENIED (not to be written through this gateway), CONFLICT
	 *   (selected, or the id was another command's), RATE_LIMITED, PRECONDITION_FAILED, UNAVAILABLE. None of them was sent.
	 */
	async write(operator: Operator, request: WriteRequest): Promise<CommandRecord> {
		const { reason = "" } = request;
		const tried = {
			target: requestedText(this.services.boxes, request.target),
			value: request.value,
			commandId: request.commandId,
			reason,
		};
		return await this.audited(operator, "control.write", tried, async () => {
			const value = requiredValue(request.value);
			const target = this.targets.resolve(request.target);
			const id = commandId(request.commandId);
			const { userId } = operator.identity;
			const content = { userId, point: target.text, value, selectId: "", reason };
			return await this.idempotency.run(
				id,
				content,
				request.commandId !== undefined && request.commandId !== "",
				async () => {
					await this.checkValue(target, value);
					return await this.send(operator, id, content, target, writing(userId, id));
				},
			);
		});
	}

	/** Reserves a point for this connection and a value. @throws GatewayError as `write`. */
	async select(operator: Operator, request: Omit<WriteRequest, "commandId">): Promise<Select> {
		const { reason = "" } = request;
		const tried = { target: requestedText(this.services.boxes, request.target), value: request.value, reason };
		return await this.audited(operator, "control.select", tried, async () => {
			const value = requiredValue(request.value);
			const target = this.targets.resolve(request.target);
			await this.checkValue(target, value);
			const select = await this.selects.select(operator, target, value, reason);
			try {
				await this.services.audit.record(this.selectEntry(select, "control.select", "selected"));
			} catch (error) {
				await this.selects.drop(select);
				throw error;
			}
			return select;
		});
	}

	/**
	 * Executes what was selected. Whatever comes of it, the select is over, unless the value is not the selected one.
	 *
	 * @throws GatewayError PRECONDITION_FAILED (not selected on this connection, or no longer), otherwise as `write`.
	 */
	async operate(operator: Operator, request: OperateRequest): Promise<CommandRecord> {
		const { selectId = "" } = request;
		const known = this.selects.findAny(operator, selectId);
		const tried = {
			// For a select of another user or connection, the id that was tried.
			target: known?.target.text ?? `select ${selectId}`,
			value: request.value,
			commandId: request.commandId,
			reason: known?.reason,
		};
		return await this.audited(operator, "control.operate", tried, async () => {
			const value = requiredValue(request.value);
			const id = commandId(request.commandId);
			const { userId } = operator.identity;
			// The select is gone when the request is repeated: select id and value identify the request.
			const content = { userId, point: undefined, value, selectId, reason: undefined };
			return await this.idempotency.run(
				id,
				content,
				request.commandId !== undefined && request.commandId !== "",
				async () => {
					const select = this.selects.find(operator, selectId);
					if (value !== select.value) throw fieldError("value", "must be the selected one");
					this.selects.remove(select);
					const { target, holder, reason } = select;
					try {
						// The limits may have changed since.
						await this.checkValue(target, value);
						return await this.send(operator, id, { userId, value, selectId, reason }, target, holder);
					} catch (error) {
						await this.locks.release(target.leaseName, holder);
						throw error;
					}
				},
			);
		});
	}

	/** Gives a selected point back. @returns false when it was not selected on this connection. */
	async cancel(operator: Operator, selectId: string): Promise<boolean> {
		const select = this.selects.findAny(operator, selectId);
		if (select === undefined) return false;
		await this.services.audit.record(this.selectEntry(select, "control.cancel", "cancelled"));
		if (!this.selects.remove(select)) return false;
		await this.locks.release(select.target.leaseName, select.holder);
		return true;
	}

	/**
	 * The stage of a command: a user's own, or any user's for callers that may write.
	 *
	 * @throws GatewayError NOT_FOUND, UNAVAILABLE.
	 */
	async status({ identity }: Operator, id: string): Promise<CommandRecord> {
		const record = COMMAND_ID.test(id) ? await this.services.commands.get(id) : undefined;
		// A command from a time when the channel was open, or from a node where it is, discloses the value of the point.
		const isOpen = record !== undefined && this.services.policy.isOpen(record.channel);
		if (
			record === undefined ||
			!isOpen ||
			(record.userId !== identity.userId && !isPermitted(identity, "edge.write"))
		) {
			throw fieldError("command_id", "is not a command", { code: ErrorCode.NOT_FOUND });
		}
		return record;
	}

	private async checkValue(target: Target, value: number): Promise<void> {
		const { box } = target.named;
		checkValue(target.point.type, value, await this.limits.of(box, target.command));
	}

	private async send(
		operator: Operator,
		id: string,
		{ userId, value, selectId, reason }: Omit<CommandContent, "point" | "reason"> & { readonly reason: string },
		target: Target,
		holder: string,
	): Promise<CommandRecord> {
		const { clock, commands } = this.services;
		const { identity, peer } = operator;
		const requestedAtMs = clock.now();
		const record: CommandRecord = {
			id,
			userId,
			username: identity.username,
			...target.point,
			value,
			selectId,
			reason,
			stage: CommandStage.UNSPECIFIED,
			actualValue: undefined,
			error: "",
			requestedAtMs,
			deadlineMs: requestedAtMs,
			updatedAtMs: requestedAtMs,
		};
		const draft = { record, target, holder, ip: peer.ip, askedAtMs: clock.monotonic() };
		const sent = await this.dispatch.run(draft);
		if (sent !== undefined) return sent;
		const first = await commands.get(id);
		if (first === undefined) throw unavailable("the record of commands", 1000);
		return await this.idempotency.answer(first, { userId, point: target.text, value, selectId, reason });
	}

	/** Rejected requests are audited too, as far as the audit trail can be written. */
	private async audited<Result>(
		operator: Operator,
		operation: ControlOperation,
		tried: {
			readonly target?: string | undefined;
			readonly value?: number | null | undefined;
			readonly commandId?: string | undefined;
			readonly reason?: string | undefined;
		},
		work: () => Promise<Result>,
	): Promise<Result> {
		try {
			return await work();
		} catch (error) {
			const { audit, clock, logger } = this.services;
			const { message } = GatewayError.from(error);
			const { target = "", commandId: id = "", reason = "" } = tried;
			const fields = { operation, target, commandId: id, reason, value: tried.value ?? undefined };
			const refused = { ...fields, ip: operator.peer.ip, outcome: "refused", detail: message };
			await audit.record(auditEntry(operator.identity, clock.now(), refused)).catch((failure: unknown) => {
				logger.warn({ err: failure, ...fields }, "a refused control is not in the audit trail");
			});
			throw error;
		}
	}

	private expireSelects(): void {
		this.recordEnds(this.selects.expire(), "expired");
	}

	/** Audits ends of selects that no client asked for. They have happened, whether the entry can be written or not. */
	private recordEnds(selects: readonly Select[], outcome: "expired" | "left"): void {
		const { audit, logger } = this.services;
		for (const select of selects) {
			audit.record(this.selectEntry(select, "control.select", outcome)).catch((error: unknown) => {
				logger.warn(
					{ err: error, target: select.target.text, outcome },
					"the end of a select is not in the audit trail",
				);
			});
		}
	}

	private selectEntry(select: Select, operation: ControlOperation, outcome: string) {
		const { operator, target, value, reason } = select;
		const fields = { operation, outcome, target: target.text, value, reason, ip: operator.peer.ip };
		return auditEntry(operator.identity, this.services.clock.now(), fields);
	}
}

/** @throws GatewayError VALIDATION_FAILED naming `command_id`. */
function commandId(given: string | undefined): string {
	if (given === undefined || given === "") return uuidv7();
	if (!COMMAND_ID.test(given)) throw fieldError("command_id", "must be 1 to 64 of the characters A-Z a-z 0-9 . _ : -");
	return given;
}
