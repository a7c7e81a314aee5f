// The JSON dialect of older web front ends: `{"type": "subscribe", "id": …, "data": {…}}`. Their messages become requests of
// the edge block, and its replies and pushes become theirs; rules, rights and limits are those of the routes.

import { userChannel } from "../../common/user-channels.ts";
import type { Connection } from "../../core/connection.ts";
import type { TextDialect } from "../../core/text-dialect.ts";
import type { AnyMessageType } from "../../protocol/contract.ts";
import { EnvelopeReader } from "../../protocol/envelope.ts";
import { DataBatch, Envelope, edgeAlarmRoutes } from "../../protocol/gen/schema.ts";
import type { JsonRequest } from "../../protocol/json.ts";
import { EdgeJsonBatchWriter } from "./edge-json-batch.ts";
import { ChosenCommands } from "./edge-json-commands.ts";
import { writePush } from "./edge-json-pushes.ts";
import { writeError, writeReply } from "./edge-json-replies.ts";
import { readMessage, type Translated } from "./edge-json-requests.ts";
import { type Asked, EdgeJsonState, type Group, type Message } from "./edge-json-state.ts";

const MAX_ID_LENGTH = 128;

export class EdgeJsonDialect implements TextDialect {
	readonly encoding = "edge-json";
	readonly framesBody = false;
	/** Wall time, Unix milliseconds. */
	private readonly now: () => number;
	private readonly states = new WeakMap<Connection, EdgeJsonState>();
	private readonly chosen = new ChosenCommands();
	private readonly batches = new EdgeJsonBatchWriter();
	private readonly envelopes = new EnvelopeReader();

	constructor(now: () => number) {
		this.now = now;
	}

	read(connection: Connection, value: unknown): readonly JsonRequest[] | string | undefined {
		if (typeof value !== "object" || value === null || "protocol" in value) return undefined;
		// A connection that uses the dialect stays with it: without a type, it is a message of it in which that is missing.
		if (!("type" in value) && connection.encoding !== this.encoding) return undefined;
		const { type, id, data, timestamp } = value as Readonly<Record<string, unknown>>;
		const state = this.stateOf(connection);
		const origin = { id: textOf(id), sentAt: textOf(timestamp), receivedAtMs: this.now() };
		const message: Message = { type: typeof type === "string" ? type : "", ...origin };
		const read = typeof type === "string" ? readMessage(message, data) : "type: expected a text";
		if (typeof read === "string") return writeError(message, "WS_INVALID_MESSAGE", read, this.now());
		const channels = read.flatMap((request) => request.channels ?? []);
		const command = this.chosenCommand(connection, message, read);
		const group: Group = { message, open: read.length, channels, command, subscribed: [], failed: [] };
		const asked = read.map(({ contract, body }) => this.ask(state, { contract, group }, body));
		return [...this.alarmsOnce(connection, state), ...asked];
	}

	write(
		connection: Connection | undefined,
		frame: Uint8Array,
		bodyType: AnyMessageType | undefined,
	): string | undefined {
		const nowMs = this.now();
		if (bodyType === DataBatch && this.envelopes.read(frame)) {
			return this.batches.write(frame, this.envelopes.bodyStart, this.envelopes.bodyEnd, nowMs);
		}
		const envelope = Envelope.decode(frame);
		if (!envelope.seq) {
			// What was refused before anything was asked, such as the token of the address.
			if (envelope.error) return writeError(undefined, envelope.code ?? 0, envelope.error.message ?? "", nowMs);
			return bodyType === undefined ? undefined : writePush(envelope, bodyType, nowMs, this.chosen);
		}
		const state = connection && this.states.get(connection);
		const asked = state?.answered(envelope.seq, envelope.protocol ?? 0);
		if (asked === undefined) return undefined;
		this.settleCommand(asked, envelope.error !== undefined && envelope.error !== null);
		return writeReply(envelope, asked, nowMs);
	}

	/** Recorded before it is run, as its first ack may come before the reply. */
	private chosenCommand({ identity }: Connection, { id }: Message, read: readonly Translated[]): Group["command"] {
		const commandId = read[0]?.chosenId ?? "";
		if (commandId === "" || identity === undefined) return undefined;
		const channel = userChannel(identity.userId);
		this.chosen.given(channel, commandId, id);
		return { channel, commandId };
	}

	private settleCommand({ group }: Asked, isRefused: boolean): void {
		if (group?.command === undefined) return;
		const { command, message } = group;
		if (isRefused) this.chosen.refused(command.channel, command.commandId, message.id);
		else this.chosen.taken(command.channel, command.commandId, message.id);
	}

	private stateOf(connection: Connection): EdgeJsonState {
		const state = this.states.get(connection) ?? new EdgeJsonState();
		this.states.set(connection, state);
		return state;
	}

	private ask(state: EdgeJsonState, asked: Asked, body: object): JsonRequest {
		return { protocol: asked.contract.number, seq: state.ask(asked), traceId: "", body };
	}

	/** These front ends get alarms without asking for them. */
	private alarmsOnce(connection: Connection, state: EdgeJsonState): readonly JsonRequest[] {
		if (state.hasAskedForAlarms || connection.identity === undefined) return [];
		state.hasAskedForAlarms = true;
		const contract = edgeAlarmRoutes.alarmSubscribe;
		return [this.ask(state, { contract, group: undefined }, {})];
	}
}

/** Ids come as texts or numbers; they go back as texts. They are kept: a mere slice would keep all that it was cut from. */
function textOf(value: unknown): string {
	if (typeof value !== "string" && typeof value !== "number") return "";
	const text = String(value);
	return text.length <= MAX_ID_LENGTH ? text : Buffer.from(text.slice(0, MAX_ID_LENGTH)).toString();
}
