// What a connection and its server settle before anything else is sent: RESP version, AUTH, SELECT, the connection's name,
// and that the data is loaded. The client library goes on when some of these are refused, which leaves a connection in
// database 0, or without a name. Here a step that is refused or unanswered ends the connection, and the next attempt
// begins with the first step again.
import type { Redis } from "ioredis";
import type { Logger } from "../../common/logger.ts";

/** The server refused a connection, or did not answer. */
export class HandshakeError extends Error {
	/** `SELECT 5`; never a password. */
	readonly step: string;

	constructor(step: string, cause: unknown) {
		super(`${step} refused: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
		this.name = "HandshakeError";
		this.step = step;
	}
}

/** Between two looks at a server that is loading its data. */
const LOADING_RETRY_MS = 250;

type Step = (...args: unknown[]) => Promise<unknown>;
type ReadyCheckCallback = (error: Error | null, info?: Record<string, string>) => void;

/** Of ioredis 6: what it calls on itself while it connects. */
interface Internals {
	hello: Step;
	auth: Step;
	select: Step;
	client: Step;
	stream?: unknown;
	_readyCheck(callback: ReadyCheckCallback): void;
}

/**
 * Makes every step of connecting a condition for "ready". Call it with a client that was made in the same turn of the event
 * loop.
 *
 * A refused step emits `error` with a HandshakeError and drops the connection; whether the client comes back is up to its
 * own retry strategy.
 */
export function requireHandshake(redis: Redis, logger: Logger): void {
	const internals = redis as unknown as Internals;
	let refusedOn: unknown;
	let saidNoPassword = false;
	const refuse = (step: string, error: unknown): Promise<never> => {
		// What fails because its connection ended is the connection's matter.
		if (redis.status === "connect" && refusedOn !== internals.stream) {
			refusedOn = internals.stream;
			redis.emit("error", new HandshakeError(step, error));
			redis.disconnect(true);
		}
		// The handshake waits for this promise, so that it is never complete.
		return new Promise<never>(() => {});
	};
	const settle = async (name: string, step: string, reply: Promise<unknown>): Promise<unknown> => {
		try {
			return await reply;
		} catch (error) {
			if (name === "hello" && isTooOld(error)) throw error;
			if (name !== "auth" || !needsNoPassword(error)) return await refuse(step, error);
			if (!saidNoPassword) logger.warn({}, "Redis needs no password, though one is configured");
			saidNoPassword = true;
			return "OK";
		}
	};
	for (const name of ["hello", "auth", "select", "client"] as const) {
		const send = internals[name].bind(redis);
		internals[name] = (...args) => {
			const reply = send(...args);
			return redis.status === "connect" ? settle(name, describe(name, args), reply) : reply;
		};
	}
	internals._readyCheck = (callback) => void checkLoaded(redis, callback);
}

/** Waits until the server has loaded its data. */
async function checkLoaded(redis: Redis, callback: ReadyCheckCallback): Promise<void> {
	const { stream } = redis as unknown as Internals;
	const isCurrent = () => redis.status === "connect" && (redis as unknown as Internals).stream === stream;
	while (isCurrent()) {
		try {
			const info = parseInfo(String(await redis.info()));
			if ((info["loading"] ?? "0") === "0") return callback(null, info);
		} catch (error) {
			return callback(new HandshakeError("INFO", error));
		}
		await new Promise((resolve) => setTimeout(resolve, LOADING_RETRY_MS));
	}
}

function parseInfo(text: string): Record<string, string> {
	const lines = text.split("\r\n").filter((line) => line.includes(":"));
	return Object.fromEntries(
		lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)] as const),
	);
}

/** Without what may be secret: HELLO carries the password. */
function describe(name: string, args: readonly unknown[]): string {
	const first = Array.isArray(args[0]) ? args[0][0] : args[0];
	return name === "auth" ? "AUTH" : `${name} ${String(first)}`.toUpperCase();
}

/** A server without RESP3: the client continues with RESP2. */
function isTooOld(error: unknown): boolean {
	const text = (error instanceof Error ? error.message : "").toUpperCase();
	return text.includes("NOPROTO") || (text.includes("UNKNOWN COMMAND") && text.includes("HELLO"));
}

function needsNoPassword(error: unknown): boolean {
	return error instanceof Error && /no password is set|without any password configured/.test(error.message);
}
