// Rooms as the store keeps them, and requests as other processes get them: JSON, with bytes in base64. A room is split into
// fields, of which only those that changed are written.

import type { ActCommand, RoomCommand } from "./room-command.ts";
import type { LogEntry, OutboxEntry, RoomInfo, RoomMember, RoomProgress, RoomState } from "./room-state.ts";
import type { RoomWrite } from "./room-store.ts";

export const INFO_FIELD = "info";
const MEMBER = "m:";
const RECENT = "r:";

/** The field that exists while the user is a member. */
export function memberField(userId: string): string {
	return MEMBER + userId;
}

/** What is to be written to get from one state to another. Without `before`: all of it. */
export function fieldChanges(before: RoomState | undefined, after: RoomState): Pick<RoomWrite, "set" | "remove"> {
	const set = new Map<string, string>();
	const remove: string[] = [];
	if (before?.info !== after.info) set.set(INFO_FIELD, JSON.stringify(after.info));
	if (before?.progress !== after.progress) set.set("progress", encodeProgress(after.progress));
	if (before?.outbox !== after.outbox) set.set("outbox", JSON.stringify(after.outbox.map(encodeEntry)));
	compare(MEMBER, before?.members, after.members, set, remove);
	compare(RECENT, before?.recent, after.recent, set, remove);
	return { set, remove };
}

function compare(
	prefix: string,
	before: ReadonlyMap<string, unknown> | undefined,
	after: ReadonlyMap<string, unknown>,
	set: Map<string, string>,
	remove: string[],
): void {
	if (before === after) return;
	for (const [key, value] of after) {
		if (before?.get(key) !== value) set.set(prefix + key, JSON.stringify(value));
	}
	for (const key of before?.keys() ?? []) if (!after.has(key)) remove.push(prefix + key);
}

/** @throws Error when the fields are not a room. */
export function decodeRoom(id: string, fields: ReadonlyMap<string, string>): RoomState {
	const field = (name: string): string => {
		const value = fields.get(name);
		if (value === undefined) throw new Error(`room ${id} has no ${name}`);
		return value;
	};
	const withPrefix = <Value>(prefix: string): Map<string, Value> => {
		const entries = [...fields].filter(([name]) => name.startsWith(prefix));
		return new Map(entries.map(([name, value]) => [name.slice(prefix.length), JSON.parse(value) as Value]));
	};
	return {
		id,
		info: decodeInfo(field(INFO_FIELD)),
		progress: decodeProgress(field("progress")),
		outbox: (JSON.parse(field("outbox")) as EncodedEntry[]).map(decodeEntry),
		members: withPrefix<RoomMember>(MEMBER),
		recent: withPrefix(RECENT),
	};
}

export function decodeInfo(text: string): RoomInfo {
	return JSON.parse(text) as RoomInfo;
}

export function encodeLog({ actionNumber, userId, payload, atMs }: LogEntry): string {
	return JSON.stringify([actionNumber, userId, toBase64(payload), atMs]);
}

export function decodeLog(text: string): LogEntry {
	const [actionNumber, userId, payload, atMs] = JSON.parse(text) as [number, string, string, number];
	return { actionNumber, userId, payload: fromBase64(payload), atMs };
}

/** @param roomId - which room is asked. */
export function encodeCommand(roomId: string, command: RoomCommand): Uint8Array {
	const encoded = command.type === "act" ? { ...command, payload: toBase64(command.payload) } : command;
	return Buffer.from(JSON.stringify([roomId, encoded]));
}

/** @throws Error when the bytes are no command. */
export function decodeCommand(bytes: Uint8Array): { readonly roomId: string; readonly command: RoomCommand } {
	const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
	const [roomId, command] = JSON.parse(text) as [string, RoomCommand];
	if (command.type !== "act") return { roomId, command };
	const payload = fromBase64((command as unknown as { payload: string }).payload);
	return { roomId, command: { ...(command as ActCommand), payload } };
}

function encodeProgress({ game, ...rest }: RoomProgress): string {
	return JSON.stringify(game === undefined ? rest : { ...rest, game: toBase64(game) });
}

function decodeProgress(text: string): RoomProgress {
	const { game, ...rest } = JSON.parse(text) as Omit<RoomProgress, "game"> & { game?: string };
	return { ...rest, game: game === undefined ? undefined : fromBase64(game) };
}

type Publication = Extract<OutboxEntry, { kind: "publish" }>;
type EncodedEntry = Exclude<OutboxEntry, Publication> | (Omit<Publication, "message"> & { message: string });

function encodeEntry(entry: OutboxEntry): EncodedEntry {
	return entry.kind === "publish" ? { ...entry, message: toBase64(entry.message) } : entry;
}

function decodeEntry(entry: EncodedEntry): OutboxEntry {
	return entry.kind === "publish" ? { ...entry, message: fromBase64(entry.message) } : entry;
}

function toBase64(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function fromBase64(text: string): Uint8Array {
	return Buffer.from(text, "base64");
}
