// An orderly end: not ready, no new connections, clients sent away one by one over a window, calls under way finished.
import { CloseCode } from "../protocol/codes.ts";
import type { Connection } from "./core/connection.ts";
import type { Dispatcher } from "./core/dispatcher.ts";
import type { Gateway } from "./core/gateway.ts";
import type { Hub } from "./core/hub.ts";
import type { Readiness } from "./readiness.ts";

export interface DrainOptions {
	readonly hub: Hub;
	readonly gateway: Gateway;
	readonly dispatcher: Dispatcher;
	readonly readiness: Readiness;
	/** Time over which clients are spread, in milliseconds. */
	readonly windowMs: number;
	/** How long calls under way may take after the window. */
	readonly graceMs: number;
	readonly stopListening: () => void;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** Steps that the window is cut into. */
const TICK_MS = 50;

/**
 * Drains the process: every client gets 1503 Reconnect at once, with its own delay, and is closed with code `drain`
 * when that delay is over. Resolves when all are gone and no call is under way, or the time is up.
 */
export async function drain(options: DrainOptions, reason: string): Promise<void> {
	const { hub, gateway, dispatcher, readiness, windowMs, now } = options;
	readiness.notReadyBecause = `stopping: ${reason}`;
	gateway.draining = true;
	options.stopListening();
	const leaving = schedule([...hub.all()], windowMs);
	for (const { connection, atMs } of leaving) gateway.sendAway(connection, atMs, reason);
	const startMs = now();
	for (let next = 0; next < leaving.length; ) {
		const elapsedMs = now() - startMs;
		for (; next < leaving.length; next++) {
			const { connection, atMs } = leaving[next] as Departure;
			if (atMs > elapsedMs) break;
			// The client has waited already: it may come back at once, to another node.
			connection.close(CloseCode.DRAIN, now(), { retryAfterMs: 0 });
		}
		if (hub.size === 0) break;
		if (next < leaving.length) await tick();
	}
	const deadlineMs = now() + options.graceMs;
	while ((dispatcher.inFlight > 0 || hub.size > 0) && now() < deadlineMs) await tick();
}

interface Departure {
	readonly connection: Connection;
	readonly atMs: number;
}

/** Evenly spread, in the order of a shuffle: those who came together do not leave together. */
function schedule(connections: Connection[], windowMs: number): Departure[] {
	for (let i = connections.length - 1; i > 0; i--) {
		const j = Math.floor(Math.random() * (i + 1));
		[connections[i], connections[j]] = [connections[j] as Connection, connections[i] as Connection];
	}
	return connections.map((connection, index) => ({ connection, atMs: (windowMs * index) / connections.length }));
}

function tick(): Promise<void> {
	return new Promise((resolve) => {
		setTimeout(resolve, TICK_MS);
	});
}
