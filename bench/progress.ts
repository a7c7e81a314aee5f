// Shows how far a run is: a bar on a terminal, a line per step elsewhere.
import { Presets, SingleBar } from "cli-progress";

export interface Progress {
	begin(steps: number): void;
	/** A step begins. */
	step(what: string): void;
	end(): void;
}

export function createProgress(): Progress {
	return process.stderr.isTTY ? barProgress() : lineProgress();
}

function barProgress(): Progress {
	const bar = new SingleBar(
		{ format: "{bar} {percentage} %  {duration_formatted}  {what}", stream: process.stderr, clearOnComplete: true },
		Presets.shades_classic,
	);
	let done = -1;
	return {
		begin: (steps) => bar.start(steps, 0, { what: "starting" }),
		step: (what) => bar.update(++done, { what }),
		end: () => bar.stop(),
	};
}

function lineProgress(): Progress {
	const startedAtMs = performance.now();
	let total = 0;
	let done = 0;
	return {
		begin: (steps) => {
			total = steps;
		},
		step: (what) => {
			const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1).padStart(5);
			process.stderr.write(`${seconds} s  ${String(++done).padStart(2)}/${total}  ${what}\n`);
		},
		end: () => {},
	};
}
