// The longest that the product publishes of each push.
import { MessageContent } from "../../protocol/gen/schema.ts";
import { ack, alarm, channelPosition, content, member, message, player } from "./reply-fixtures.ts";
import { control, HUGE, many, uuid, wide } from "./worst-values.ts";

const SUB_ID = "x".repeat(16);
const point = { pointId: 1, quality: 3 };
const signal = { pointId: 1, bool: true, quality: 1, flags: 1 };
const text = { pointId: 1, str: control(256) };

/** Points as long as a batch may be, and a little more. */
function batch(points: object, pointBytes: number) {
	const update = { source: "c", channelId: 1, dataType: 4, points: many(Math.ceil(61_440 / pointBytes), () => points) };
	return { subId: SUB_ID, seq: HUGE, kind: 1, serverTsMs: HUGE, dropped: 4e9, updates: [update], more: true };
}

/** By the push's name. Each is the longest that the product publishes. */
export const pushFixtures: Readonly<Record<string, readonly object[]>> = {
	SessionRevoked: [{ sessionId: uuid(0), reason: 6 }],
	UserChanged: [
		{
			...{ userId: uuid(0), version: 2 ** 31 },
			...{ roles: many(32, () => "x".repeat(64)), permissions: many(1000, () => "x".repeat(64)) },
		},
	],
	Notification: [
		{
			id: uuid(0),
			type: control(64),
			title: control(8000),
			text: control(384),
			data: { [control(300)]: control(7700) },
		},
	],
	ServerMessage: [{ data: new Uint8Array(49_152), sentAtMs: HUGE }],
	DownlinkMessage: [
		{
			...{ traceId: control(256), targetUserId: control(256), messageId: control(256), senderId: control(256) },
			...{ conversationId: control(256), messageType: 4e9, content: control(49_152), seqId: HUGE, timestamp: HUGE },
			headers: { [control(100)]: control(8092) },
		},
	],
	Reconnect: [{ delayMs: 4e9, reason: control(100) }],
	ChannelReset: [channelPosition],
	RoomEvent: [
		{
			roomId: uuid(0),
			kind: 6,
			member: { userId: uuid(0), username: wide(32) },
			results: many(1000, player),
			eventNumber: HUGE,
		},
	],
	GameEvent: [
		{ roomId: uuid(0), gameId: uuid(0), userId: uuid(0), payload: new Uint8Array(16_384), eventNumber: HUGE },
	],
	GameState: [{ roomId: uuid(0), epoch: HUGE, version: HUGE, state: new Uint8Array(131_072), schema: control(16_384) }],
	MessagePosted: [{ message: { ...message(1), content: MessageContent.decode(content) } }],
	ChatRoomEvent: [
		{ roomId: uuid(0), kind: 10, member: { ...member(0), state: 1 }, byUserId: uuid(0), eventNumber: HUGE },
	],
	PresenceChanged: [{ user: { userId: uuid(0), isOnline: true, lastSeenMs: HUGE } }],
	ReadReceipt: [{ conversationId: uuid(0), userId: uuid(0), sequence: HUGE }],
	DataBatch: [batch(point, 6), batch(signal, 10), batch(text, 263)],
	ControlAck: [ack],
	Alarm: [{ box: wide(32), alarm: { ...alarm(0), alarmId: wide(128) }, change: 5, suppressed: 4e9 }],
	AlarmCount: [{ box: wide(32), totals: { active: 4e9 } }],
	SourceStatus: [{ source: wide(64), state: 3, reason: control(2048), sinceMs: HUGE }],
	SubscriptionRevised: [{ subId: SUB_ID, intervalMs: 4e9, reason: control(200), ended: true }],
	Publication: [
		{
			...{ data: new Uint8Array(65_536), delta: true, publisherId: uuid(0) },
			...{ publishedAtMs: HUGE, publicationId: "p".repeat(64) },
		},
	],
	PresenceEvent: [{ channel: "c".repeat(190), kind: 2, userId: uuid(0), atMs: HUGE }],
	SubscriptionRevoked: [{ channel: `joins:${"c".repeat(190)}`, reason: 3 }],
	// In JSON the body is a message of the operator; one that is too large in it ends its stream.
	StreamMessage: [{ streamId: 4e9, body: new Uint8Array(380_000) }],
	RuleExecuted: [
		{ box: wide(32), execution: { ruleId: wide(128), atMs: HUGE, succeeded: true, detail: control(1024) } },
	],
};
