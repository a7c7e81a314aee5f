// The module that is reloaded: 256 KiB of state, a timer, and functions that say which generation answered.

/** The text of one version: each is another bundle. */
export function moduleSource(version: number): string {
	return `import { defineFunction, defineModule, z } from "framegate/module";

const version = ${version};
let state = { text: "", ticks: 0 };

const at = () => ({ version });

export default defineModule({
	load(context) {
		state = { text: "x".repeat(262_144), ticks: 0 };
		context.every(50, () => { state.ticks++; });
		setInterval(() => { state.ticks++; }, 1000);
	},
	exportState: () => state,
	importState: (before) => { state = before as typeof state; },
	functions: {
		work: defineFunction({
			number: 7001,
			permission: "public",
			input: z.object({ id: z.int() }),
			output: z.object({ id: z.int(), began: z.int(), ended: z.int(), kept: z.int() }),
			run: async ({ id }) => {
				const began = at().version;
				// Longer than a switch takes: many calls see one in the middle.
				await new Promise((resolve) => setTimeout(resolve, id % 20));
				return { id, began, ended: at().version, kept: state.text.length };
			},
		}),
		beat: defineFunction({
			number: 7002,
			input: z.object({ client_time_ms: z.int() }),
			output: z.object({ client_time_ms: z.int(), server_time_ms: z.int() }),
			rest: { method: "GET", path: "/api/v1/beat" },
			run: ({ client_time_ms }) => ({ client_time_ms, server_time_ms: Date.now() }),
		}),
	},
});
`;
}

/** A module of the gateway's own thread that says what the heap of that holds, and how many timers there are. */
export const PROBE = `import { defineFunction, defineModule, z } from "framegate/module";

export default defineModule({
	functions: {
		heap: defineFunction({
			number: 7003,
			permission: "public",
			input: z.object({}),
			output: z.object({ bytes: z.int(), timers: z.int() }),
			run: async () => {
				// Of the last resort: a plain one that is forced does not age V8's compilation cache, whose scripts would be counted as kept.
				// Twice: what a finalizer releases is collected by the second one.
				for (let round = 0; round < 2; round++) {
					(globalThis as unknown as { gc(options: object): void }).gc({ type: "major", execution: "sync", flavor: "last-resort" });
					await new Promise((resolve) => setImmediate(resolve));
				}
				const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
				return { bytes: process.memoryUsage().heapUsed, timers };
			},
		}),
	},
});
`;
