// The ledger: the messages sent in a room, the history that the gateway returns, and the log of every client. The
// comparison does not depend on connections or faults: in the end each log is the room's history, once and in order.

/** A message as its sender numbered it. */
export interface SentMessage {
	/** Unlike that of any other message. */
	readonly id: string;
	readonly sender: string;
	/** 1, 2, 3, … in the order in which the sender sent. */
	readonly number: number;
	/** The place that the gateway acknowledged; undefined without an acknowledgement. */
	readonly sequence: number | undefined;
}

/** A message as a client received it. */
export interface LoggedMessage {
	readonly id: string;
	readonly sequence: number;
}

export interface RoomLedger {
	readonly room: string;
	readonly sent: readonly SentMessage[];
	/** The room's history as the gateway returns it in the end. */
	readonly stored: readonly LoggedMessage[];
	/** The messages that each client received, in the order of delivery. */
	readonly logs: ReadonlyMap<string, readonly LoggedMessage[]>;
}

export interface Findings {
	/** Messages whose place was never acknowledged to their senders. */
	unacknowledged: number;
	/** Acknowledged or stored, and not in a log, or acknowledged and not stored; one for each log. */
	lost: number;
	/** More than once in a log or in the history. */
	twice: number;
	/** Behind a later one, in a log or among its sender's messages in the history. */
	outOfOrder: number;
	/** Never sent, or not where the acknowledgement said, or a place in the history without a message. */
	wrong: number;
	/** The first few of them, in words. */
	readonly examples: string[];
}

const MAX_EXAMPLES = 12;

export function noFindings(): Findings {
	return { unacknowledged: 0, lost: 0, twice: 0, outOfOrder: 0, wrong: 0, examples: [] };
}

type Kind = Exclude<keyof Findings, "examples">;

/** Compares a room's logs with what was sent, and adds to the findings. */
export function compareRoom(ledger: RoomLedger, findings: Findings): void {
	const find = (kind: Kind, what: string): void => {
		findings[kind]++;
		if (findings.examples.length < MAX_EXAMPLES) findings.examples.push(`room ${ledger.room}: ${what}`);
	};
	const sent = new Map(ledger.sent.map((message) => [message.id, message]));
	for (const { id, sequence } of ledger.sent) {
		if (sequence === undefined) find("unacknowledged", `${id} was never acknowledged`);
	}
	const stored = compareLog("the history", ledger.stored, sent, find);
	compareHistory(ledger.stored, sent, find);
	// A message may be stored although it was acknowledged late or never: then every client has to have it.
	const due = new Set(stored);
	for (const { id, sequence } of ledger.sent) {
		if (sequence === undefined) continue;
		if (!stored.has(id)) find("lost", `${id} was acknowledged and is not in the history`);
		due.add(id);
	}
	for (const [client, log] of ledger.logs) {
		const seen = compareLog(client, log, sent, find);
		for (const id of due) if (!seen.has(id)) find("lost", `${client} did not get ${id}`);
	}
}

/** Order and repeats of one log. Returns what is in it. */
function compareLog(
	name: string,
	log: readonly LoggedMessage[],
	sent: ReadonlyMap<string, SentMessage>,
	find: (kind: Kind, what: string) => void,
): Set<string> {
	const seen = new Set<string>();
	let last = 0;
	for (const { id, sequence } of log) {
		if (seen.has(id)) find("twice", `${name} has ${id} again, as ${sequence}`);
		else if (sequence <= last) find("outOfOrder", `${name} has ${id}, ${sequence}, behind ${last}`);
		seen.add(id);
		last = Math.max(last, sequence);
		const origin = sent.get(id);
		if (origin === undefined) find("wrong", `${name} has ${id}, which no client sent`);
		else if (origin.sequence !== undefined && origin.sequence !== sequence)
			find("wrong", `${name} has ${id} as ${sequence}, acknowledged as ${origin.sequence}`);
	}
	return seen;
}

/** The sequence has no gap, and each sender's messages are in the order in which they were sent. */
function compareHistory(
	stored: readonly LoggedMessage[],
	sent: ReadonlyMap<string, SentMessage>,
	find: (kind: Kind, what: string) => void,
): void {
	const lastOf = new Map<string, number>();
	for (const [index, { id, sequence }] of stored.entries()) {
		if (sequence !== index + 1) find("wrong", `the history has ${sequence} in place ${index + 1}`);
		const origin = sent.get(id);
		if (origin === undefined) continue;
		const last = lastOf.get(origin.sender) ?? 0;
		if (origin.number < last) find("outOfOrder", `${id} stands behind number ${last} of its sender`);
		lastOf.set(origin.sender, Math.max(last, origin.number));
	}
}
