// The thread that looks whether the gateway's loop runs, and writes who holds it: to standard error, as the gateway itself can write
// nothing then.
import { writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { type HeldFrame, mainThreadStack } from "./held-stack.ts";
import {
	BEAT,
	CURRENT,
	GENERATION,
	LOOKS_TO_REPORT,
	type LoopHeld,
	type LoopHolder,
	SHOWN,
	type WatchdogData,
	type WatchdogMessage,
	type WatchedCode,
} from "./loop-watchdog.ts";
import { SourcePositions } from "./source-positions.ts";

const STANDARD_ERROR = 2;
/** Frames of a stack that are written. */
const MAX_FRAMES = 5;
/** After a look at the stack that found nothing of a module, such as that of a process that got no processor: it costs what it looks at. */
const QUIET_MS = 30_000;
const { shared, lookMs } = workerData as WatchdogData;
const names = new Map<number, { readonly name: string; readonly module: string }>();
const codes = new Map<string, WatchedCode>();
let beat = 0;
let looks = 0;
let reportAt = LOOKS_TO_REPORT;
let holder: LoopHolder | undefined;
let isLooking = false;
let quietUntilMs = 0;

parentPort?.on("message", (message: WatchdogMessage) => {
	switch (message.kind) {
		case "name":
			names.set(message.index, message);
			return;
		case "code":
			codes.set(message.code.script, message.code);
			return;
		case "forget":
			// The same code may be loaded again.
			if (codes.get(message.script)?.generation === message.generation) codes.delete(message.script);
			return;
		default:
			message satisfies never;
	}
});

const heldMs = (): number => Math.round(looks * lookMs);

function look(): void {
	const now = shared[BEAT] as number;
	if (now === beat) {
		looks++;
		if (looks < reportAt || isLooking) return;
		// Ever more seldom, for as long as it lasts.
		reportAt *= 2;
		void report(now);
		return;
	}
	if (holder !== undefined) parentPort?.postMessage({ ...holder, heldMs: heldMs() } satisfies LoopHeld);
	beat = now;
	looks = 0;
	reportAt = LOOKS_TO_REPORT;
	holder = undefined;
}

async function report(since: number): Promise<void> {
	const entered = names.get(shared[CURRENT] as number);
	const generation = shared[GENERATION] as number;
	if (entered === undefined && performance.now() < quietUntilMs) return;
	isLooking = true;
	const frames = (await mainThreadStack()) ?? [];
	isLooking = false;
	const own = frames.filter(({ script }) => codes.has(script));
	const code = codes.get(own[0]?.script ?? "");
	const isOfModule = entered !== undefined || code !== undefined;
	if (!isOfModule) quietUntilMs = performance.now() + QUIET_MS;
	// It runs again, or is held by what is none of a module.
	if (!isOfModule || shared[BEAT] !== since) return;
	const at = own.slice(0, MAX_FRAMES).map(textOf);
	const { name = "", module = "" } = entered ?? {};
	holder =
		code === undefined
			? { module, generation, function: name, at }
			: { module: code.module, generation: code.generation, function: module === code.module ? name : "", at };
	if (shared[SHOWN] === 1) writeSync(STANDARD_ERROR, line(holder));
}

function textOf({ function: name, script, line: at, column }: HeldFrame): string {
	const { dir = "", map = "" } = codes.get(script) ?? {};
	const place = map === "" ? {} : new SourcePositions(dir, map).placeOf(`(${script}:${at}:${column})`);
	const text = place.file === undefined ? `${script}:${at}:${column}` : `${place.file}:${place.line}:${place.column}`;
	return name === "" ? text : `${name} (${text})`;
}

const line = (held: LoopHolder): string => {
	const msg = "a module holds the event loop: no client is served";
	const time = new Date().toISOString();
	return `${JSON.stringify({ level: "error", time, category: "error", ...held, heldMs: heldMs(), msg })}\n`;
};

setInterval(look, lookMs);
