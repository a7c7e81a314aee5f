// Commands to the devices of a box, and what comes back.
import type { DataType } from "../../../protocol/gen/schema.ts";

export interface CommandTarget {
	readonly family: string;
	readonly channel: number;
	readonly type: DataType;
	readonly pointId: number;
}

export interface BoxCommand {
	readonly commandId: string;
	readonly target: CommandTarget;
	/** Finite. */
	readonly value: number;
	/** The user who gives it, for the box's own log. */
	readonly operator: string;
	/** Unix milliseconds. */
	readonly atMs: number;
}

export const SendOutcome = {
	/** In the list that the field service takes commands from. */
	SENT: "sent",
	/** The box broke off before it answered: it may be in the list or not. Must not be sent again. */
	UNKNOWN: "unknown",
} as const;
export type SendOutcome = (typeof SendOutcome)[keyof typeof SendOutcome];

export interface CommandFeedback {
	readonly commandId: string;
	readonly stage: "executing" | "executed" | "failed";
	/** What the device says it did. */
	readonly actualValue: number | undefined;
	readonly error: string;
	/** Unix milliseconds. */
	readonly atMs: number;
}

export interface BoxCommands {
	/** Whether the box reports the outcome of commands. If not, it is seen at a feedback point, or not at all. */
	readonly hasFeedback: boolean;
	/**
	 * Hands a command to the field service: value and list entry in one atomic step, the value as a JSON number.
	 *
	 * @throws GatewayError UNAVAILABLE when it was certainly not handed over; PRECONDITION_FAILED when the box refuses it.
	 */
	send(command: BoxCommand): Promise<SendOutcome>;
	/** What is known of a command that was sent, undefined if nothing. @throws GatewayError UNAVAILABLE. */
	feedback(commandId: string): Promise<CommandFeedback | undefined>;
	/** Set once. What the listener gets may be repeated or lost; `feedback` asks again. */
	onFeedback(listener: (feedback: CommandFeedback) => void): void;
}
