// Appends a batch of chat messages in one transaction. The lock of each conversation's row makes its sequence gapless
// over all processes, and makes the checks of who may send hold until the commit.
import type { Transaction } from "kysely";
import type { Tables } from "../../../stores/sql/schema.ts";
import type {
	AppendedBatch,
	AppendResult,
	ClaimedConversation,
	MessageRecord,
	NewMessage,
	PublishClaim,
} from "../chat-message-store.ts";
import type { ChatAppendStatements } from "./chat-append-statements.ts";
import { messageOf } from "./chat-rows.ts";

interface LockedConversation {
	readonly published: number;
	readonly isClaimable: boolean;
	lastSequence: number;
	hasNew: boolean;
}

interface MembershipRow {
	readonly state: string;
	readonly mutedUntilMs: number;
}

/** Everything that decides over the messages of a batch; the messages appended so far are added to it. */
interface Facts {
	readonly conversations: ReadonlyMap<string, LockedConversation>;
	readonly members: ReadonlyMap<string, MembershipRow>;
	readonly blocks: ReadonlySet<string>;
	readonly known: Map<string, { readonly message: MessageRecord; readonly contentHash: string }>;
	/** Conversation and id of messages that are replied to. */
	readonly targets: ReadonlySet<string>;
	/** By the clock of the database. */
	readonly nowMs: number;
}

export async function appendBatch(
	trx: Transaction<Tables>,
	statements: ChatAppendStatements,
	messages: readonly NewMessage[],
	claim: PublishClaim,
): Promise<AppendedBatch> {
	const { conversations, nowMs } = await lockConversations(trx, statements, messages, claim);
	const facts: Facts = {
		conversations,
		members: await readMembers(trx, statements, messages),
		blocks: await readBlocks(trx, statements, messages),
		known: await readRepeats(trx, statements, messages),
		targets: await readReplyTargets(trx, messages),
		nowMs,
	};
	const results = messages.map((message) => decide(message, facts));
	const appended: { readonly message: MessageRecord; readonly contentHash: string }[] = [];
	results.forEach((result, index) => {
		const source = messages[index];
		if (result.kind === "appended" && source !== undefined) {
			appended.push({ message: result.message, contentHash: source.contentHash });
		}
	});
	if (appended.length === 0) return { results, claimed: [] };
	await statements.insert(trx, appended);
	const sentAtMs = Math.max(...appended.map(({ message }) => message.sentAtMs));
	const claimed = await advance(trx, statements, { conversations, sentAtMs, claim });
	await markOwnAsRead(
		trx,
		statements,
		appended.map(({ message }) => message),
	);
	return { results, claimed };
}

async function lockConversations(
	trx: Transaction<Tables>,
	statements: ChatAppendStatements,
	messages: readonly NewMessage[],
	claim: PublishClaim,
): Promise<Pick<Facts, "conversations" | "nowMs">> {
	const rows = await statements.lockConversations(trx, new Set(messages.map((message) => message.conversationId)));
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

async function readMembers(
	trx: Transaction<Tables>,
	statements: ChatAppendStatements,
	messages: readonly NewMessage[],
): Promise<Map<string, MembershipRow>> {
	const rows = await statements.readMembers(trx, messages);
	return new Map(
		rows.map((row) => [
			keyOf(row.conversation_id, row.user_id),
			{ state: row.state, mutedUntilMs: Number(row.muted_until_ms) },
		]),
	);
}

async function readBlocks(
	trx: Transaction<Tables>,
	statements: ChatAppendStatements,
	messages: readonly NewMessage[],
): Promise<Set<string>> {
	const toUsers = messages.filter((message) => message.peerId !== undefined);
	if (toUsers.length === 0) return new Set();
	const rows = await statements.readBlocks(trx, toUsers);
	return new Set(rows.map((row) => keyOf(row.user_id, row.blocked_id)));
}

async function readRepeats(
	trx: Transaction<Tables>,
	statements: ChatAppendStatements,
	messages: readonly NewMessage[],
): Promise<Facts["known"]> {
	const rows = await statements.readRepeats(trx, messages);
	return new Map(
		rows.map((row) => [
			keyOf(row.conversation_id, row.sender_id, row.client_msg_id),
			{ message: messageOf(row), contentHash: row.content_hash },
		]),
	);
}

async function readReplyTargets(trx: Transaction<Tables>, messages: readonly NewMessage[]): Promise<Set<string>> {
	const ids = new Set(messages.map((message) => message.replyToId).filter((id) => id !== ""));
	if (ids.size === 0) return new Set();
	const rows = await trx
		.selectFrom("chat_messages")
		.select(["conversation_id", "id"])
		.where("id", "in", [...ids])
		.execute();
	return new Set(rows.map((row) => keyOf(row.conversation_id, row.id)));
}

function decide(source: NewMessage, facts: Facts): AppendResult {
	const { conversationId, senderId, clientMsgId, contentHash, peerId, ...rest } = source;
	const key = keyOf(conversationId, senderId, clientMsgId);
	// A repeat returns the first result, whatever the sender may do now.
	const conversation = facts.conversations.get(conversationId);
	const earlier = facts.known.get(key);
	if (earlier !== undefined) {
		if (earlier.contentHash !== contentHash) return { kind: "conflict" };
		const { message } = earlier;
		return { kind: "repeated", message, isPublished: message.sequence <= (conversation?.published ?? 0) };
	}
	const member = facts.members.get(keyOf(conversationId, senderId));
	if (conversation === undefined || member === undefined) return { kind: "not-member" };
	if (member.state === "invited" || member.state === "left") return { kind: "not-member" };
	if (member.state !== "member") return { kind: "banned" };
	if (member.mutedUntilMs > facts.nowMs) return { kind: "muted", remainingMs: member.mutedUntilMs - facts.nowMs };
	if (peerId !== undefined && facts.blocks.has(keyOf(peerId, senderId))) return { kind: "blocked" };
	const { replyToId } = source;
	if (replyToId !== "" && !facts.targets.has(keyOf(conversationId, replyToId))) return { kind: "no-reply-target" };
	conversation.hasNew = true;
	const sequence = ++conversation.lastSequence;
	const message = { ...rest, conversationId, senderId, clientMsgId, sequence, recalledAtMs: 0 };
	facts.known.set(key, { message, contentHash });
	return { kind: "appended", message };
}

interface Advance {
	/** When the latest of the messages was sent. */
	readonly sentAtMs: number;
	readonly claim: PublishClaim;
}

async function advance(
	trx: Transaction<Tables>,
	statements: ChatAppendStatements,
	{ conversations, sentAtMs, claim }: Pick<Facts, "conversations"> & Advance,
): Promise<ClaimedConversation[]> {
	const changed = [...conversations].filter(([, conversation]) => conversation.hasNew);
	const sequences = changed.map(([id, { lastSequence }]) => [id, lastSequence] as const);
	await statements.advanceTo(trx, sequences, sentAtMs);
	const claimable = changed.filter(([, conversation]) => conversation.isClaimable);
	if (claimable.length > 0) {
		const ids = claimable.map(([id]) => id);
		await statements.claim(trx, ids, claim);
	}
	return claimable.map(([conversationId, { published }]) => ({ conversationId, publishedSequence: published }));
}

/** A sender has read the messages before the sent one. */
async function markOwnAsRead(
	trx: Transaction<Tables>,
	statements: ChatAppendStatements,
	messages: readonly MessageRecord[],
): Promise<void> {
	const latest = new Map(messages.map((message) => [keyOf(message.conversationId, message.senderId), message]));
	await statements.markAsRead(trx, [...latest.values()]);
}

function keyOf(...parts: readonly string[]): string {
	return parts.join("\n");
}
