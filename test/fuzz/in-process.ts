// Runs cases against a gateway in this process, many connections side by side, and judges what comes of each.
import { listHeader } from "../../core/http-request.ts";
import { type FuzzCase, MESSAGES_PER_CASE } from "./fuzz-case.ts";
import type { FuzzSocket } from "./fuzz-transport.ts";
import { Oracle } from "./oracle.ts";
import { type Plant, SELECTED, turn, USERS } from "./plant.ts";

/** Connections side by side. */
export const BATCH = USERS;
const MAX_MESSAGE_BYTES = 65_536;
/** Longer than the gateway lets any request take. */
const SETTLED_WITHIN_MS = 20_000;
/** Messages that a connection sends before it is another's turn. */
const BURST = 4;

export interface Failure {
	readonly fuzzCase: FuzzCase;
	readonly problem: string;
}

class Trial {
	readonly fuzzCase: FuzzCase;
	readonly oracle = new Oracle();
	readonly socket: FuzzSocket;
	private readonly selectId: string | undefined;
	private at = 0;

	constructor(fuzzCase: FuzzCase, socket: FuzzSocket, selectId: string | undefined) {
		this.fuzzCase = fuzzCase;
		this.socket = socket;
		this.selectId = selectId;
		socket.isReading = !fuzzCase.isSlow;
	}

	get isOver(): boolean {
		return this.at >= this.fuzzCase.frames.length || this.socket.isGone;
	}

	/** @returns how many messages were sent. */
	burst(): number {
		const { socket, fuzzCase, oracle } = this;
		const end = Math.min(this.at + BURST, fuzzCase.frames.length);
		const startedAt = this.at;
		for (; this.at < end && !socket.isGone; this.at++) {
			const frame = naming(this.selectId, fuzzCase.frames[this.at] as Uint8Array | string);
			const wasOpen = socket.closeCode === undefined;
			if (!wasOpen && !fuzzCase.lingers) socket.leave();
			try {
				socket.sendToServer(frame);
			} catch (error) {
				oracle.fail(`thrown out of the gateway: ${error instanceof Error ? error.stack : String(error)}`);
			}
			// What a slow client's full budget ended shows only once it reads.
			if (wasOpen && socket.isReading) oracle.sent(frame, MAX_MESSAGE_BYTES, socket.closeCode);
		}
		this.judge();
		return this.at - startedAt;
	}

	judge(): void {
		const { socket, oracle } = this;
		const frames = socket.received.splice(0);
		// What was asked while nothing was read is not counted.
		if (this.fuzzCase.isSlow) return;
		for (const frame of frames) oracle.received(frame);
	}

	get isSettled(): boolean {
		return this.socket.closeCode !== undefined || this.fuzzCase.isSlow || this.oracle.isSatisfied;
	}

	end(): void {
		const { socket, oracle } = this;
		if (this.fuzzCase.isSlow) socket.resume();
		this.judge();
		if (!this.isSettled) oracle.fail(`never answered: ${oracle.awaited}`);
		if (socket.closeCode !== undefined) oracle.closed(socket.closeCode);
		socket.leave();
	}
}

export interface BatchResult {
	/** Messages that the gateway was given. */
	readonly inputs: number;
	readonly failures: readonly Failure[];
}

/**
 * @param cases - no more than there are users.
 * @param first - index of the first: it says whose cases they are.
 */
export async function runBatch(plant: Plant, cases: readonly FuzzCase[], first = 0): Promise<BatchResult> {
	const trials = await Promise.all(cases.map((fuzzCase, at) => begin(plant, fuzzCase, (first + at) % USERS)));
	let inputs = 0;
	for (let round = 0; round < MESSAGES_PER_CASE && trials.some(({ isOver }) => !isOver); round++) {
		for (const trial of trials) inputs += trial.burst();
		await turn();
	}
	const deadlineMs = performance.now() + SETTLED_WITHIN_MS;
	for (;;) {
		for (const trial of trials) trial.judge();
		if (trials.every(({ isSettled }) => isSettled) || performance.now() > deadlineMs) break;
		await turn();
	}
	for (const trial of trials) trial.end();
	const failures = trials.flatMap(({ fuzzCase, oracle: { problem } }) => {
		return problem === undefined ? [] : [{ fuzzCase, problem }];
	});
	return { inputs, failures };
}

async function begin(plant: Plant, fuzzCase: FuzzCase, user: number): Promise<Trial> {
	const { subProtocol, origin } = fuzzCase;
	const socket = plant.transport.open({ protocols: listHeader(subProtocol), origin });
	if (!fuzzCase.isMember) return new Trial(fuzzCase, socket, undefined);
	await plant.join(socket, user);
	return new Trial(fuzzCase, socket, await plant.select(socket, user));
}

/** Puts the id of the select where the frame names it. */
function naming(selectId: string | undefined, frame: Uint8Array | string): Uint8Array | string {
	if (selectId === undefined) return frame;
	if (typeof frame === "string") return frame.replaceAll(SELECTED, selectId);
	const at = Buffer.from(frame.buffer, frame.byteOffset, frame.length).indexOf(SELECTED);
	if (at === -1) return frame;
	const named = Buffer.from(frame);
	named.write(selectId, at, "latin1");
	return named;
}

/** What is left in a gateway from which everybody has gone. @returns what should not be, for people. */
export async function leftovers(plant: Plant): Promise<string | undefined> {
	const left = async () => {
		const all: string[] = [];
		for (const name of ["connections", "sessions", "users", "requests_in_flight", "telemetry_subscriptions"]) {
			const value = await plant.metric(`framegate_${name}`);
			if (value !== 0) all.push(`${value} ${name}`);
		}
		return all.join(", ");
	};
	const deadlineMs = performance.now() + SETTLED_WITHIN_MS;
	let all = await left();
	while (all !== "" && performance.now() < deadlineMs) {
		await turn();
		all = await left();
	}
	const faults = await plant.metric("framegate_requests_total", 'code="INTERNAL"');
	if (faults > 0) return `${faults} requests ended in INTERNAL: ${plant.errors.join("\n")}`;
	if (plant.errors.length > 0) return `errors were logged: ${plant.errors.join("\n")}`;
	return all === "" ? undefined : `left behind: ${all}`;
}
