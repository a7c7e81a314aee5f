// Appends a batch of chat messages in one transaction. The lock of each conversation's row makes its sequence gapless
// over all processes, and makes the checks of who may send hold until the commit.
import { type Expression, type ExpressionBuilder, type RawBuilder, type SqlBool, sql, type Transaction } from "kysely";
import type {
	AppendedBatch,
	AppendResult,
	ClaimedConversation,
	MessageRecord,
	NewMessage,
	PublishClaim,
} from "../../ports/chat-message-store.ts";
import { bufferOf, messageOf } from "./chat-rows.ts";
import type { SqlDialectName } from "./database-url.ts";
import type { Tables } from "./schema.ts";

interface LockedConversation {
	readonly published: number;
	readonly isClaimable: boolean;
	lastSequence: number;
	hasNew: boolean;
}

interface Standing {
	readonly state: string;
	readonly mutedUntilMs: number;
}

type Appended = Extract<AppendResult, { kind: "appended" }>;

/** Everything that decides over the messages of a batch; the messages appended so far are added to it. */
interface Facts {
	readonly conversations: ReadonlyMap<string, LockedConversation>;
	readonly members: ReadonlyMap<string, Standing>;
	readonly blocks: ReadonlySet<string>;
	readonly known: Map<string, { readonly message: MessageRecord; readonly contentHash: string }>;
	/** Conversation and id of messages that are replied to. */
	readonly targets: ReadonlySet<string>;
	readonly nowMs: number;
}

/** Of lists in conditions. */
const PADDING = 8;

export async function appendBatch(
	trx: Transaction<Tables>,
	dialect: SqlDialectName,
	messages: readonly NewMessage[],
	claim: PublishClaim,
): Promise<AppendedBatch> {
	const conversations = await lockConversations(trx, dialect, messages, claim);
	const facts: Facts = {
		conversations,
		members: await readMembers(trx, messages),
		blocks: await readBlocks(trx, messages),
		known: await readRepeats(trx, messages),
		targets: await readReplyTargets(trx, messages),
		nowMs: claim.nowMs,
	};
	const results = messages.map((message) => decide(message, facts));
	const appended: { readonly result: Appended; readonly contentHash: string }[] = [];
	results.forEach((result, index) => {
		const source = messages[index];
		if (result.kind === "appended" && source !== undefined) {
			appended.push({ result, contentHash: source.contentHash });
		}
	});
	if (appended.length === 0) return { results, claimed: [] };
	await trx
		.insertInto("chat_messages")
		.values(appended.map(({ result, contentHash }) => rowOf(result.message, contentHash)))
		.execute();
	const claimed = await advance(trx, dialect, conversations, claim);
	await markOwnAsRead(
		trx,
		dialect,
		appended.map(({ result }) => result.message),
	);
	return { results, claimed };
}

/** Always in the order of the ids, so that two batches wait for each other and do not deadlock. */
async function lockConversations(
	trx: Transaction<Tables>,
	dialect: SqlDialectName,
	messages: readonly NewMessage[],
	claim: PublishClaim,
): Promise<Map<string, LockedConversation>> {
	const ids = padded([...new Set(messages.map((message) => message.conversationId))].sort());
	const rows = await trx
		.selectFrom("chat_conversations")
		.select(["id", "last_sequence", "published_sequence", "publisher", "publisher_until_ms"])
		.where("id", "in", ids)
		.orderBy("id")
		.$if(dialect !== "sqlite", (query) => query.forUpdate())
		.execute();
	return new Map(
		rows.map((row) => [
			row.id,
			{
				published: Number(row.published_sequence),
				isClaimable:
					row.publisher === "" || row.publisher === claim.publisher || Number(row.publisher_until_ms) <= claim.nowMs,
				lastSequence: Number(row.last_sequence),
				hasNew: false,
			},
		]),
	);
}

async function readMembers(trx: Transaction<Tables>, messages: readonly NewMessage[]): Promise<Map<string, Standing>> {
	const rows = await trx
		.selectFrom("chat_members")
		.select(["conversation_id", "user_id", "state", "muted_until_ms"])
		.where((eb) =>
			anyOf(eb, messages, (m) => [eb("conversation_id", "=", m.conversationId), eb("user_id", "=", m.senderId)]),
		)
		.execute();
	return new Map(
		rows.map((row) => [
			keyOf(row.conversation_id, row.user_id),
			{ state: row.state, mutedUntilMs: Number(row.muted_until_ms) },
		]),
	);
}

async function readBlocks(trx: Transaction<Tables>, messages: readonly NewMessage[]): Promise<Set<string>> {
	const toUsers = messages.filter((message) => message.peerId !== undefined);
	if (toUsers.length === 0) return new Set();
	const rows = await trx
		.selectFrom("chat_blocks")
		.select(["user_id", "blocked_id"])
		.where((eb) => anyOf(eb, toUsers, (m) => [eb("user_id", "=", m.peerId ?? ""), eb("blocked_id", "=", m.senderId)]))
		.execute();
	return new Set(rows.map((row) => keyOf(row.user_id, row.blocked_id)));
}

async function readRepeats(trx: Transaction<Tables>, messages: readonly NewMessage[]): Promise<Facts["known"]> {
	const rows = await trx
		.selectFrom("chat_messages")
		.selectAll()
		.where((eb) =>
			anyOf(eb, messages, (m) => [
				eb("conversation_id", "=", m.conversationId),
				eb("sender_id", "=", m.senderId),
				eb("client_msg_id", "=", m.clientMsgId),
			]),
		)
		.execute();
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
	// A repeat tells what happened then, whatever the sender may do now.
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
	if (member.mutedUntilMs > facts.nowMs) return { kind: "muted", untilMs: member.mutedUntilMs };
	if (peerId !== undefined && facts.blocks.has(keyOf(peerId, senderId))) return { kind: "blocked" };
	const { replyToId } = source;
	if (replyToId !== "" && !facts.targets.has(keyOf(conversationId, replyToId))) return { kind: "no-reply-target" };
	conversation.hasNew = true;
	const sequence = ++conversation.lastSequence;
	const message = { ...rest, conversationId, senderId, clientMsgId, sequence, recalledAtMs: 0 };
	facts.known.set(key, { message, contentHash });
	return { kind: "appended", message };
}

async function advance(
	trx: Transaction<Tables>,
	dialect: SqlDialectName,
	conversations: ReadonlyMap<string, LockedConversation>,
	claim: PublishClaim,
): Promise<ClaimedConversation[]> {
	const changed = [...conversations].filter(([, conversation]) => conversation.hasNew);
	const ids = padded(changed.map(([id]) => id));
	const lastSequences = changed.map(([id, { lastSequence }]) => [sql`id = ${id}`, lastSequence] as const);
	const claimable = changed.filter(([, conversation]) => conversation.isClaimable);
	await trx
		.updateTable("chat_conversations")
		.set({ last_sequence: choose(dialect, lastSequences), active_at_ms: claim.nowMs })
		.where("id", "in", ids)
		.execute();
	if (claimable.length > 0) {
		await trx
			.updateTable("chat_conversations")
			.set({ publisher: claim.publisher, publisher_until_ms: claim.untilMs })
			.where("id", "in", padded(claimable.map(([id]) => id)))
			.execute();
	}
	return claimable.map(([conversationId, { published }]) => ({ conversationId, publishedSequence: published }));
}

/** Who writes has read what came before. */
async function markOwnAsRead(
	trx: Transaction<Tables>,
	dialect: SqlDialectName,
	messages: readonly MessageRecord[],
): Promise<void> {
	const latest = new Map(messages.map((message) => [keyOf(message.conversationId, message.senderId), message]));
	const marks = [...latest.values()];
	const values = marks.map(
		(m) => [sql`conversation_id = ${m.conversationId} and user_id = ${m.senderId}`, m.sequence] as const,
	);
	await trx
		.updateTable("chat_members")
		.set({ read_sequence: choose(dialect, values) })
		.where((eb) =>
			anyOf(eb, marks, (m) => [eb("conversation_id", "=", m.conversationId), eb("user_id", "=", m.senderId)]),
		)
		.execute();
}

const integerType: Readonly<Record<SqlDialectName, RawBuilder<unknown>>> = {
	sqlite: sql.raw("integer"),
	postgres: sql.raw("bigint"),
	mysql: sql.raw("signed"),
};

/** A value by condition; with its type, as PostgreSQL takes a parameter inside CASE for text. */
function choose(
	dialect: SqlDialectName,
	cases: readonly (readonly [RawBuilder<unknown>, number])[],
): RawBuilder<number> {
	const type = integerType[dialect];
	const whens = padded(cases).map(([condition, value]) => sql`when ${condition} then cast(${value} as ${type})`);
	return sql<number>`case ${sql.join(whens, sql` `)} end`;
}

/**
 * The last one repeated until there are a multiple of `PADDING`, which changes no condition: so that batches of all sizes
 * come to a few texts, which need not be prepared anew each time.
 */
function padded<Item>(items: readonly Item[]): Item[] {
	const missing = (PADDING - (items.length % PADDING)) % PADDING;
	return [...items, ...items.slice(-1).flatMap((last) => new Array<Item>(missing).fill(last))];
}

/** Pairs and triples as AND inside OR: what every dialect answers from its index, unlike row values. */
function anyOf<Table extends keyof Tables, Item>(
	eb: ExpressionBuilder<Tables, Table>,
	items: readonly Item[],
	conditions: (item: Item) => Expression<SqlBool>[],
): Expression<SqlBool> {
	return eb.or(padded(items).map((item) => eb.and(conditions(item))));
}

function keyOf(...parts: readonly string[]): string {
	return parts.join("\n");
}

function rowOf(message: MessageRecord, contentHash: string) {
	return {
		conversation_id: message.conversationId,
		sequence: message.sequence,
		id: message.id,
		sender_id: message.senderId,
		sender_name: message.senderName,
		client_msg_id: message.clientMsgId,
		content_hash: contentHash,
		content: bufferOf(message.content),
		reply_to_id: message.replyToId,
		sent_at_ms: message.sentAtMs,
		recalled_at_ms: message.recalledAtMs,
	};
}
