// What the gateway owes for each frame, and whether it was given: a reply with the number of the request and a code of the
// table, or the end of the connection with a code of the other table. Read with the generated codec, not the gateway's.
import { CloseCode, ErrorCode, replyCodes } from "../../protocol/codes.ts";
import { EnvelopeReader } from "../../protocol/envelope.ts";
import {
	authRoutes,
	Envelope,
	edgeAlarmRoutes,
	edgeControlRoutes,
	edgeTelemetryRoutes,
	pushContracts,
	routeContracts,
} from "../../protocol/gen/schema.ts";
import { jsonEnvelope } from "../../protocol/json.ts";

const closeCodes = new Set<number>(Object.values(CloseCode));
const codeNames = new Set<string>(replyCodes.map(({ name }) => name));
const replyNames = new Set([...codeNames].map((name) => `ERROR_CODE_${name}`));
const OLDER_CODES = /^(WS_[A-Z_]+|SOURCE_UNAVAILABLE)$/;
const ANSWER_TYPES = new Set(["subscribe_ack", "unsubscribe_ack", "control_ack", "pong", "error"]);
const OLDER_ROUTES = new Set<number>(
	[
		authRoutes.heartbeat,
		edgeTelemetryRoutes.subscribe,
		edgeTelemetryRoutes.unsubscribe,
		edgeControlRoutes.writePoint,
		edgeAlarmRoutes.alarmSubscribe,
	].map(({ number }) => number),
);
const PUSH_TYPES = new Set(["data_batch", "data_update", "alarm", "alarm_num"]);

export class Oracle {
	/** What is wrong; nothing further is judged then. */
	problem: string | undefined = undefined;
	private readonly reader = new EnvelopeReader();
	/** Replies that are due, by number of the request and of its route. */
	private readonly owed = new Map<string, number>();
	private owedCount = 0;
	private olderMessages = 0;
	private olderAnswers = 0;
	private hasOther = false;
	/** Replies in the older dialect are for its own messages: others may have none. */
	private hasOlder = false;

	/** Everything that is due has arrived, as far as that can be decided. */
	get isSatisfied(): boolean {
		if (this.hasOlder) return this.hasOther || this.olderAnswers >= this.olderMessages;
		return this.owedCount === 0;
	}

	/** What is still awaited, for people. */
	get awaited(): string {
		if (this.hasOlder) return `${this.olderMessages - this.olderAnswers} answers of the older dialect`;
		return [...this.owed]
			.filter(([, count]) => count > 0)
			.map(([key]) => key)
			.join(", ");
	}

	/**
	 * A frame was sent on a connection that was open, and handled as far as that happens at once.
	 *
	 * @param closeCode - of the connection, if it is being closed now.
	 */
	sent(frame: Uint8Array | string, maxBytes: number, closeCode: number | undefined): void {
		const length = typeof frame === "string" ? Buffer.byteLength(frame) : frame.length;
		const isEnvelope =
			length <= maxBytes && (typeof frame === "string" ? this.noteText(frame) : this.noteBinary(frame));
		if (!isEnvelope && closeCode === undefined) this.fail("what is no envelope was taken");
	}

	/** The gateway closed the connection. */
	closed(code: number): void {
		if (!closeCodes.has(code)) this.fail(`closed with ${code}, which is not in the table`);
	}

	received(frame: Uint8Array | string): void {
		try {
			if (typeof frame === "string") this.text(JSON.parse(frame) as Record<string, unknown>);
			else this.binary(Envelope.decode(frame));
		} catch (error) {
			this.fail(`what came cannot be read: ${String(error)}: ${show(frame)}`);
		}
	}

	fail(problem: string): void {
		this.problem ??= problem;
	}

	private noteBinary(frame: Uint8Array): boolean {
		this.hasOther = true;
		const { reader } = this;
		if (!reader.read(frame)) return false;
		const { seq, protocol } = reader;
		const generated = decoded(frame);
		if (generated !== undefined && ((generated.seq ?? 0) !== seq || (generated.protocol ?? 0) !== protocol)) {
			this.fail("the hand-written reader and the generated codec read different envelopes");
		}
		this.owe(seq, protocol);
		return true;
	}

	private noteText(text: string): boolean {
		const value = parsed(text);
		if (typeof value === "object" && value !== null && !("protocol" in value)) {
			if ("type" in value) {
				this.hasOlder = true;
				this.olderMessages++;
				return true;
			}
		}
		this.hasOther = true;
		const request = jsonEnvelope(value);
		if (request === undefined) return false;
		this.owe(request.seq, request.protocol);
		return true;
	}

	private owe(seq: number, protocol: number): void {
		if (seq === 0) return;
		const key = `${seq} of ${protocol}`;
		this.owed.set(key, (this.owed.get(key) ?? 0) + 1);
		this.owedCount++;
	}

	private binary(envelope: Envelope): void {
		const { seq = 0, protocol = 0, code = 0, error, body } = envelope;
		if (!(code in replyCodes)) this.fail(`a reply has code ${code}`);
		if (code === ErrorCode.INTERNAL) this.fail(`INTERNAL from ${protocol}`);
		if ((code !== ErrorCode.OK) !== Boolean(error)) this.fail(`code ${code} with error ${String(error?.message)}`);
		if (seq === 0) {
			if (error || protocol === 0) return;
			const push = pushContracts.get(protocol)?.message ?? routeContracts.get(protocol)?.reply;
			if (push === undefined) this.fail(`a push has number ${protocol}`);
			push?.decode(body ?? new Uint8Array(0));
			return;
		}
		this.replied(seq, protocol);
		if (!error) routeContracts.get(protocol)?.reply.decode(body ?? new Uint8Array(0));
	}

	private text(value: Record<string, unknown>): void {
		const { type, seq, protocol, code } = value;
		if (typeof type === "string" && protocol === undefined) {
			this.olderText(type, value["data"] as Record<string, unknown>);
			return;
		}
		if (typeof protocol !== "number") this.fail(`a text frame has protocol ${String(protocol)}`);
		const isKnown = typeof code === "string" && replyNames.has(code);
		if (code !== undefined && !isKnown) this.fail(`a reply has code ${JSON.stringify(code)}`);
		if (code === "ERROR_CODE_INTERNAL") this.fail(`INTERNAL from ${String(protocol)}`);
		if (typeof seq === "number") this.replied(seq, Number(protocol));
	}

	private olderText(type: string, data: Record<string, unknown> | undefined): void {
		if (typeof data !== "object") this.fail(`a ${type} has no data`);
		if (!ANSWER_TYPES.has(type) && !PUSH_TYPES.has(type)) this.fail(`a message has type ${type}`);
		if (type === "error") {
			const code = String(data?.["code"]);
			if (code === "INTERNAL") this.fail("INTERNAL in the older dialect");
			if (!codeNames.has(code) && !OLDER_CODES.test(code)) this.fail(`an error has code ${code}`);
		}
		if (ANSWER_TYPES.has(type)) this.olderAnswers++;
	}

	private replied(seq: number, protocol: number): void {
		const key = `${seq} of ${protocol}`;
		const count = this.owed.get(key) ?? 0;
		if (count === 0) {
			// Requests of the older dialect have numbers of its own, and are answered in what the client spoke last.
			if (this.hasOlder && OLDER_ROUTES.has(protocol)) return;
			this.fail(`a reply to ${key}, which was not asked, or is answered already`);
		}
		this.owed.set(key, count - 1);
		this.owedCount--;
	}
}

function decoded(frame: Uint8Array): Envelope | undefined {
	try {
		return Envelope.decode(frame);
	} catch {
		return undefined;
	}
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function show(frame: Uint8Array | string): string {
	return typeof frame === "string" ? frame.slice(0, 300) : Buffer.from(frame.subarray(0, 150)).toString("hex");
}
