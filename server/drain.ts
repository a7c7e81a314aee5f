// The drain of a process: it is not ready, accepts no new connections, asks clients to reconnect one by one over a
// window, and finishes the calls in flight.

import type { Connection } from "../core/connection.ts";
import type { ConnectionAdmission } from "../core/connection-admission.ts";
import type { Hub } from "../core/hub.ts";
import type { PushSender } from "../core/push-sender.ts";
import { CloseCode } from "../protocol/codes.ts";
import { pushes as contracts } from "../protocol/gen/schema.ts";
import type { Readiness } from "./readiness.ts";

export interface DrainOptions {
	readonly hub: Hub;
	readonly admission: ConnectionAdmission;
	readonly pushes: PushSender;
	readonly readiness: Readiness;
	/** Calls over HTTP that are not answered yet. */
	readonly httpCalls: { readonly inFlight: number };
	/** Time over which clients are spread, in milliseconds. */
	readonly windowMs: number;
	/** How long calls in flight may take after the window. */
	readonly graceMs: number;
	readonly stopListening: () => void;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** Steps that the window is cut into. */
const TICK_MS = 50;

/**
 * Drains the process: every client gets 1503 Reconnect at once, with its own delay. After the delay its connection
 * takes no further requests, and is closed with code `drain` as soon as those in flight are answered. Resolves when all
 * connections are closed and all calls over HTTP are answered, or the time is up.
 */
export async function drain(options: DrainOptions, reason: string): Promise<void> {
	const { hub, httpCalls, pushes, readiness, windowMs, now } = options;
	readiness.notReadyBecause = `stopping: ${reason}`;
	options.admission.isDraining = true;
	options.stopListening();
	const departures = schedule([...hub.all()], windowMs);
	for (const { connection, atMs } of departures) {
		pushes.push(connection, contracts.reconnect, { delayMs: Math.ceil(atMs), reason });
	}
	const startMs = now();
	let staying = departures;
	while (hub.size > 0 || httpCalls.inFlight > 0) {
		const elapsedMs = now() - startMs;
		if (elapsedMs >= windowMs + options.graceMs) break;
		staying = staying.filter(({ connection, atMs }) => {
			if (atMs > elapsedMs || connection.beginDrain()) return true;
			// The client has waited already: it may come back at once, to another node.
			connection.close(CloseCode.DRAIN, now(), { retryAfterMs: 0 });
			return false;
		});
		await tick();
	}
	for (const { connection } of staying) connection.close(CloseCode.DRAIN, now(), { retryAfterMs: 0 });
}

interface Departure {
	readonly connection: Connection;
	readonly atMs: number;
}

/** Evenly spread, in shuffled order: clients that connected together do not reconnect together. */
function schedule(connections: Connection[], windowMs: number): Departure[] {
	for (let i = connections.length - 1; i > 0; i--) {
		const j = Math.floor(Math.random() * (i + 1));
		[connections[i], connections[j]] = [connections[j] as Connection, connections[i] as Connection];
	}
	const { length } = connections;
	return connections.map((connection, index) => ({ connection, atMs: (windowMs * (index + 1)) / length }));
}

function tick(): Promise<void> {
	return new Promise((resolve) => {
		setTimeout(resolve, TICK_MS);
	});
}
