// Log lines about a connection that fails and recovers: one line for each, however often it is tried in between, and one
// for each further cause that the server itself gives.
import { ReplyError } from "ioredis";
import { type Logger, withoutStack } from "../../common/logger.ts";
import { HandshakeError } from "./handshake.ts";

/** Of one outage; more causes than this are not logged. */
const MAX_CAUSES = 10;
const CAUSE_LENGTH = 80;

export class OutageLog {
	private readonly logger: Logger;
	private readonly texts: { readonly lost: string; readonly restored: string };
	private isUp: boolean | undefined;
	private readonly causes = new Set<string>();

	/** @param isUp - true: the first connection is not logged. */
	constructor(logger: Logger, texts: { readonly lost: string; readonly restored: string }, isUp?: true) {
		this.logger = logger;
		this.texts = texts;
		this.isUp = isUp;
	}

	lost(error?: Error): void {
		const isChange = this.isUp !== false || (isAnswer(error) && this.isNewCause(error));
		this.isUp = false;
		if (!isChange) return;
		if (isAnswer(error)) this.causes.add(causeOf(error));
		this.logger.warn(error === undefined ? {} : { err: withoutStack(error) }, this.texts.lost);
	}

	restored(): void {
		if (this.isUp !== true) this.logger.info({}, this.texts.restored);
		this.isUp = true;
		this.causes.clear();
	}

	private isNewCause(error: Error): boolean {
		return this.causes.size < MAX_CAUSES && !this.causes.has(causeOf(error));
	}
}

/** Whether the server itself reported the error, which the log must name even if the server was unreachable before. */
function isAnswer(error: Error | undefined): error is Error {
	return error instanceof HandshakeError || error instanceof ReplyError;
}

function causeOf(error: Error): string {
	return error.message.slice(0, CAUSE_LENGTH);
}
