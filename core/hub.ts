// All connections of this process, found by session and user.
import type { Identity } from "../common/identity.ts";
import type { Connection } from "./connection.ts";

/** One connection, or several: most users have one, and a Set each would be the larger part of the index. */
type OneOrMore = Connection | Set<Connection>;

/** Adds to and takes from a map whose values are one connection or a set of them. */
class ConnectionIndex {
	private readonly map = new Map<string, OneOrMore>();

	add(key: string, connection: Connection): void {
		const present = this.map.get(key);
		if (present === undefined) this.map.set(key, connection);
		else if (present instanceof Set) present.add(connection);
		else if (present !== connection) this.map.set(key, new Set([present, connection]));
	}

	delete(key: string, connection: Connection): void {
		const present = this.map.get(key);
		if (present === connection) this.map.delete(key);
		else if (present instanceof Set) {
			present.delete(connection);
			if (present.size === 1) this.map.set(key, present.values().next().value as Connection);
		}
	}

	/** A snapshot, oldest first: safe to close connections while going over it. */
	get(key: string): readonly Connection[] {
		const present = this.map.get(key);
		if (present === undefined) return [];
		return present instanceof Set ? [...present] : [present];
	}

	count(key: string): number {
		const present = this.map.get(key);
		return present === undefined ? 0 : present instanceof Set ? present.size : 1;
	}

	keys(): IterableIterator<string> {
		return this.map.keys();
	}

	get size(): number {
		return this.map.size;
	}
}

export class Hub {
	private readonly connections = new Map<number, Connection>();
	private readonly bySession = new ConnectionIndex();
	private readonly byUser = new ConnectionIndex();

	add(connection: Connection): void {
		this.connections.set(connection.id, connection);
	}

	remove(connection: Connection): void {
		this.connections.delete(connection.id);
		this.rebind(connection, connection.identity, undefined);
	}

	/** Moves a connection from the session and user it had to those it has now. */
	rebind(connection: Connection, previous: Identity | undefined, next: Identity | undefined): void {
		if (previous !== undefined) {
			this.bySession.delete(previous.sessionId, connection);
			this.byUser.delete(previous.userId, connection);
		}
		if (next !== undefined) {
			this.bySession.add(next.sessionId, connection);
			this.byUser.add(next.userId, connection);
		}
	}

	all(): IterableIterator<Connection> {
		return this.connections.values();
	}

	ofSession(sessionId: string): readonly Connection[] {
		return this.bySession.get(sessionId);
	}

	ofUser(userId: string): readonly Connection[] {
		return this.byUser.get(userId);
	}

	/** How many connections a user has, without making a list of them. */
	countOfUser(userId: string): number {
		return this.byUser.count(userId);
	}

	countOfSession(sessionId: string): number {
		return this.bySession.count(sessionId);
	}

	/** Sessions with at least one connection here. */
	sessionIds(): IterableIterator<string> {
		return this.bySession.keys();
	}

	/** Connections, authenticated or not. */
	get size(): number {
		return this.connections.size;
	}

	get sessionCount(): number {
		return this.bySession.size;
	}

	get userCount(): number {
		return this.byUser.size;
	}
}
