// Whether a port can be had. Listening with SO_REUSEPORT succeeds even when another gateway has the port, and the two
// would share its clients; so the port is bound exclusively for a moment first.
import { createServer } from "node:net";

/** The address that cannot be listened on, and why, in one line. */
export class ListenError extends Error {
	constructor(host: string, port: number, code: string) {
		const reasons: Readonly<Record<string, string>> = {
			EADDRINUSE: "the port is taken by another process",
			EACCES: "no permission for this port",
			EADDRNOTAVAIL: "this machine has no such address",
			ENOTFOUND: "the host name is unknown",
		};
		super(`cannot listen on ${host}:${port}: ${reasons[code] ?? code}`);
		this.name = "ListenError";
	}
}

/** @throws ListenError when the port is taken or cannot be bound. Port 0 is always free. */
export async function assertPortFree(host: string, port: number): Promise<void> {
	if (port === 0) return;
	const server = createServer();
	await new Promise<void>((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) => {
			reject(new ListenError(host, port, error.code ?? error.message));
		});
		server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
	});
}
