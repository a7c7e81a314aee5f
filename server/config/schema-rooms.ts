// Chat, game rooms, presence and notifications: their limits and timeouts. The defaults are the services'
// own.
import * as z from "zod";
import { bytes, field, integer, milliseconds, section } from "../../common/option-fields.ts";
import { appendQueueDefaults } from "../../services/chat/append-queue.ts";
import { messageRelayDefaults } from "../../services/chat/message-relay.ts";
import { noticeRelayDefaults } from "../../services/chat/notice-relay.ts";
import { chatDefaults } from "../../services/chat/options.ts";
import { gamesDefaults } from "../../services/games/games-options.ts";
import { notificationsDefaults } from "../../services/notifications/notifications.ts";
import { builtInTemplates } from "../../services/notifications/templates.ts";
import { presenceDefaults } from "../../services/presence/presence.ts";

const MAX_RATE = 1_000_000;

/** A rate that holds from the start of the process. */
function fixedRate(what: string, { perSecond, burst }: { readonly perSecond: number; readonly burst: number }) {
	return section({
		perSecond: field(z.number().min(0).max(MAX_RATE).default(perSecond), {
			description: `${what}: sustained rate, per process. 0 switches this limit off.`,
			unit: "1/s",
		}),
		burst: integer({ description: `${what}: how many at once.`, min: 1, max: MAX_RATE, default: burst }),
	});
}

const appendSchema = section({
	windowMs: milliseconds({
		description: "Group commit: how long the first message of a batch waits for others.",
		min: 0,
		max: 1000,
		default: appendQueueDefaults.windowMs,
	}),
	maxBatch: integer({
		description: "Group commit: messages in one transaction; a batch this large does not wait.",
		min: 1,
		max: 1000,
		default: appendQueueDefaults.maxBatch,
	}),
	maxWaiting: integer({
		description: "Messages that may wait to be committed; beyond it they are refused with UNAVAILABLE.",
		min: 1,
		max: 1_000_000,
		default: appendQueueDefaults.maxWaiting,
	}),
});

const outboxSchema = section({
	claimMs: milliseconds({
		description:
			"Lease of the process that publishes the changes of a room; when that process dies, another one continues after this time.",
		min: 1000,
		max: 600_000,
		default: noticeRelayDefaults.claimMs,
	}),
	sweepIntervalMs: milliseconds({
		description: "How often changes that were committed and not published are looked for.",
		min: 100,
		max: 600_000,
		default: noticeRelayDefaults.sweepIntervalMs,
	}),
	flushTimeoutMs: milliseconds({
		description:
			"How long the reply to a change waits for its publication; then the reply is sent, and the change is published later.",
		min: 0,
		max: 10_000,
		default: noticeRelayDefaults.flushTimeoutMs,
	}),
});

const feedSchema = section({
	claimMs: milliseconds({
		description:
			"Lease of the process that publishes a conversation; when that process dies, another one continues after this time. Must exceed any pause.",
		min: 1000,
		max: 600_000,
		default: messageRelayDefaults.claimMs,
	}),
	sweepIntervalMs: milliseconds({
		description: "How often messages that were committed and not published are looked for.",
		min: 100,
		max: 600_000,
		default: messageRelayDefaults.sweepIntervalMs,
	}),
	releaseWindowMs: milliseconds({
		description: "How long fully published conversations are collected, to be recorded in one statement.",
		min: 0,
		max: 10_000,
		default: messageRelayDefaults.releaseWindowMs,
	}),
});

export const chatSchema = section({
	maxContentBytes: bytes({
		description: "Longest encoded content of a message.",
		min: 256,
		max: 65_536,
		default: chatDefaults.maxContentBytes,
	}),
	userRate: fixedRate("Messages of one user", chatDefaults.userRate),
	conversationRate: fixedRate("Messages in one conversation", chatDefaults.conversationRate),
	membershipRate: fixedRate(
		"Rooms made, joins, leaves, invitations and the like of one user",
		chatDefaults.membershipRate,
	),
	invitationRate: fixedRate("Users whom one user invites", chatDefaults.invitationRate),
	invitedRate: fixedRate("Invitations that one user is notified of", chatDefaults.invitedRate),
	readRate: fixedRate("Read marks of one user", chatDefaults.readRate),
	recallWindowMs: milliseconds({
		description: "How long after sending a message may be recalled by its sender.",
		min: 0,
		default: chatDefaults.recallWindowMs,
	}),
	maxOwnedRooms: integer({
		description: "Rooms that one user may own.",
		min: 1,
		max: 100_000,
		default: chatDefaults.maxOwnedRooms,
	}),
	maxJoinedRooms: integer({
		description: "Rooms that one user may be a member of.",
		min: 1,
		max: 100_000,
		default: chatDefaults.maxJoinedRooms,
	}),
	defaultMaxMembers: integer({
		description: "Members of a room whose creator gives no limit.",
		min: 2,
		max: 10_000,
		default: chatDefaults.defaultMaxMembers,
	}),
	maxMembers: integer({
		description: "Members of any room.",
		min: 2,
		max: 10_000,
		default: chatDefaults.maxMembers,
	}),
	receiptMembers: integer({
		description:
			"Members up to which read receipts are published to the whole conversation; in larger ones only the reader's own devices get them.",
		min: 0,
		max: 10_000,
		default: chatDefaults.receiptMembers,
	}),
	receiptIntervalMs: milliseconds({
		description: "Shortest interval between read receipts of one reader in one conversation; the newest is published.",
		min: 0,
		max: 60_000,
		default: chatDefaults.receiptIntervalMs,
	}),
	maxBlocked: integer({
		description: "Users that one user may have blocked.",
		min: 0,
		max: 100_000,
		default: chatDefaults.maxBlocked,
	}),
	closedRoomKeptMs: milliseconds({
		description: "How long the messages of a room that everybody left are kept.",
		min: 0,
		default: chatDefaults.closedRoomKeptMs,
	}),
	messageKeptMs: milliseconds({
		description: "How long messages are kept. 0: for ever.",
		min: 0,
		default: chatDefaults.messageKeptMs,
	}),
	append: appendSchema,
	feed: feedSchema,
	outbox: outboxSchema,
});

export const gamesSchema = section({
	maxRoomsPerUser: integer({
		description: "Rooms that one user may be in at a time.",
		min: 1,
		max: 10_000,
		default: gamesDefaults.maxRoomsPerUser,
	}),
	maxRoomsPerNode: integer({
		description: "Rooms that this process holds; beyond it rooms are refused, or stay where they are.",
		min: 1,
		max: 1_000_000,
		default: gamesDefaults.maxRoomsPerNode,
	}),
	maxPlayers: integer({
		description: "Players of any room.",
		min: 1,
		max: 1000,
		default: gamesDefaults.maxPlayers,
	}),
	maxSpectators: integer({
		description: "Spectators of any room.",
		min: 0,
		max: 100_000,
		default: gamesDefaults.maxSpectators,
	}),
	maxMetadataBytes: bytes({
		description: "Keys and values of a room's metadata together.",
		min: 0,
		max: 65_536,
		default: gamesDefaults.maxMetadataBytes,
	}),
	maxPayloadBytes: bytes({
		description: "Longest payload of an action.",
		min: 0,
		max: 16_384,
		default: gamesDefaults.maxPayloadBytes,
	}),
	actionsPerSecond: field(z.number().min(0).max(MAX_RATE).default(gamesDefaults.actionsPerSecond), {
		description:
			"Actions of players in one room: sustained rate. Joins and requests of spectators have the same rate of their own. 0 switches it off.",
		unit: "1/s",
	}),
	actionsBurst: integer({
		description: "Actions of players, and joins and requests of spectators, in one room: how many at once.",
		min: 1,
		max: MAX_RATE,
		default: gamesDefaults.actionsBurst,
	}),
	startRate: fixedRate("Games that one user starts", gamesDefaults.startRate),
	maxQueued: integer({
		description: "Requests that may wait for one room; beyond it they are refused.",
		min: 1,
		max: 1_000_000,
		default: gamesDefaults.maxQueued,
	}),
	maxUnpublished: integer({
		description: "Events of a room that may wait to be published; beyond it nothing happens in the room.",
		min: 1,
		max: 1_000_000,
		default: gamesDefaults.maxUnpublished,
	}),
	maxUnpublishedBytes: bytes({
		description: "The same in bytes: beyond it nothing happens in the room.",
		min: 1024,
		max: 64 * 1024 * 1024,
		default: gamesDefaults.maxUnpublishedBytes,
	}),
	maxTotalUnpublishedBytes: bytes({
		description:
			"Bytes of events of all rooms of this process that may wait to be published; beyond it nothing happens in any.",
		min: 65_536,
		max: 16 * 1024 * 1024 * 1024,
		default: gamesDefaults.maxTotalUnpublishedBytes,
	}),
	maxRecordedActions: integer({
		description: "Actions recorded of one game; the record of a longer one is marked as truncated.",
		min: 0,
		max: 1_000_000,
		default: gamesDefaults.maxRecordedActions,
	}),
	maxRecordedBytes: bytes({
		description: "Bytes recorded of one game; the record of a longer one is marked as truncated.",
		min: 0,
		max: 64 * 1024 * 1024,
		default: gamesDefaults.maxRecordedBytes,
	}),
	maxTotalRecordedBytes: bytes({
		description:
			"Bytes recorded of all running games of this process; beyond it their records are marked as truncated.",
		min: 0,
		max: 16 * 1024 * 1024 * 1024,
		default: gamesDefaults.maxTotalRecordedBytes,
	}),
	recordKeptMs: milliseconds({
		description: "How long the records of games are kept; statistics stay. 0: for ever.",
		min: 0,
		default: gamesDefaults.recordKeptMs,
	}),
	reconnectGraceMs: milliseconds({
		description: "How long the place of a member without a connection is held.",
		min: 0,
		max: 3_600_000,
		default: gamesDefaults.reconnectGraceMs,
	}),
	idleTimeoutMs: milliseconds({
		description: "A room in which nothing happened for this time is closed.",
		min: 1000,
		default: gamesDefaults.idleTimeoutMs,
	}),
	leaseMs: milliseconds({
		description:
			"Lease of the process that owns a room; without renewal for this time another process takes the room over.",
		min: 300,
		max: 600_000,
		default: gamesDefaults.leaseMs,
	}),
	tickIntervalMs: milliseconds({
		description: "How often leases are renewed and deadlines are checked.",
		min: 10,
		max: 60_000,
		default: gamesDefaults.tickIntervalMs,
	}),
	forwardTimeoutMs: milliseconds({
		description: "Longest wait for the process that owns a room.",
		min: 100,
		max: 60_000,
		default: gamesDefaults.forwardTimeoutMs,
	}),
});

export const presenceSchema = section({
	heartbeatIntervalMs: milliseconds({
		description: "Interval between two heartbeats of a process; users of a process that missed three are offline.",
		min: 100,
		max: 600_000,
		default: presenceDefaults.heartbeatIntervalMs,
	}),
	graceMs: milliseconds({
		description:
			"How long a user without a connection still counts as online, so that a reconnect publishes no presence change.",
		min: 0,
		max: 600_000,
		default: presenceDefaults.graceMs,
	}),
	concurrency: integer({
		description: "Presence changes that are published concurrently; further ones wait, one per user.",
		min: 1,
		max: 10_000,
		default: presenceDefaults.concurrency,
	}),
});

const template = z.strictObject({ title: z.string().max(1000), text: z.string().max(10_000) });
const builtIn = Object.keys(builtInTemplates).map((type) => `\`${type}\``);

export const notificationsSchema = section({
	templates: field(
		z
			.record(z.string().regex(/^[a-z][a-z0-9._-]{0,63}$/, "expected a type such as shop.order_sent"), template)
			.default({}),
		{
			description:
				'Texts by type of notification, with variables: `{"shop.sent": {title: "On its way", text: "{item} left us."}}`. ' +
				`They replace the built-in ones of ${builtIn.join(" and ")}, or add types.`,
		},
	),
	batch: integer({
		description: "Users notified in one transaction.",
		min: 1,
		max: 2000,
		default: notificationsDefaults.batch,
	}),
	concurrency: integer({
		description: "Notification pushes that are in flight at once; further ones wait.",
		min: 1,
		max: 10_000,
		default: notificationsDefaults.concurrency,
	}),
	keptMs: milliseconds({
		description: "How long notifications are kept.",
		min: 60_000,
		default: notificationsDefaults.keptMs,
	}),
});
