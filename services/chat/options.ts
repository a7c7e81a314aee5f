// Options of chat: the section `chat` of the configuration. Rates are those of one process; beyond one a request is
// RATE_LIMITED, beyond a number of rooms, members or entries PRECONDITION_FAILED, and longer content PAYLOAD_TOO_LARGE.
// Beyond `invitedRate`, invitations send no notification and are only listed.
import * as z from "zod";
import { bytes, field, flag, integer, milliseconds, rate, section } from "../../common/option-fields.ts";
import { defaultsOf, type OptionsOf } from "../../common/options.ts";

const appendSection = section({
	windowMs: milliseconds({
		description: "Group commit: how long the first message of a batch waits for others.",
		min: 0,
		max: 1000,
		default: 4,
	}),
	maxBatch: integer({
		description: "Group commit: messages in one transaction; a batch this large does not wait.",
		min: 1,
		max: 1000,
		default: 500,
	}),
	maxBatchBytes: bytes({
		description:
			"Group commit: bytes of the messages in one transaction. Twice as much has to fit into one message to the database: max_allowed_packet of MySQL and MariaDB.",
		min: 65_536,
		max: 16_777_216,
		default: 262_144,
	}),
	maxWaiting: integer({
		description: "Messages that may wait to be committed; beyond it they are refused with UNAVAILABLE.",
		min: 1,
		max: 1_000_000,
		default: 5000,
	}),
});

const outboxSection = section({
	claimMs: milliseconds({
		description:
			"Lease of the process that publishes the changes of a room; when that process dies, another one continues after this time.",
		min: 1000,
		max: 600_000,
		default: 4000,
	}),
	sweepIntervalMs: milliseconds({
		description: "How often changes that were committed and not published are looked for.",
		min: 100,
		max: 600_000,
		default: 1000,
	}),
	flushTimeoutMs: milliseconds({
		description:
			"How long the reply to a change waits for its publication; then the reply is sent, and the change is published later.",
		min: 0,
		max: 10_000,
		default: 500,
	}),
});

const relaySection = section({
	claimMs: milliseconds({
		description:
			"Lease of the process that publishes a conversation; when that process dies, another one continues after this time. Must exceed any pause.",
		min: 1000,
		max: 600_000,
		default: 4000,
	}),
	sweepIntervalMs: milliseconds({
		description: "How often messages that were committed and not published are looked for.",
		min: 100,
		max: 600_000,
		default: 1000,
	}),
	releaseWindowMs: milliseconds({
		description: "How long fully published conversations are collected, to be recorded in one statement.",
		min: 0,
		max: 10_000,
		default: 5,
	}),
});

const serviceName = z
	.string()
	.regex(/^[a-z][a-z0-9-]{0,31}$/, "expected 1 to 32 lower-case letters, digits and dashes");

export const chatSection = section({
	backend: field(z.enum(["builtin", "kafka", "upstream"]).default("builtin"), {
		description:
			"What is behind the chat routes: the gateway's own chat; or a logic service, which gets what users send by kafka.uplink.messagesTopic and all else by gRPC (`kafka`), or everything by gRPC (`upstream`).",
	}),
	service: field(serviceName.optional(), {
		description:
			"With another backend than `builtin`: the service of upstreams.services that answers chat routes, as framegate.v1.ChatService. With `kafka` it may be left out; then only sending and presence are served.",
	}),
	forwardAck: field(z.enum(["accepted", "persisted"]).default("persisted"), {
		description:
			"With the backend `kafka`, when a message is acknowledged: `persisted` when all replicas in sync have it; `accepted` when it is in the memory of the gateway, which a crash loses.",
	}),
	imDialect: flag({
		description:
			"Serve clients of an IM gateway: JSON messages such as `send-message` at /ws, to connections that bring their token in the address and offer no sub-protocol from the first push on.",
		default: false,
	}),
	maxContentBytes: bytes({
		description: "Longest encoded content of a message.",
		min: 256,
		max: 65_536,
		default: 49_152,
	}),
	userRate: rate("Messages of one user", { perSecond: 20, burst: 60 }),
	conversationRate: rate("Messages in one conversation", { perSecond: 200, burst: 400 }),
	membershipRate: rate("Rooms made, joins, leaves, invitations and the like of one user", { perSecond: 1, burst: 30 }),
	invitationRate: rate("Users whom one user invites", { perSecond: 0.2, burst: 100 }),
	invitedRate: rate("Invitations that one user is notified of", { perSecond: 0.02, burst: 20 }),
	readRate: rate("Read marks of one user", { perSecond: 20, burst: 100 }),
	recallWindowMs: milliseconds({
		description: "How long after sending a message may be recalled by its sender.",
		min: 0,
		default: 120_000,
	}),
	maxOwnedRooms: integer({
		description: "Rooms that one user may own.",
		min: 1,
		max: 100_000,
		default: 100,
	}),
	maxJoinedRooms: integer({
		description: "Rooms that one user may be a member of.",
		min: 1,
		max: 100_000,
		default: 500,
	}),
	defaultMaxMembers: integer({
		description: "Members of a room whose creator gives no limit.",
		min: 2,
		max: 10_000,
		default: 500,
	}),
	maxMembers: integer({
		description: "Members of any room.",
		min: 2,
		max: 10_000,
		default: 10_000,
	}),
	receiptMembers: integer({
		description:
			"Members up to which read receipts are published to the whole conversation; in larger ones only the reader's own devices get them.",
		min: 0,
		max: 10_000,
		default: 100,
	}),
	receiptIntervalMs: milliseconds({
		description: "Shortest interval between read receipts of one reader in one conversation; the newest is published.",
		min: 0,
		max: 60_000,
		default: 1000,
	}),
	maxBlocked: integer({
		description: "Users that one user may have blocked.",
		min: 0,
		max: 100_000,
		default: 1000,
	}),
	closedRoomKeptMs: milliseconds({
		description: "How long the messages of a room that everybody left are kept.",
		min: 0,
		default: 86_400_000,
	}),
	messageKeptMs: milliseconds({
		description: "How long messages are kept. 0: for ever.",
		min: 0,
		default: 0,
	}),
	append: appendSection,
	relay: relaySection,
	outbox: outboxSection,
});

export type ChatOptions = OptionsOf<typeof chatSection>;

export const chatDefaults: ChatOptions = defaultsOf(chatSection);
