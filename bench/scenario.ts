// What a scenario is, and the small things that all of them do.
import type { Fleet, OpenFigures } from "./load/fleet.ts";
import type { Progress } from "./progress.ts";
import { accessTokens, connectEnvelopes } from "./servers/accounts.ts";
import { startControl } from "./servers/control.ts";
import { startFramegate } from "./servers/framegate.ts";
import type { ServerProcess } from "./servers/server-process.ts";

/** The servers, under the names that results use. */
export type Subject = "framegate" | "uws" | "ws" | "socketio" | "fastify" | "relay";

export const subjectTitles: Record<Subject, string> = {
	framegate: "framegate",
	uws: "bare uWebSockets.js",
	ws: "ws package",
	socketio: "Socket.IO",
	fastify: "Fastify",
	relay: "bare uWebSockets.js to grpc-js",
};

export interface Settings {
	readonly connections: number;
	/** Length of one measurement. */
	readonly seconds: number;
	/** Fewer repetitions than a figure for the README takes, so that the scenario ends within four minutes. */
	readonly isShort?: true;
	/** Messages a second, in scenarios that send at a fixed rate; each has a rate of its own by default. */
	readonly rate?: number;
	/** Where the gateway keeps what nodes share, instead of in its own memory. */
	readonly redisUrl?: string;
}

/** One row of the table at the end. */
export interface Row {
	readonly what: string;
	readonly values: Readonly<Partial<Record<Subject, string>>>;
	/** framegate / bare uWebSockets.js, or the quantity of the budget. */
	readonly result?: string;
	readonly budget?: string;
}

export interface Outcome {
	/** The quantities of the budgets; see bench/README.md. */
	readonly figures: Readonly<Record<string, unknown>>;
	/** Everything that was measured, round by round. */
	readonly raw: unknown;
	readonly rows: readonly Row[];
}

export interface Context {
	readonly settings: Settings;
	readonly fleet: Fleet;
	readonly progress: Progress;
	/** Starts a server, to be stopped by the bench at the latest; `extra` are further settings, as environment variables. */
	start(subject: Subject, extra?: Readonly<Record<string, string>>): Promise<ServerProcess>;
	stop(server: ServerProcess): Promise<void>;
}

export interface Scenario {
	readonly name: string;
	readonly title: string;
	readonly defaults: Settings;
	/** What differs by default in a form that takes less than four minutes; for scenarios that would take longer. */
	readonly short?: { readonly seconds: number };
	/** How many steps the progress display has to go. */
	steps(settings: Settings): number;
	run(context: Context): Promise<Outcome>;
}

export function startSubject(
	subject: Subject,
	{ connections, redisUrl }: Settings,
	extra: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
	return subject === "framegate" ? startFramegate(connections, redisUrl, extra) : startControl(subject, extra);
}

/**
 * What the connections send first: their tokens to the gateway, nothing to a control.
 *
 * @param sessions - how many sessions they share evenly; by default each has its own.
 */
export async function firstWords(
	subject: Subject,
	server: ServerProcess,
	connections: number,
	sessions = connections,
): Promise<Uint8Array[]> {
	if (subject !== "framegate") return [];
	return connectEnvelopes(await accessTokens(server.port, Math.min(sessions, connections)));
}

/** Connects all clients and, to the gateway, authenticates them. */
export function openAll(
	context: Context,
	subject: Subject,
	server: ServerProcess,
	first: readonly Uint8Array[],
): Promise<OpenFigures> {
	const check = subject === "framegate" ? "envelope" : "echo";
	return context.fleet.open(subject, { port: server.port, connections: context.settings.connections, check, first });
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface Summary {
	readonly median: number;
	readonly min: number;
	readonly max: number;
}

/** Median and spread of the rounds. */
export function summary(values: readonly number[]): Summary {
	const sorted = [...values].sort((a, b) => a - b);
	if (sorted.length === 0) throw new Error("there were no rounds");
	const at = (index: number): number => sorted[index] as number;
	const middle = (sorted.length - 1) / 2;
	return {
		median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
		min: at(0),
		max: at(sorted.length - 1),
	};
}

/** `1.23 (1.20–1.30)` */
export function showSummary({ median, min, max }: Summary, digits = 2): string {
	return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
