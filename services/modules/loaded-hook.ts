// The hooks that a module declares. One runs as a function does: with a deadline, on the generation on which it began.
import type { HookPoint } from "../../module/index.ts";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import type { ServedFunction } from "./function-facts.ts";
import type { LoadedFunction, ValueCheck } from "./loaded-function.ts";

/** A hook as the gateway knows it, wherever it runs. */
export interface ServedHook {
	readonly point: HookPoint;
	readonly order: number;
	readonly onFailure: "refuse" | "allow";
	readonly called: ServedFunction;
}

export interface LoadedHook extends ServedHook {
	readonly called: LoadedFunction;
}

/** Before something happens, when it may be refused, or after. */
export const HOOK_POINTS: Readonly<Record<HookPoint, "guard" | "notice">> = {
	connect: "guard",
	disconnect: "notice",
	subscribe: "guard",
	beforeMessage: "guard",
	afterMessage: "notice",
	login: "guard",
	register: "guard",
	room: "notice",
};

const DEFAULT_TIMEOUT_MS = 1000;
const MAX_TIMEOUT_MS = 10_000;
const MAX_ORDER = 1_000_000;

/** Events are made by the gateway. */
const EVENT: ValueCheck = { safeParse: (data) => ({ success: true, data: data as object }) };
/** What a hook returns, as the value of an object. */
const RESULT: ValueCheck = { safeParse: (value) => ({ success: true, data: { value } }) };

/** @throws Error that says what is wrong with a declaration. */
export function loadedHooks(module: string, hooks: Readonly<Record<string, unknown>>): readonly LoadedHook[] {
	return Object.entries(hooks).map(([point, declared]) => {
		if (!Object.hasOwn(HOOK_POINTS, point)) {
			throw new Error(`hooks: ${point} is none of ${Object.keys(HOOK_POINTS).join(", ")}`);
		}
		const options = typeof declared === "function" ? { run: declared } : ((declared ?? {}) as Record<string, unknown>);
		return loadedHook(module, point as HookPoint, options);
	});
}

function loadedHook(module: string, point: HookPoint, options: Record<string, unknown>): LoadedHook {
	const { order = 0, timeoutMs = DEFAULT_TIMEOUT_MS, onFailure = "refuse", run } = options;
	const name = `hooks: ${point}`;
	if (typeof run !== "function") throw new Error(`${name}: run must be a function`);
	if (!Number.isInteger(order) || Math.abs(order as number) > MAX_ORDER) {
		throw new Error(`${name}: order must be a whole number of at most ${MAX_ORDER}`);
	}
	if (!Number.isInteger(timeoutMs) || (timeoutMs as number) < 1 || (timeoutMs as number) > MAX_TIMEOUT_MS) {
		throw new Error(`${name}: timeoutMs must be from 1 to ${MAX_TIMEOUT_MS}`);
	}
	if (onFailure !== "refuse" && onFailure !== "allow") throw new Error(`${name}: onFailure must be refuse or allow`);
	const called: LoadedFunction = {
		// None that a function can have.
		name,
		// It is no route: of a contract it has the name, for log lines.
		contract: { name: `${module}.${point}` } as AnyRouteContract,
		bindings: [],
		input: EVENT,
		output: RESULT,
		timeoutMs: timeoutMs as number,
		run: run as LoadedFunction["run"],
		definedAt: "",
	};
	return { point, order: order as number, onFailure, called };
}
