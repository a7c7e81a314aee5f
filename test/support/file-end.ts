// Loaded before each test file by `npm test`, and with every server: ends a test file that goes on when its tests and hooks are over,
// since a hook failed before it stopped what it had started, and says what was left. Otherwise servers and connections would keep the
// process until the file's limit.
import { AsyncResource } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { endWithParent } from "./tied-process.ts";

/** From the end of the last hook on, for connections that are being closed and processes that end, on a busy machine too. */
const GRACE_MS = Number(process.env["FRAMEGATE_FILE_END_MS"] ?? 20_000);
/** From the end of the last test on, for hooks of the file: stopping several servers takes a while. */
const HOOKS_GRACE_MS = GRACE_MS * 1.5;

/** Command lines of the processes that this one has started and that still run. */
function children(): string[] {
	const pids = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").split(" ").filter(Boolean);
	return pids.map((pid) => `${commandLine(pid)} (process ${pid})`);
}

function commandLine(pid: string): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim().slice(0, 200);
	} catch {
		return "ended meanwhile";
	}
}

function endLater(graceMs: number): void {
	// Not a reason to go on by itself: a file that has stopped everything ends before.
	setTimeout(() => {
		const left = [...children(), `open: ${process.getActiveResourcesInfo().join(", ")}`];
		console.error(`${process.argv[1]} did not end by itself after its tests; a hook failed, or stops too little:`);
		for (const line of left) console.error(`  ${line}`);
		process.exit(1);
	}, graceMs).unref();
}

// Not in processes that a test file starts, which inherit its environment and may import the same modules.
if (process.env["NODE_TEST_CONTEXT"] !== undefined && process.argv[1]?.endsWith(".test.ts")) {
	endWithParent();
	const { after } = await import("node:test");
	// Of the file, not of the hook that it is called in; hooks that are added while hooks run come last.
	const afterFile = AsyncResource.bind((hook: () => void) => after(hook));
	after(() => {
		endLater(HOOKS_GRACE_MS);
		afterFile(() => endLater(GRACE_MS));
	});
}
