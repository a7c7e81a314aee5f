// Appends a batch of chat messages in one transaction. The lock of each conversation's row makes its sequence gapless
// over all processes, and makes the checks of who may send hold until the commit.
import type { CompiledQuery, Kysely } from "kysely";
import { batches } from "../../../common/batches.ts";
import type { Tables } from "../../../stores/sql/schema.ts";
import { atLast, type Script, together } from "../../../stores/sql/transaction-script.ts";
import type {
	AppendedBatch,
	AppendResult,
	ClaimedConversation,
	MessageRecord,
	NewMessage,
	PublishClaim,
} from "../chat-message-store.ts";
import { rejectionOf, type SenderMembership } from "../send-rules.ts";
import type { ChatAppendStatements, LockedRow } from "./chat-append-statements.ts";
import { messageOf } from "./chat-rows.ts";

/** What one statement is about at most: SQLite bounds how deep a condition is, and its text is kept for each size. */
const STATEMENT_ITEMS = 100;

interface LockedConversation {
	readonly published: number;
	readonly isClaimable: boolean;
	lastSequence: number;
	hasNew: boolean;
}

/** Everything that decides over the messages of a batch; the messages appended so far are added to it. */
interface Facts {
	readonly conversations: ReadonlyMap<string, LockedConversation>;
	readonly members: ReadonlyMap<string, SenderMembership>;
	readonly blocks: ReadonlySet<string>;
	readonly known: Map<string, { readonly message: MessageRecord; readonly contentHash: string }>;
	/** Conversation and id of messages that are replied to. */
	readonly targets: ReadonlySet<string>;
	/** By the clock of the database. */
	readonly nowMs: number;
}

interface Appended {
	readonly message: MessageRecord;
	readonly contentHash: string;
}

/** What a script is given of a message: id, conversation, sender, name, id of the client, hash, reply target, time, peer, length. */
type PackedMessage = readonly [
	...ids: [string, string, string, string, string, string, string],
	sentAtMs: number,
	peerId: string | null,
	contentBytes: number,
];

/** A sequence: appended. The content of a repeated message is in base64. */
type ScriptResult =
	| number
	| Exclude<AppendResult, { readonly kind: "appended" | "repeated" }>
	| {
			readonly kind: "repeated";
			readonly message: Omit<MessageRecord, "content">;
			content: string;
			isPublished: boolean;
	  };

export interface AppendArgs {
	readonly messages: readonly PackedMessage[];
	readonly claim: PublishClaim;
}

export interface AppendOutcome {
	readonly results: readonly ScriptResult[];
	readonly claimed: readonly ClaimedConversation[];
}

/** @returns the contents one behind the other as `blob`, and the rest. */
export function packArgs(messages: readonly NewMessage[], claim: PublishClaim): { args: AppendArgs; blob: Uint8Array } {
	const blob = new Uint8Array(messages.reduce((sum, { content }) => sum + content.byteLength, 0));
	let at = 0;
	const packed = messages.map((m): PackedMessage => {
		const { content } = m;
		blob.set(content, at);
		at += content.byteLength;
		const ids = [m.id, m.conversationId, m.senderId, m.senderName, m.clientMsgId, m.contentHash, m.replyToId] as const;
		return [...ids, m.sentAtMs, m.peerId ?? null, content.byteLength];
	});
	return { args: { messages: packed, claim }, blob };
}

function unpackMessages(messages: readonly PackedMessage[], contents: Uint8Array): readonly NewMessage[] {
	let at = 0;
	return messages.map((packed) => {
		const [id, conversationId, senderId, senderName, clientMsgId, contentHash, replyToId, sentAtMs, peerId, bytes] =
			packed;
		const content = contents.subarray(at, at + bytes);
		at += bytes;
		return {
			id,
			conversationId,
			senderId,
			senderName,
			clientMsgId,
			contentHash,
			replyToId,
			sentAtMs,
			content,
			peerId: peerId ?? undefined,
		};
	});
}

function packResult(result: AppendResult): ScriptResult {
	if (result.kind === "appended") return result.message.sequence;
	if (result.kind !== "repeated") return result;
	const { content, ...message } = result.message;
	return { ...result, message, content: Buffer.from(content).toString("base64") };
}

export function unpackOutcome(messages: readonly NewMessage[], { results, claimed }: AppendOutcome): AppendedBatch {
	const whole = messages.map((source, index): AppendResult => {
		const result = results[index];
		if (result === undefined) throw new RangeError("a message has no result");
		if (typeof result === "number") return { kind: "appended", message: recordOf(source, result) };
		if (result.kind !== "repeated") return result;
		const { message, content, isPublished } = result;
		return { kind: "repeated", message: { ...message, content: Buffer.from(content, "base64") }, isPublished };
	});
	return { results: whole, claimed };
}

function recordOf(source: NewMessage, sequence: number): MessageRecord {
	const { id, conversationId, senderId, senderName, clientMsgId, content, replyToId, sentAtMs } = source;
	return {
		id,
		conversationId,
		sequence,
		senderId,
		senderName,
		clientMsgId,
		content,
		replyToId,
		sentAtMs,
		recalledAtMs: 0,
	};
}

export function* appendBatch(
	db: Kysely<Tables>,
	statements: ChatAppendStatements,
	{ args, contents }: { readonly args: AppendArgs; readonly contents: Uint8Array },
): Script<AppendOutcome> {
	const { claim } = args;
	const messages = unpackMessages(args.messages, contents);
	const facts = yield* readFacts(db, statements, messages, claim);
	const decided = messages.map((message) => decide(message, facts));
	const appended: Appended[] = [];
	decided.forEach((result, index) => {
		const source = messages[index];
		if (result.kind === "appended" && source !== undefined) {
			appended.push({ message: result.message, contentHash: source.contentHash });
		}
	});
	const claimed = yield* write(db, statements, { appended, conversations: facts.conversations, claim });
	return { results: decided.map(packResult), claimed };
}

function* readFacts(
	db: Kysely<Tables>,
	statements: ChatAppendStatements,
	messages: readonly NewMessage[],
	claim: PublishClaim,
): Script<Facts> {
	const locked: LockedRow[] = [];
	// In the order of their ids, so that two batches wait for each other and do not deadlock.
	const ids = [...new Set(messages.map((message) => message.conversationId))].sort();
	const lockParts = [...batches(ids, STATEMENT_ITEMS)];
	// The last lock goes with the first reads: a statement reads what is committed when it begins, which is behind all locks.
	let lastLock = lockParts.pop();
	for (const part of lockParts) {
		const [{ rows }] = yield* together([statements.lockConversations(db, part)]);
		locked.push(...rows);
	}
	const members = new Map<string, SenderMembership>();
	const known: Facts["known"] = new Map();
	const blocks = new Set<string>();
	const targets = new Set<string>();
	for (const part of batches(messages, STATEMENT_ITEMS)) {
		const [lockRows, memberRows, repeatRows, blockRows, targetRows] = yield* together([
			lastLock && statements.lockConversations(db, lastLock),
			statements.readMembers(db, part),
			statements.readRepeats(db, part),
			statements.readBlocks(db, part),
			statements.readReplyTargets(db, part),
		]);
		lastLock = undefined;
		locked.push(...lockRows.rows);
		for (const row of memberRows.rows) {
			const member = { state: row.state, mutedUntilMs: Number(row.muted_until_ms) };
			members.set(keyOf(row.conversation_id, row.user_id), member);
		}
		for (const row of repeatRows.rows) {
			const key = keyOf(row.conversation_id, row.sender_id, row.client_msg_id);
			known.set(key, { message: messageOf(row), contentHash: row.content_hash });
		}
		for (const row of blockRows.rows) blocks.add(keyOf(row.user_id, row.blocked_id));
		for (const row of targetRows.rows) targets.add(keyOf(row.conversation_id, row.id));
	}
	return { ...judged(locked, claim), members, blocks, known, targets };
}

interface Decided {
	readonly appended: readonly Appended[];
	readonly conversations: Facts["conversations"];
	readonly claim: PublishClaim;
}

function* write(
	db: Kysely<Tables>,
	statements: ChatAppendStatements,
	{ appended, conversations, claim }: Decided,
): Script<readonly ClaimedConversation[]> {
	const writes: (CompiledQuery | undefined)[] = [];
	for (const part of batches(appended, STATEMENT_ITEMS)) writes.push(statements.insert(db, part));
	const sentAtMs = appended.reduce((latest, { message }) => Math.max(latest, message.sentAtMs), 0);
	const claimed: ClaimedConversation[] = [];
	const changed = [...conversations].filter(([, conversation]) => conversation.hasNew);
	for (const part of batches(changed, STATEMENT_ITEMS)) {
		const claimable = part.filter(([, conversation]) => conversation.isClaimable);
		const sequences = part.map(([id, { lastSequence }]) => [id, lastSequence] as const);
		const claimedIds = claimable.map(([id]) => id);
		writes.push(statements.advanceTo(db, sequences, sentAtMs), statements.claim(db, claimedIds, claim));
		for (const [conversationId, { published }] of claimable) {
			claimed.push({ conversationId, publishedSequence: published });
		}
	}
	const latest = latestOfSenders(appended.map(({ message }) => message));
	for (const part of batches(latest, STATEMENT_ITEMS)) writes.push(statements.markAsRead(db, part));
	yield* atLast(writes);
	return claimed;
}

function judged(rows: readonly LockedRow[], claim: PublishClaim): Pick<Facts, "conversations" | "nowMs"> {
	// Without a conversation nothing is judged by the time.
	const nowMs = Number(rows[0]?.now_ms ?? 0);
	const conversations = rows.map((row): [string, LockedConversation] => {
		const isOver = row.publisher === "" || Number(row.publisher_until_ms) <= nowMs;
		return [
			row.id,
			{
				published: Number(row.published_sequence),
				isClaimable: isOver || row.publisher === claim.publisher,
				lastSequence: Number(row.last_sequence),
				hasNew: false,
			},
		];
	});
	return { conversations: new Map(conversations), nowMs };
}

/** A sender has read the messages before the sent one. */
function latestOfSenders(messages: readonly MessageRecord[]): readonly MessageRecord[] {
	const latest = new Map(messages.map((message) => [keyOf(message.conversationId, message.senderId), message]));
	return [...latest.values()];
}

function decide(source: NewMessage, facts: Facts): AppendResult {
	const { conversationId, senderId, clientMsgId, contentHash, peerId } = source;
	const key = keyOf(conversationId, senderId, clientMsgId);
	// A repeat returns the first result, whatever the sender may do now.
	const conversation = facts.conversations.get(conversationId);
	const earlier = facts.known.get(key);
	if (earlier !== undefined) {
		if (earlier.contentHash !== contentHash) return { kind: "conflict" };
		const { message } = earlier;
		return { kind: "repeated", message, isPublished: message.sequence <= (conversation?.published ?? 0) };
	}
	if (conversation === undefined) return { kind: "not-member" };
	const rejection = rejectionOf(source, {
		member: facts.members.get(keyOf(conversationId, senderId)),
		isBlocked: peerId !== undefined && facts.blocks.has(keyOf(peerId, senderId)),
		hasReplyTarget: facts.targets.has(keyOf(conversationId, source.replyToId)),
		nowMs: facts.nowMs,
	});
	if (rejection !== undefined) return rejection;
	conversation.hasNew = true;
	const sequence = ++conversation.lastSequence;
	const message = recordOf(source, sequence);
	facts.known.set(key, { message, contentHash });
	return { kind: "appended", message };
}

function keyOf(...parts: readonly string[]): string {
	return parts.join("\n");
}
