// The thread that looks whether the gateway's loop runs, and writes who holds it: to standard error, as the gateway itself can write
// nothing then.
import { writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import {
	BEAT,
	CURRENT,
	LOOKS_TO_REPORT,
	type LoopHeld,
	type WatchdogData,
	type WatchdogNames,
} from "./loop-watchdog.ts";

const STANDARD_ERROR = 2;
const { shared, lookMs } = workerData as WatchdogData;
const names = new Map<number, string>();
let beat = 0;
let current = 0;
let looks = 0;
let reportAt = LOOKS_TO_REPORT;

parentPort?.on("message", (more: WatchdogNames) => {
	for (const [index, name] of more) names.set(index, name);
});

const line = (name: string, heldMs: number): string => {
	const text = "a module holds the event loop: no client is served";
	return `${JSON.stringify({ level: "error", time: new Date().toISOString(), function: name, heldMs, msg: text })}\n`;
};

function look(): void {
	const [nowBeat, nowCurrent] = [shared[BEAT] as number, shared[CURRENT] as number];
	if (nowBeat === beat && nowCurrent === current && current !== 0) {
		looks++;
		if (looks >= reportAt) {
			// Ever more seldom, for as long as it lasts.
			reportAt *= 2;
			writeSync(STANDARD_ERROR, line(names.get(current) ?? "", Math.round(looks * lookMs)));
		}
		return;
	}
	if (looks >= LOOKS_TO_REPORT) {
		const held: LoopHeld = { name: names.get(current) ?? "", heldMs: Math.round(looks * lookMs) };
		parentPort?.postMessage(held);
	}
	beat = nowBeat;
	current = nowCurrent;
	looks = 0;
	reportAt = LOOKS_TO_REPORT;
}

setInterval(look, lookMs);
