// The record of a game in real time: its beginning and everything that happened at its ticks, in entries of the game's log. By it the game
// can be run again, to the same state.
import type { RealtimeCode } from "../../../common/game-code.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { decodeJson } from "../game-json.ts";
import { GameRun, type RunEvent } from "./game-run.ts";

/** Bytes of one entry: what a database takes for a payload. */
const ENTRY_BYTES = 16_384;

/**
 * One line of JSON: the snapshot at the beginning; an event at its tick, with the input as it was sent; the end with its state's hash.
 * The kinds are `s`, `j` join, `l` leave, `i` input, `e` end.
 */
type Line =
	| readonly ["s", unknown]
	| readonly ["j" | "l", number, string, string]
	| readonly ["i", number, string, string]
	| readonly ["e", number, string];

export class RunRecord {
	private lines: string[] = [];
	private bytes = 0;
	private readonly entries: Buffer[] = [];

	/** Nothing that was taken or not is recorded any more. */
	isOff = false;

	begin(snapshot: Uint8Array): void {
		this.add(["s", decodeJson(snapshot)]);
	}

	events(tick: number, events: readonly RunEvent[]): void {
		for (const event of events) {
			if (event.kind === "input") this.add(["i", tick, event.userId, Buffer.from(event.payload).toString()]);
			else this.add([event.kind === "join" ? "j" : "l", tick, event.player.id, event.player.name]);
		}
	}

	end(tick: number, hash: string): void {
		this.add(["e", tick, hash]);
	}

	/** What has come since it was asked last, in entries. */
	take(): readonly Uint8Array[] {
		this.close();
		return this.entries.splice(0);
	}

	private add(line: Line): void {
		if (this.isOff) return;
		const text = `${JSON.stringify(line)}\n`;
		const bytes = Buffer.byteLength(text);
		if (this.bytes + bytes > ENTRY_BYTES) this.close();
		this.lines.push(text);
		this.bytes += bytes;
	}

	private close(): void {
		if (this.bytes === 0) return;
		const text = Buffer.from(this.lines.join(""));
		// One line may be longer: a state at the beginning. Lines go on in the next entry.
		for (let at = 0; at < text.length; at += ENTRY_BYTES) this.entries.push(text.subarray(at, at + ENTRY_BYTES));
		this.lines = [];
		this.bytes = 0;
	}
}

export interface Replayed {
	readonly run: GameRun;
	/** Of the state at the end; undefined when the record has no end. */
	readonly recordedHash: string | undefined;
}

/**
 * Runs a game again.
 *
 * @param entries - of its log, in order.
 * @throws GatewayError VALIDATION_FAILED when they are no record; what the code throws.
 */
export function replay(code: RealtimeCode, entries: readonly Uint8Array[]): Replayed {
	const lines = Buffer.concat(entries)
		.toString()
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line) as Line);
	const [first, ...rest] = lines;
	if (first?.[0] !== "s") throw new GatewayError(ErrorCode.VALIDATION_FAILED, "the record has no beginning");
	const run = GameRun.restore(code, Buffer.from(JSON.stringify(first[1])));
	let pending: RunEvent[] = [];
	/** Runs up to a tick, whose events are those that wait. */
	const advanceTo = (tick: number) => {
		while (run.tick < tick - 1) run.advance([]);
		if (run.tick < tick) run.advance(pending);
		pending = [];
	};
	let at = 0;
	for (const line of rest) {
		if (line[0] === "s") continue;
		if (line[1] !== at) {
			if (pending.length > 0) advanceTo(at);
			at = line[1];
		}
		if (line[0] === "e") {
			advanceTo(at);
			return { run, recordedHash: line[2] };
		}
		pending.push(eventOf(code, line));
	}
	if (pending.length > 0) advanceTo(at);
	return { run, recordedHash: undefined };
}

function eventOf(code: RealtimeCode, line: readonly ["j" | "l" | "i", number, string, string]): RunEvent {
	const [kind, , id, text] = line;
	const payload = Buffer.from(text);
	if (kind === "i") return { kind: "input", userId: id, payload, input: code.readInput(payload) };
	return { kind: kind === "j" ? "join" : "leave", player: { id, name: text } };
}
