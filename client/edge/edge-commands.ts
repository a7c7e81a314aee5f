// Commands to devices: each under an id of its own, tracked until its end is known.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import {
	type ControlAck,
	type ControlTargetProperties,
	edgeControlPushes,
	edgeControlRoutes,
	type SelectPointResponse,
} from "../../protocol/gen/codec/edge-control.ts";
import { CommandStage } from "../../protocol/gen/enums.ts";
import { Listeners, type Unsubscribe } from "../listeners.ts";
import type { ClientContext } from "../requests/client-context.ts";
import type { RequestOptions } from "../requests/routes.ts";
import { uniqueId } from "../unique-id.ts";

export interface WriteOptions extends RequestOptions {
	/** Why, for the audit trail. */
	readonly reason?: string;
	/** Made up unless given. Under the same id a command happens once. */
	readonly commandId?: string;
}

/** How long after its deadline a command's end is asked for, should no ack have come. */
const GRACE_MS = 2000;
/** Commands whose end is awaited at once. */
const MAX_OPEN = 1000;

/** A pending command. */
export class Command {
	readonly id: string;
	/**
	 * The last ack: EXECUTED, FAILED, TIMEOUT or UNKNOWN; each of them fulfils the promise. Rejects with a GatewayError
	 * only if the end cannot be learnt: UNAVAILABLE when the client was closed, or the error of `commandStatus`. Callers
	 * need not handle it.
	 */
	readonly ended: Promise<ControlAck>;
	private readonly stages: Listeners<[ControlAck]>;
	private present: CommandStage = CommandStage.UNSPECIFIED;
	private end: (ack: ControlAck) => void = () => {};
	private giveUp: (error: GatewayError) => void = () => {};

	constructor(id: string, report: (error: unknown) => void) {
		this.id = id;
		this.stages = new Listeners(report);
		this.ended = new Promise((resolve, reject) => {
			this.end = resolve;
			this.giveUp = reject;
		});
		// A caller that does not wait for the end gets no unhandled rejection when the end will not be known.
		this.ended.catch(() => {});
	}

	get stage(): CommandStage {
		return this.present;
	}

	/** Listens to acks as they come. */
	onStage(listener: (ack: ControlAck) => void): Unsubscribe {
		return this.stages.add(listener);
	}

	/** @returns whether it has ended. */
	take(ack: ControlAck): boolean {
		const stage = ack.stage ?? CommandStage.UNSPECIFIED;
		if (stage > this.present) {
			this.present = stage;
			this.stages.emit(ack);
		}
		if (ack.isFinal) this.end(ack);
		return ack.isFinal ?? false;
	}

	/** Its end will not be known here. */
	abandon(error: GatewayError): void {
		this.giveUp(error);
	}
}

/** Errors of `commandStatus` that a repeated request does not change. */
const lasting: ReadonlySet<ErrorCode> = new Set([ErrorCode.NOT_FOUND, ErrorCode.PERMISSION_DENIED]);

interface Open {
	readonly command: Command;
	timer: ReturnType<typeof setTimeout> | undefined;
	/** It should have ended by now, and there may have been no connection when its end was asked for. */
	isOverdue: boolean;
}

export class EdgeCommands {
	private readonly context: ClientContext;
	private readonly open = new Map<string, Open>();
	private isListening = false;

	constructor(context: ClientContext) {
		this.context = context;
	}

	/** @throws GatewayError the server's error: nothing was done. RATE_LIMITED when too many are pending. */
	write(target: ControlTargetProperties, value: number, options: WriteOptions = {}): Promise<Command> {
		const { reason = "", commandId = uniqueId(), ...rest } = options;
		return this.track(commandId, (id) =>
			this.context.request(edgeControlRoutes.writePoint, { target, value, commandId: id, reason }, rest),
		);
	}

	/** First step of select-before-operate. */
	select(target: ControlTargetProperties, value: number, options: WriteOptions = {}): Promise<SelectPointResponse> {
		const { reason = "", commandId: _unused, ...rest } = options;
		return this.context.request(edgeControlRoutes.selectPoint, { target, value, reason }, rest);
	}

	/** Second step, with the value that was selected. */
	operate(selectId: string, value: number, options: WriteOptions = {}): Promise<Command> {
		const { commandId = uniqueId(), reason: _unused, ...rest } = options;
		return this.track(commandId, (id) =>
			this.context.request(edgeControlRoutes.operatePoint, { selectId, value, commandId: id }, rest),
		);
	}

	/** @returns whether it was still selected. */
	async cancel(selectId: string, options: RequestOptions = {}): Promise<boolean> {
		const reply = await this.context.request(edgeControlRoutes.cancelSelect, { selectId }, options);
		return reply.wasSelected ?? false;
	}

	private async track(
		commandId: string,
		send: (commandId: string) => Promise<{ readonly stage?: CommandStage; readonly deadlineMs?: number }>,
	): Promise<Command> {
		this.listen();
		if (this.open.size >= MAX_OPEN) {
			const message = `more than ${MAX_OPEN} commands pending`;
			throw new GatewayError(ErrorCode.RATE_LIMITED, message, { retryAfterMs: GRACE_MS });
		}
		const command = new Command(commandId, this.context.onError);
		const entry: Open = { command, timer: undefined, isOverdue: false };
		// Before it is sent: acks may overtake the reply.
		this.open.set(commandId, entry);
		try {
			const { stage = CommandStage.UNSPECIFIED, deadlineMs = 0 } = await send(commandId);
			if (this.open.has(commandId)) {
				command.take({ commandId, stage } as ControlAck);
				this.askLater(entry, Math.max(0, Number(deadlineMs) - Date.now()) + GRACE_MS);
			}
			return command;
		} catch (error) {
			this.open.delete(commandId);
			throw error;
		}
	}

	private listen(): void {
		if (this.isListening) return;
		this.isListening = true;
		this.context.on(edgeControlPushes.controlAck, (ack) => this.take(ack));
		// Acks come on the inbox; what is missing there has to be asked for.
		this.context.onRecovery(({ recovered, channel }) => {
			if (!recovered && channel.startsWith("user:")) for (const entry of this.open.values()) this.askLater(entry, 0);
		});
		this.context.onReady(() => {
			for (const entry of this.open.values()) if (entry.isOverdue) this.askLater(entry, 0);
		});
		this.context.onClosed(() => {
			const message = "the client was closed before the command's end was known";
			for (const entry of [...this.open.values()])
				this.abandon(entry, new GatewayError(ErrorCode.UNAVAILABLE, message));
		});
	}

	private take(ack: ControlAck): void {
		const entry = this.open.get(ack.commandId ?? "");
		if (entry?.command.take(ack) === true) this.drop(entry);
	}

	private abandon(entry: Open, error: GatewayError): void {
		this.drop(entry);
		entry.command.abandon(error);
	}

	private drop(entry: Open): void {
		clearTimeout(entry.timer);
		this.open.delete(entry.command.id);
	}

	private askLater(entry: Open, delayMs: number): void {
		clearTimeout(entry.timer);
		entry.timer = setTimeout(() => void this.ask(entry), delayMs);
	}

	private async ask(entry: Open): Promise<void> {
		const { id } = entry.command;
		entry.isOverdue = true;
		try {
			const { command } = await this.context.request(edgeControlRoutes.commandStatus, { commandId: id });
			if (command) this.take(command as ControlAck);
		} catch (error) {
			// Ended meanwhile, or the client was closed: its end is not asked for any more.
			if (this.open.get(id) !== entry) return;
			if (error instanceof GatewayError && lasting.has(error.code)) return this.abandon(entry, error);
			this.context.onError(error);
		}
		// The gateway ends every command at its deadline, so that this ends as well.
		if (this.open.get(id) === entry) this.askLater(entry, GRACE_MS);
	}
}
