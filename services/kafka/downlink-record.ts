// What a record of the downlink says: whom it is for, what it is, and the id by which a repeat is known.
import type { DownlinkMessageProperties } from "../../protocol/gen/schema.ts";
import type { IncomingRecord } from "./record-source.ts";
import { decodeDownlink, RECORD_HEADERS, RecordProblem } from "./records.ts";

export type DownlinkTarget =
	/** The inbox of a user. */
	| { readonly kind: "user"; readonly userId: string }
	/** An application channel, or the channel of a chat room. */
	| { readonly kind: "channel"; readonly channel: string }
	/** The inboxes of all users who are online. */
	| { readonly kind: "all" };

export type DownlinkContent =
	| { readonly kind: "message"; readonly message: DownlinkMessageProperties }
	/** Bytes of the sender's making. */
	| { readonly kind: "data"; readonly data: Uint8Array };

export interface DownlinkRecord {
	readonly target: DownlinkTarget;
	readonly content: DownlinkContent;
	/** Unique for what is published to a target. */
	readonly id: string;
}

const MAX_ID = 256;
const MAX_DATA_BYTES = 49_152;
/** As accounts have them, and what issuers may make of theirs. */
const USER_ID = /^[!-~]{1,128}$/;

/** @throws RecordProblem */
export function readDownlink(record: IncomingRecord): DownlinkRecord {
	const { headers } = record;
	const type = headers.get(RECORD_HEADERS.type) ?? "message";
	if (type !== "message" && type !== "data") {
		throw new RecordProblem(`${RECORD_HEADERS.type} must be message or data`);
	}
	const target = headers.get(RECORD_HEADERS.target);
	// Data is for whom the header says; of a message, only who gets it is in the message itself.
	if (type === "data")
		return { ...addressed(record, target, ""), content: { kind: "data", data: sized(record.value) } };
	const contentType = headers.get(RECORD_HEADERS.contentType);
	const message = decodeDownlink(record.value, contentType);
	const { targetUserId = "", messageId = "" } = message;
	const own = target ?? (targetUserId === "" ? undefined : `user:${targetUserId}`);
	const address = addressed(record, own, messageId);
	// A channel carries bytes: those of the record, as its writer made them.
	if (address.target.kind === "channel") return { ...address, content: { kind: "data", data: sized(record.value) } };
	return { ...address, content: { kind: "message", message } };
}

function addressed(record: IncomingRecord, target: string | undefined, messageId: string) {
	const given = record.headers.get(RECORD_HEADERS.messageId) ?? messageId;
	if (given.length > MAX_ID)
		throw new RecordProblem(`${RECORD_HEADERS.messageId} must have at most ${MAX_ID} characters`);
	// One without an id is known by its place.
	const id = given === "" ? `${record.topic}/${record.partition}/${record.offset}` : given;
	return { target: targetOf(target), id };
}

function targetOf(text: string | undefined): DownlinkTarget {
	if (text === undefined)
		throw new RecordProblem(`target_user_id or the header ${RECORD_HEADERS.target} must say whom it is for`);
	if (text === "all") return { kind: "all" };
	const colon = text.indexOf(":");
	const [kind, name] = [text.slice(0, colon), text.slice(colon + 1)];
	if (kind === "user" && USER_ID.test(name)) return { kind: "user", userId: name };
	if (kind === "channel" && name !== "") return { kind: "channel", channel: name };
	throw new RecordProblem(`${RECORD_HEADERS.target} must be user:ID, channel:NAME or all`);
}

function sized(value: Uint8Array): Uint8Array {
	if (value.length > MAX_DATA_BYTES) throw new RecordProblem(`the value must have at most ${MAX_DATA_BYTES} bytes`);
	return value;
}

/** What keeps its order: the inbox or the channel. */
export function laneOf(target: DownlinkTarget): string {
	if (target.kind === "user") return `user:${target.userId}`;
	return target.kind === "channel" ? `channel:${target.channel}` : "all";
}
