// One command for one id, however often and on whichever node it is requested. The record decides; a repeat joins a
// request that is in flight in this process.
import { setTimeout } from "node:timers/promises";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError, unavailable } from "../../../protocol/error.ts";
import { CommandStage } from "../../../protocol/gen/schema.ts";
import type { CommandRecord, CommandStore } from "./command-store.ts";
import { pointText } from "./point-text.ts";

/** What makes a request with the same id the same. */
export interface CommandContent {
	readonly userId: string;
	/** Undefined where the select stands for it, as for the reason. */
	readonly point: string | undefined;
	readonly value: number;
	readonly selectId: string;
	readonly reason: string | undefined;
}

/** How long a repeat waits for the first to be handed over by another process. */
const ATTEMPTS = 20;
const PAUSE_MS = 100;
const RETRY_AFTER_MS = 1000;

export class Idempotency {
	private readonly commands: CommandStore;
	/** Bounded by the requests that connections may have in flight. */
	private readonly inFlight = new Map<
		string,
		{ readonly content: CommandContent; readonly work: Promise<CommandRecord> }
	>();

	constructor(commands: CommandStore) {
		this.commands = commands;
	}

	/**
	 * Does the work unless the id was used.
	 *
	 * @param mayBeRepeat - false for an id that was made up just now.
	 * @throws GatewayError CONFLICT when the id was used for anything else; UNAVAILABLE; what `work` throws.
	 */
	run(
		id: string,
		content: CommandContent,
		mayBeRepeat: boolean,
		work: () => Promise<CommandRecord>,
	): Promise<CommandRecord> {
		const present = this.inFlight.get(id);
		if (present !== undefined) {
			return isSame(present.content, content) ? present.work : Promise.reject(taken());
		}
		const begun = this.first(id, content, mayBeRepeat, work).finally(() => this.inFlight.delete(id));
		this.inFlight.set(id, { content, work: begun });
		return begun;
	}

	/**
	 * The present stage of a stored command, for a client that repeats it.
	 *
	 * @throws GatewayError CONFLICT, UNAVAILABLE.
	 */
	async answer(first: CommandRecord, content: CommandContent): Promise<CommandRecord> {
		const { userId, value, selectId, reason } = first;
		if (!isSame({ userId, point: pointText(first), value, selectId, reason }, content)) throw taken();
		let record: CommandRecord | undefined = first;
		for (let attempt = 0; attempt < ATTEMPTS && record?.stage === CommandStage.UNSPECIFIED; attempt++) {
			await setTimeout(PAUSE_MS);
			record = await this.commands.get(first.id);
		}
		if (record === undefined || record.stage === CommandStage.UNSPECIFIED) {
			throw unavailable("the outcome of this command", RETRY_AFTER_MS);
		}
		return record;
	}

	/** Resolves when no request is in flight. */
	async idle(): Promise<void> {
		await Promise.allSettled([...this.inFlight.values()].map(({ work }) => work));
	}

	private async first(
		id: string,
		content: CommandContent,
		mayBeRepeat: boolean,
		work: () => Promise<CommandRecord>,
	): Promise<CommandRecord> {
		const record = mayBeRepeat ? await this.commands.get(id) : undefined;
		return record === undefined ? await work() : await this.answer(record, content);
	}
}

/** The error does not disclose the command that the id was used for. */
function taken() {
	return fieldError("command_id", "was used for another command", { code: ErrorCode.CONFLICT });
}

function isSame(a: CommandContent, b: CommandContent): boolean {
	const isSamePoint = a.point === undefined || b.point === undefined || a.point === b.point;
	const isSameReason = a.reason === undefined || b.reason === undefined || a.reason === b.reason;
	return a.userId === b.userId && a.value === b.value && a.selectId === b.selectId && isSamePoint && isSameReason;
}
