// Ends a statement that has run for too long on MySQL or MariaDB. The server goes on with it when its client is gone: it notices
// that only when it has something to send, and holds the locks of the transaction until then.
import mysql from "mysql2";

/** The server that a session is on: behind one address there may be several, each of which counts its connections itself. */
export const SERVER_NAME = "concat(@@hostname, ':', @@port)";

/** A session as its server knows it. */
export interface ServerThread {
	readonly id: number;
	/** `SERVER_NAME` there. */
	readonly server: string;
}

/**
 * Ends a session with what runs in it, over a connection of its own; a user may do that to sessions of its own. Nothing is done when
 * the address leads to another server by now.
 *
 * @param timeoutMs - longest time that this may take.
 */
export function killSession(options: mysql.ConnectionOptions, thread: ServerThread, timeoutMs: number): void {
	const connection = mysql.createConnection(options);
	const end = () => {
		clearTimeout(timer);
		connection.destroy();
	};
	const timer = setTimeout(end, timeoutMs).unref();
	// The session's client does not wait for it in any case.
	connection.on("error", end);
	connection.query<mysql.RowDataPacket[]>(`SELECT ${SERVER_NAME} AS server`, (error, rows) => {
		if (error || rows[0]?.server !== thread.server) end();
		else connection.query(`KILL ${thread.id}`, end);
	});
}
