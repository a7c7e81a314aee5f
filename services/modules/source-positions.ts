// From positions in a bundle to positions in the files that it was made of.
import { SourceMap, type SourceMapPayload } from "node:module";
import { relative, resolve } from "node:path";
import type { Place } from "./module-problem.ts";

const FRAME = /\(?framegate-module:[^()\s]*?:(\d+):(\d+)\)?/;

const MODULE_FRAME = /^\s+at .*framegate-module:/m;
/** A frame that is neither Node's own nor native: `(file:///…`, `(/…`, `at async file:///…`. */
const FILE_FRAME = /^\s+at (?:.*[( ])?(?:file:\/\/|\/|[A-Za-z]:\\)/m;

/**
 * Whether a rejection that nothing waits for can be that of a promise of a module. What Node makes (`readFile`, `fetch`, an aborted
 * signal) names nobody who asked for it, and a value that is no error names nothing: only a frame in a file of the gateway speaks against.
 */
export function canBeOfModule(reason: unknown): boolean {
	try {
		if (!(reason instanceof Error)) return true;
		const { stack } = reason;
		return typeof stack !== "string" || MODULE_FRAME.test(stack) || !FILE_FRAME.test(stack);
	} catch {
		// What cannot be read is somebody's who made it so.
		return true;
	}
}

export class SourcePositions {
	private readonly dir: string;
	private readonly text: string;
	/** Read when the first position is asked for: most generations have no errors. */
	private map: SourceMap | undefined;

	/**
	 * @param dir - of modules: files are named below it.
	 * @param map - source map of the bundle, as JSON.
	 */
	constructor(dir: string, map: string) {
		this.dir = dir;
		this.text = map;
	}

	/** @param line, column - in the bundle, from 1. */
	private find(line: number, column: number): Required<Place> | undefined {
		this.map ??= new SourceMap(JSON.parse(this.text) as SourceMapPayload);
		const entry = this.map.findEntry(line - 1, column - 1);
		if (!("originalSource" in entry) || entry.originalSource === undefined) return undefined;
		const file = relative(this.dir, resolve(this.dir, entry.originalSource));
		return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
	}

	/** The first position of a stack that lies in the module. */
	placeOf(stack: string): Place {
		for (const line of stack.split("\n")) {
			const found = FRAME.exec(line);
			const place = found && this.find(Number(found[1]), Number(found[2]));
			if (place) return place;
		}
		return {};
	}

	/** An error's stack with the positions of its sources; the error itself is changed, as its stack is a text. */
	translate(thrown: unknown): unknown {
		if (!(thrown instanceof Error) || typeof thrown.stack !== "string") return thrown;
		const lines = thrown.stack.split("\n").map((line) => {
			return line.replace(new RegExp(FRAME, "g"), (whole, at: string, column: string) => {
				const place = this.find(Number(at), Number(column));
				if (place === undefined) return whole;
				const text = `${place.file}:${place.line}:${place.column}`;
				return whole.startsWith("(") ? `(${text})` : text;
			});
		});
		thrown.stack = lines.join("\n");
		return thrown;
	}
}
