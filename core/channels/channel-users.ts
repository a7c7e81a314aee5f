// Which users are subscribed to one channel in this process, each with one connection or several.
import type { ChannelUsersListener } from "../../messaging/publisher.ts";
import type { Connection } from "../connection.ts";

export class ChannelUsers {
	private readonly channel: string;
	private readonly listener: ChannelUsersListener;
	/** Whose a connection was when it subscribed. */
	private readonly userOf = new Map<Connection, string>();
	private readonly counts = new Map<string, number>();

	constructor(channel: string, listener: ChannelUsersListener) {
		this.channel = channel;
		this.listener = listener;
	}

	add(connection: Connection, userId: string): void {
		if (this.userOf.has(connection)) return;
		this.userOf.set(connection, userId);
		const count = this.counts.get(userId) ?? 0;
		this.counts.set(userId, count + 1);
		if (count === 0) this.listener.onUserJoined(this.channel, userId);
	}

	delete(connection: Connection): void {
		const userId = this.userOf.get(connection);
		if (userId === undefined) return;
		this.userOf.delete(connection);
		const count = this.counts.get(userId) ?? 1;
		if (count > 1) {
			this.counts.set(userId, count - 1);
			return;
		}
		this.counts.delete(userId);
		this.listener.onUserLeft(this.channel, userId);
	}
}
