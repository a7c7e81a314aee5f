// One call with one reply, made on a channel of grpc-js itself. Its Client puts an event emitter, three layers of interceptors and the caller's
// stack, for the text of an error, around each call; nothing here uses them.
import type { ChannelInterface, Metadata, StatusObject } from "@grpc/grpc-js";
import { type RunningAttempt, Status } from "../endpoint-transport.ts";

export interface UnaryRequest {
	/** `/package.Service/Method`. */
	readonly path: string;
	readonly metadata: Metadata;
	readonly body: Buffer;
	/** Unix milliseconds. */
	readonly deadlineMs: number;
}

/** How a call ended that brought no reply; grpc-js passes some errors of replies on as they were thrown, without a code and details. */
export type UnaryFailure = Partial<StatusObject>;

/** @param done - called once, never before this returns. */
export function startUnary(
	channel: ChannelInterface,
	{ path, metadata, body, deadlineMs }: UnaryRequest,
	done: (failure: UnaryFailure | undefined, reply: Buffer) => void,
): RunningAttempt {
	const call = channel.createCall(path, deadlineMs, null, null, null);
	let reply: Buffer | undefined;
	let isOver = false;
	call.start(metadata, {
		onReceiveMetadata: () => {},
		// No more than one is asked for.
		onReceiveMessage: (message: Buffer) => {
			reply = message;
		},
		onReceiveStatus: (status) => {
			if (isOver) return;
			isOver = true;
			if (status.code !== Status.OK) done(status, NO_BYTES);
			else if (reply === undefined) done(NO_REPLY, NO_BYTES);
			else done(undefined, reply);
		},
	});
	call.startRead();
	call.sendMessageWithContext({}, body);
	call.halfClose();
	return { cancel: () => call.cancelWithStatus(Status.CANCELLED, "given up") };
}

const NO_BYTES = Buffer.alloc(0);
const NO_REPLY: UnaryFailure = { code: Status.UNIMPLEMENTED, details: "the status is OK, and there is no reply" };
