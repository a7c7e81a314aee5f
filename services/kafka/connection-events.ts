// Connections of users as events: one when it is authenticated, one when it ends or becomes another user's.
import type { ConnectionListener, LiveSubscriber } from "../../messaging/live-audience.ts";
import type { EventUplink } from "./events.ts";

interface Connected {
	readonly userId: string;
	readonly sessionId: string;
	readonly sinceMs: number;
}

export class ConnectionEvents implements ConnectionListener {
	private readonly events: Pick<EventUplink, "emit">;
	private readonly now: () => number;
	/** As many as there are connections. */
	private readonly connected = new Map<number, Connected>();

	/** @param now - monotonic milliseconds. */
	constructor(events: Pick<EventUplink, "emit">, now: () => number) {
		this.events = events;
		this.now = now;
	}

	onAuthenticated({ id, identity }: LiveSubscriber): void {
		// Backends are no users, and have no presence either.
		if (identity === undefined || identity.key !== undefined) return;
		const { userId, sessionId, username, deviceId } = identity;
		this.connected.set(id, { userId, sessionId, sinceMs: this.now() });
		const details = { connection_id: String(id), username, device_id: deviceId };
		this.events.emit({ type: "connect", userId, sessionId, details });
	}

	onClosed({ id }: LiveSubscriber): void {
		const connected = this.connected.get(id);
		if (connected === undefined) return;
		this.connected.delete(id);
		const { userId, sessionId, sinceMs } = connected;
		const details = { connection_id: String(id), duration_ms: String(Math.round(this.now() - sinceMs)) };
		this.events.emit({ type: "disconnect", userId, sessionId, details });
	}

	onDrained(): void {}
}
