// Calls in both directions over a message port: each side has an object of functions that the other may call by their names. Values are
// copied by structured clone; a function among the arguments, or as the result, is called back over the port.
import { errorOfWire, type WireError, wireError } from "./wire-errors.ts";

/** A MessagePort, or a Worker. */
export interface MessageEnd {
	postMessage(message: unknown): void;
	on(event: "message", listener: (message: unknown) => void): unknown;
	/** A message came that cannot be read. */
	on(event: "messageerror", listener: (error: Error) => void): unknown;
}

type Fn = (...args: never[]) => unknown;
/** Functions, or objects of them: `{ kv: { get(key) {} } }` is called as `kv.get`. */
export type CallTarget = object;

const CALL = 0;
const NOTE = 1;
const RESULT = 2;
const RESULT_FUNCTION = 3;
const FAILURE = 4;
const CALLBACK = 5;

/** Where functions stand among the arguments, and by which ids they are called back. */
type References = readonly (readonly [index: number, id: number])[];
type Message =
	| readonly [kind: typeof CALL, id: number, path: string, args: readonly unknown[], functions?: References]
	| readonly [kind: typeof NOTE, path: string, args: readonly unknown[]]
	| readonly [kind: typeof RESULT, id: number, value: unknown]
	| readonly [kind: typeof RESULT_FUNCTION, id: number, functionId: number]
	| readonly [kind: typeof FAILURE, id: number, error: WireError]
	| readonly [kind: typeof CALLBACK, id: number, functionId: number, args: readonly unknown[]];

interface Pending {
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: Error) => void;
}

export interface PortOptions {
	/** What the other side may call. */
	readonly target: CallTarget;
	/** Calls that wait for their result; a further one is refused with what `onFull` makes. */
	readonly maxPending: number;
	readonly onFull: () => Error;
	/** Something was answered: the other side runs. */
	readonly onLife?: () => void;
	/** A message of the other side cannot be read: a call, or a result that something waits for. */
	readonly onLost: (error: Error) => void;
	/** What goes out may be anything: it is looked at before. */
	readonly isUntrusted?: boolean;
}

/**
 * Of what goes out, where it may be anything. V8 writes a value with the stack of this thread, and reads it with that of the other one, which
 * may be shorter; what is too deep for that is lost.
 */
const MAX_DEPTH = 500;
/** Functions by reference, of each side. */
const MAX_FUNCTIONS = 10_000;

export class PortCalls {
	private readonly end: MessageEnd;
	private readonly options: PortOptions;
	private readonly pending = new Map<number, Pending>();
	/** Ours, which the other side calls by id. */
	private readonly functions = new Map<number, Fn>();
	private lastId = 0;
	private failedBy: Error | undefined;

	constructor(end: MessageEnd, options: PortOptions) {
		this.end = end;
		this.options = options;
		end.on("message", (message) => this.receive(message as Message));
		end.on("messageerror", (error) => options.onLost(error));
	}

	get inFlight(): number {
		return this.pending.size;
	}

	/**
	 * Calls a function of the other side.
	 *
	 * @param path - its name; `a.b` is `b` of the object `a`.
	 * @throws what it throws; what `onFull` makes; an error when an argument cannot be cloned.
	 */
	call(path: string, ...args: readonly unknown[]): Promise<unknown> {
		return this.send((id) => this.message(id, path, args));
	}

	/** Calls without a reply: what it throws is lost. */
	note(path: string, ...args: readonly unknown[]): void {
		if (this.failedBy === undefined) this.end.postMessage([NOTE, path, args] satisfies Message);
	}

	/** The other side is gone: what waits for it is rejected, and so are later calls. */
	fail(error: Error): void {
		this.failedBy ??= error;
		const waiting = [...this.pending.values()];
		this.pending.clear();
		this.functions.clear();
		for (const { reject } of waiting) reject(this.failedBy);
	}

	private send(make: (id: number) => Message): Promise<unknown> {
		if (this.failedBy !== undefined) return Promise.reject(this.failedBy);
		if (this.pending.size >= this.options.maxPending) return Promise.reject(this.options.onFull());
		const id = ++this.lastId;
		return new Promise((resolve, reject) => {
			// What cannot be cloned throws here, before anything waits.
			this.post(make(id));
			this.pending.set(id, { resolve, reject });
		});
	}

	private message(id: number, path: string, args: readonly unknown[]): Message {
		if (!args.some((arg) => typeof arg === "function")) return [CALL, id, path, args];
		const functions: (readonly [number, number])[] = [];
		const values = args.map((arg, index) => {
			if (typeof arg !== "function") return arg;
			functions.push([index, this.keep(arg as Fn)]);
			return undefined;
		});
		return [CALL, id, path, values, functions];
	}

	private keep(fn: Fn): number {
		if (this.functions.size >= MAX_FUNCTIONS)
			throw new Error(`more than ${MAX_FUNCTIONS} functions cross to another thread`);
		const id = ++this.lastId;
		this.functions.set(id, fn);
		return id;
	}

	private receive(message: Message): void {
		switch (message[0]) {
			case CALL:
				void this.answer(message[1], () => this.run(message[2], this.argsOf(message[3], message[4])));
				break;
			case NOTE:
				this.attempt(message[1], message[2]);
				break;
			case CALLBACK:
				void this.answer(message[1], () => this.functions.get(message[2])?.(...(message[3] as never[])));
				break;
			case RESULT:
				this.take(message[1])?.resolve(message[2]);
				break;
			case RESULT_FUNCTION:
				this.take(message[1])?.resolve(this.remote(message[2]));
				break;
			case FAILURE:
				this.take(message[1])?.reject(errorOfWire(message[2]));
				break;
			default:
				message satisfies never;
		}
	}

	private take(id: number): Pending | undefined {
		this.options.onLife?.();
		const waiting = this.pending.get(id);
		this.pending.delete(id);
		return waiting;
	}

	private argsOf(args: readonly unknown[], functions: References = []): readonly unknown[] {
		if (functions.length === 0) return args;
		const whole = [...args];
		for (const [index, id] of functions) whole[index] = this.remote(id);
		return whole;
	}

	/** A function of the other side. */
	private remote(functionId: number): (...args: readonly unknown[]) => Promise<unknown> {
		return (...args) => this.send((id) => [CALLBACK, id, functionId, args]);
	}

	private run(path: string, args: readonly unknown[]): unknown {
		const [called, owner] = functionAt(this.options.target, path);
		return called.apply(owner, args as never[]);
	}

	private attempt(path: string, args: readonly unknown[]): void {
		try {
			const result = this.run(path, args);
			if (result instanceof Promise) result.catch(() => {});
		} catch {
			// Nobody waits for it.
		}
	}

	/** @throws DataCloneError; RangeError for what is too deep. */
	private post(message: Message): void {
		if (this.options.isUntrusted && isDeeper(message, MAX_DEPTH, new Set())) {
			throw new RangeError(`a value is nested more than ${MAX_DEPTH} deep`);
		}
		this.end.postMessage(message);
	}

	private async answer(id: number, work: () => unknown): Promise<void> {
		try {
			const given = work();
			// Without a turn of the microtask queue for what is there already.
			const value = given instanceof Promise ? await given : given;
			if (typeof value === "function")
				this.end.postMessage([RESULT_FUNCTION, id, this.keep(value as Fn)] satisfies Message);
			else this.post([RESULT, id, value]);
		} catch (error) {
			this.end.postMessage([FAILURE, id, wireError(error)] satisfies Message);
		}
	}
}

/** In the order in which V8 writes: what was seen before costs it no depth. */
function isDeeper(value: unknown, left: number, seen: Set<object>): boolean {
	if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return false;
	if (left === 0) return true;
	seen.add(value);
	const items =
		value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : (Object.values(value) as unknown[]);
	return items.some((item) => isDeeper(item, left - 1, seen));
}

/** @throws Error when there is no such function: names of Object.prototype are none. */
function functionAt(target: CallTarget, path: string): readonly [fn: Fn, owner: object] {
	let owner: object = target;
	const names = path.split(".");
	for (const [index, name] of names.entries()) {
		const found = name in Object.prototype ? undefined : (owner as Record<string, unknown>)[name];
		if (index === names.length - 1) {
			if (typeof found === "function") return [found as Fn, owner];
		} else if (typeof found === "object" && found !== null) {
			owner = found;
			continue;
		}
		break;
	}
	throw new Error(`${path} is no function that another thread may call`);
}

/** An object whose functions are those of the other side, whatever their names. */
export function remoteTarget<Target extends object>(calls: Pick<PortCalls, "call">, path = ""): Target {
	const call = (...args: readonly unknown[]) => calls.call(path, ...args);
	const members = new Map<string, object>();
	return new Proxy(call, {
		get(_call, name) {
			// A promise that is resolved with it asks for `then`.
			if (typeof name === "symbol" || name === "then") return undefined;
			const known = members.get(name) ?? remoteTarget(calls, path === "" ? name : `${path}.${name}`);
			members.set(name, known);
			return known;
		},
	}) as unknown as Target;
}
