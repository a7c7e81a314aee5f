// A user leaves chat: rooms as by leaving them, private conversations without a word; what the user has sent is taken back.
import type { Clock } from "../../common/clock.ts";
import type { ErasedUser, ExportedPart, ExportedRecord, PersonalData } from "../../common/personal-data.ts";
import type { ChatPersonalStore, Membership } from "./chat-personal-store.ts";
import { decodeContent } from "./content.ts";
import type { ChatRooms } from "./rooms.ts";

export interface ChatPersonalDataServices {
	readonly rooms: ChatRooms;
	readonly store: ChatPersonalStore;
	readonly clock: Clock;
}

/** Memberships, and blocks, of one part. */
const AT_ONCE = 50;
/** Messages of one part of an export: of at most some kilobytes each. */
const MESSAGES_AT_ONCE = 50;

/** Steps, in their order, each with a place of its own behind it. */
type Step = "members" | "traces" | "messages" | "blocks";

export class ChatPersonalData implements PersonalData {
	readonly name = "chat";
	private readonly services: ChatPersonalDataServices;

	constructor(services: ChatPersonalDataServices) {
		this.services = services;
	}

	async erase({ userId }: ErasedUser, place: string): Promise<string | undefined> {
		const { store, clock } = this.services;
		const [step, at] = stepOf(place, "members");
		switch (step) {
			case "members": {
				const found = await store.memberships(userId, "", AT_ONCE);
				for (const membership of found) await this.leave(membership, userId);
				return found.length < AT_ONCE ? "traces" : "members";
			}
			case "traces":
				return (await store.eraseTraces(userId, AT_ONCE)) ? "traces" : "messages";
			default: {
				const next = await store.eraseMessages(userId, at, clock.now());
				return next === undefined ? undefined : `messages:${next}`;
			}
		}
	}

	async export(userId: string, place: string): Promise<ExportedPart> {
		const { store } = this.services;
		const [step, at] = stepOf(place, "members");
		switch (step) {
			case "members": {
				const found = await store.memberships(userId, at, AT_ONCE);
				const next = found.length < AT_ONCE ? "blocks" : `members:${found.at(-1)?.conversation.id}`;
				return { records: found.map(membershipRecord), next };
			}
			case "blocks": {
				const found = await store.blockedBy(userId, at, AT_ONCE);
				const records = found.map((block): ExportedRecord => {
					return { kind: "chat.block", data: { ...block }, place: `blocks:${block.userId}` };
				});
				return { records, next: found.length < AT_ONCE ? "messages" : `blocks:${found.at(-1)?.userId}` };
			}
			default:
				return await this.exportMessages(userId, at);
		}
	}

	private async exportMessages(userId: string, at: string): Promise<ExportedPart> {
		const [conversationId = "", sequence = "0"] = at.split("|");
		const from = { conversationId, sequence: Number(sequence) || 0 };
		const { messages, next } = await this.services.store.sentBy(userId, from, MESSAGES_AT_ONCE);
		const records = messages.map((message): ExportedRecord => {
			const { content, ...rest } = message;
			const data = { ...rest, content: decodeContent(content) };
			return { kind: "chat.message", data, place: `messages:${message.conversationId}|${message.sequence}` };
		});
		return { records, next: next && `messages:${next.conversationId}|${next.sequence}` };
	}

	private async leave({ conversation, kind }: Membership, userId: string): Promise<void> {
		const { rooms, store, clock } = this.services;
		if (kind === "private") await store.leavePrivate(conversation.id, userId, clock.now());
		else await rooms.forget(conversation.id, userId);
	}
}

function stepOf(place: string, first: Step): readonly [Step, string] {
	const at = place.indexOf(":");
	if (at === -1) return [(place || first) as Step, ""];
	return [place.slice(0, at) as Step, place.slice(at + 1)];
}

function membershipRecord({ conversation, member }: Membership): ExportedRecord {
	const { id, kind, name, topic } = conversation;
	const { state, role, joinedAtMs, mutedUntilMs, readSequence } = member;
	const data = { conversationId: id, kind, name, topic, state, role, joinedAtMs, mutedUntilMs, readSequence };
	return { kind: "chat.membership", data, place: `members:${id}` };
}
