// Ends a statement that has run for too long. The server's own timeouts are settings of a session or of a transaction, and a
// statement outside of a transaction behind a pooler has neither. A request to cancel works everywhere.
import pg from "pg";

/** What the driver keeps of a connection, and its connection class can do: pg 8. */
interface Internals {
	readonly host: string;
	readonly port: number;
	readonly ssl: unknown;
	readonly processID: number | null;
	readonly secretKey: number | null;
}

interface RawConnection {
	readonly stream: { destroy(): void };
	connect(port: number | string, host?: string): void;
	requestSsl(): void;
	cancel(processId: number, secretKey: number): void;
	on(event: "connect" | "sslconnect" | "end" | "error", listener: () => void): void;
}

/**
 * Asks the server to end what runs on a connection, over a connection of its own:
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS. Whether it did shows on the
 * connection itself only.
 */
export function cancelStatement(client: pg.ClientBase, timeoutMs: number): void {
	const { host, port, ssl, processID, secretKey } = client as unknown as Internals;
	if (processID === null || secretKey === null) return;
	const connection = new pg.Connection({ ssl } as pg.ConnectionConfig) as unknown as RawConnection;
	const timer = setTimeout(() => connection.stream.destroy(), timeoutMs).unref();
	connection.on("end", () => clearTimeout(timer));
	// The statement's own deadline follows in any case.
	connection.on("error", () => connection.stream.destroy());
	const cancel = () => connection.cancel(processID, secretKey);
	connection.on("connect", () => (ssl ? connection.requestSsl() : cancel()));
	connection.on("sslconnect", cancel);
	if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`);
	else connection.connect(port, host);
}
