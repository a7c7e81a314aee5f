// Where a thread that runs without end is, seen from another one: the debugger of V8 pauses it between two statements, reads its stack, and
// has it go on. Nothing is attached before it is asked.
import { type Debugger, Session } from "node:inspector";

/** One call of a stack, the innermost first. */
export interface HeldFrame {
	readonly function: string;
	/** Name of its script. */
	readonly script: string;
	/** From 1. */
	readonly line: number;
	readonly column: number;
}

/** Until the thread is paused: it may be in native code, or run again. */
const TIMEOUT_MS = 2000;

/** The stack of the main thread. @returns undefined when it cannot be read. Never rejects. */
export function mainThreadStack(): Promise<readonly HeldFrame[] | undefined> {
	return new Promise((resolve) => {
		const session = new Session();
		const scripts = new Map<string, string>();
		const end = (frames: readonly HeldFrame[] | undefined): void => {
			clearTimeout(timer);
			// Also has it go on, and takes back a pause that has not come.
			session.disconnect();
			resolve(frames);
		};
		const timer = setTimeout(() => end(undefined), TIMEOUT_MS);
		session.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => scripts.set(scriptId, url));
		session.on("Debugger.paused", ({ params }) => {
			session.post("Debugger.resume");
			end(params.callFrames.map((frame) => heldFrame(frame, scripts)));
		});
		try {
			session.connectToMainThread();
			session.post("Debugger.enable", (error) => {
				if (error === null) session.post("Debugger.pause");
			});
		} catch {
			end(undefined);
		}
	});
}

function heldFrame({ functionName, location }: Debugger.CallFrame, scripts: ReadonlyMap<string, string>): HeldFrame {
	const { scriptId, lineNumber, columnNumber = 0 } = location;
	const script = scripts.get(scriptId) ?? "";
	return { function: functionName, script, line: lineNumber + 1, column: columnNumber + 1 };
}
