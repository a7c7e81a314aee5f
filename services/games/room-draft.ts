// A change to a room under construction. It becomes the room's state when it is saved, or is dropped.
import { eventsChannel } from "../../common/user-channels.ts";
import { pushes, type RoomEvent_Kind, type RoomEventProperties } from "../../protocol/gen/schema.ts";
import {
	type LogEntry,
	type OutboxEntry,
	type RecentAction,
	type RoomInfo,
	type RoomMember,
	type RoomProgress,
	type RoomState,
	roomChannel,
} from "./room-state.ts";
import { memberView } from "./room-view.ts";

/** Actions that a member may repeat and be given the first result. */
const RECENT_PER_MEMBER = 16;
/** Former members are remembered as long as their unsubscription may still be in flight. */
const MAX_DEPARTED = 64;

export class RoomDraft {
	readonly nowMs: number;
	private state: RoomState;
	private readonly log: LogEntry[] = [];
	private startsLog = false;

	constructor(state: RoomState, nowMs: number) {
		this.state = state;
		this.nowMs = nowMs;
	}

	get room(): RoomState {
		return this.state;
	}

	/** The log entries to append, and whether they begin a new log. */
	get logged(): { readonly entries: readonly LogEntry[]; readonly startsLog: boolean } {
		return { entries: this.log, startsLog: this.startsLog };
	}

	setInfo(info: Partial<RoomInfo>): void {
		this.state = { ...this.state, info: { ...this.state.info, ...info } };
	}

	setProgress(progress: Partial<RoomProgress>): void {
		this.state = { ...this.state, progress: { ...this.state.progress, ...progress } };
	}

	/** Records a user's activity: the room is not idle. */
	touch(): void {
		this.setProgress({ lastActiveAtMs: this.nowMs });
	}

	putMember(member: RoomMember): void {
		const members = new Map(this.state.members).set(member.userId, member);
		this.replaceMembers(members);
	}

	removeMember(userId: string): void {
		const members = new Map(this.state.members);
		members.delete(userId);
		const recent = new Map(this.state.recent);
		recent.delete(userId);
		this.state = { ...this.state, recent };
		this.replaceMembers(members);
	}

	replaceMembers(members: ReadonlyMap<string, RoomMember>): void {
		let playerCount = 0;
		for (const member of members.values()) if (!member.isSpectator) playerCount++;
		const spectatorCount = members.size - playerCount;
		const { info } = this.state;
		this.state = { ...this.state, members };
		if (playerCount !== info.playerCount || spectatorCount !== info.spectatorCount) {
			this.setInfo({ playerCount, spectatorCount });
		}
	}

	remember(userId: string, action: RecentAction): void {
		const earlier = this.state.recent.get(userId) ?? [];
		const recent = new Map(this.state.recent).set(userId, [...earlier, action].slice(-RECENT_PER_MEMBER));
		this.state = { ...this.state, recent };
	}

	/** @returns the number of the event. */
	publishEvent(kind: RoomEvent_Kind, member?: RoomMember, more: RoomEventProperties = {}): number {
		return this.roomEvent(kind, member, more, false);
	}

	/** Publishes to the room and to the member's inbox, since the member no longer receives the room's channel. */
	publishRemoval(kind: RoomEvent_Kind, member: RoomMember): number {
		return this.roomEvent(kind, member, {}, true);
	}

	publishGame(userId: string, payload: Uint8Array): number {
		const { id, info, progress } = this.state;
		const eventNumber = this.nextEventNumber();
		const { actionNumber } = progress;
		const event = { roomId: id, gameId: info.gameId, actionNumber, userId, payload, atMs: this.nowMs, eventNumber };
		const message = pushes.gameEvent.message.encode(event).finish();
		this.publish(roomChannel(id), "gameEvent", message);
		return eventNumber;
	}

	/** Unsubscribes every connection of the user from the room's channel. */
	unsubscribe(userId: string): void {
		this.setInfo({ departed: [...this.room.info.departed, userId].slice(-MAX_DEPARTED) });
		this.enqueue({ kind: "remove-user", userId, order: this.nextOrder() });
	}

	/**
	 * Undoes an `unsubscribe` that may still be in flight. Both take the same path, so that connections on any process
	 * receive them in this order.
	 */
	resubscribe(userId: string): void {
		const { departed } = this.room.info;
		if (!departed.includes(userId)) return;
		this.setInfo({ departed: departed.filter((id) => id !== userId) });
		this.enqueue({ kind: "add-user", userId, order: this.nextOrder() });
	}

	beginLog(): void {
		this.startsLog = true;
		this.log.length = 0;
		this.setProgress({ recordedActions: 0, recordedBytes: 0 });
	}

	appendLog(entry: LogEntry): void {
		const { recordedActions, recordedBytes } = this.state.progress;
		this.log.push(entry);
		this.setProgress({
			recordedActions: recordedActions + 1,
			recordedBytes: recordedBytes + entry.payload.length,
		});
	}

	private roomEvent(
		kind: RoomEvent_Kind,
		member: RoomMember | undefined,
		more: RoomEventProperties,
		alsoInbox: boolean,
	): number {
		const { id, info } = this.state;
		const eventNumber = this.nextEventNumber();
		const event: RoomEventProperties = {
			roomId: id,
			kind,
			status: info.status,
			gameId: info.gameId,
			eventNumber,
			...more,
			...(member !== undefined && { member: memberView(member, info.hostId) }),
		};
		const message = pushes.roomEvent.message.encode(event).finish();
		const channels = [roomChannel(id), ...(alsoInbox && member ? [eventsChannel(member.userId)] : [])];
		for (const channel of channels) this.publish(channel, "roomEvent", message);
		return eventNumber;
	}

	private nextEventNumber(): number {
		const eventNumber = this.state.progress.eventNumber + 1;
		this.setProgress({ eventNumber });
		return eventNumber;
	}

	private publish(channel: string, push: "roomEvent" | "gameEvent", message: Uint8Array): void {
		this.enqueue({ kind: "publish", channel, push, message, order: this.nextOrder() });
	}

	private nextOrder(): number {
		const outboxed = this.state.progress.outboxed + 1;
		this.setProgress({ outboxed });
		return outboxed;
	}

	private enqueue(entry: OutboxEntry): void {
		this.state = { ...this.state, outbox: [...this.state.outbox, entry] };
	}
}
