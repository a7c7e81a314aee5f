// What a module and its functions get of the gateway.
import type { Kysely } from "kysely";
import type * as z from "zod";
import type { ModuleMetrics } from "./metric.ts";
import type { ModulePush, ObjectSchema } from "./push.ts";
import type { ModuleStore } from "./store.ts";

/** Who calls, when logged in. */
export interface CallUser {
	readonly id: string;
	readonly username: string;
	readonly sessionId: string;
	readonly deviceId: string;
	readonly roles: readonly string[];
	/** Whether the user's roles grant a permission. */
	can(permission: string): boolean;
}

/** Each line names the module, its generation and, within a call, the trace. */
export interface ModuleLogger {
	debug(message: string, fields?: object): void;
	info(message: string, fields?: object): void;
	warn(message: string, fields?: object): void;
	error(message: string, fields?: object): void;
}

/** Settings that a module declares; the operator gives them in `modules.config.NAME`. */
export class ModuleConfig<Schema extends ObjectSchema = ObjectSchema> {
	readonly schema: Schema;

	constructor(schema: Schema) {
		this.schema = schema;
	}
}

/** Declares the settings of a module, which names them as its `config`. `context.config(settings)` is what the operator gave. */
export function defineConfig<Schema extends ObjectSchema>(schema: Schema): ModuleConfig<Schema> {
	return new ModuleConfig(schema);
}

export interface NotificationOptions {
	/** Name of a template: `notifications.templates`, or one of the built-in ones. */
	readonly type: string;
	/** For its placeholders. */
	readonly variables?: Readonly<Record<string, string>>;
	/** Given to clients as it is. */
	readonly data?: Readonly<Record<string, string>>;
}

export interface FetchOptions extends RequestInit {
	/** Until the whole answer is there; `modules.fetch.timeoutMs` by default, and a minute at most. */
	readonly timeoutMs?: number;
}

/** What belongs to one generation of a module, and ends with it: then every method that waits throws CallError UNAVAILABLE. */
export interface ModuleContext {
	readonly module: string;
	/** 1 for the first one that this process has loaded. */
	readonly generation: number;
	readonly log: ModuleLogger;
	/** Aborted when the generation must end: its calls have had their time. */
	readonly signal: AbortSignal;
	/** Values by key. */
	readonly store: ModuleStore;
	readonly metrics: ModuleMetrics;
	/** The settings of the operator, as the schema of the module makes them. @throws Error when they are not the module's `config`. */
	config<Schema extends ObjectSchema>(settings: ModuleConfig<Schema>): z.output<Schema>;
	/**
	 * The SQL database, in which the module has the tables that its `migrations` make: `items` here is `MODULE__items` there. Other tables
	 * cannot be named. Statements throw CallError CONFLICT (a key or a constraint), VALIDATION_FAILED, UNAVAILABLE.
	 *
	 * @typeParam Tables - by name: the columns of each.
	 * @throws Error when the module's name has an upper-case letter.
	 */
	database<Tables>(): Kysely<Tables>;
	/**
	 * As the global one, with a deadline and a limit of the answer's length (`modules.fetch.maxBytes`), and aborted with the generation.
	 * Redirects are errors unless `redirect` says otherwise.
	 */
	fetch(url: string | URL, options?: FetchOptions): Promise<Response>;
	/**
	 * Runs work again and again from when the generation serves until another one does. A run that takes longer than the interval has
	 * the next one wait; what it throws is logged.
	 *
	 * @param intervalMs - at least 10.
	 * @returns a function that ends it.
	 */
	every(intervalMs: number, run: () => unknown): () => void;
	/** Who of these users is online. @throws CallError UNAVAILABLE. */
	online(userIds: readonly string[]): Promise<ReadonlySet<string>>;
	/**
	 * Sends a push to all devices of a user; offline ones get it when they reconnect in time.
	 *
	 * @throws CallError UNAVAILABLE; Error when the body is not what the push declares.
	 */
	unicast<Body extends ObjectSchema>(userId: string, push: ModulePush<Body>, body: z.input<Body>): Promise<void>;
	/** Sends a push to every user who is online. @returns how many there were. @throws as `unicast`. */
	broadcast<Body extends ObjectSchema>(push: ModulePush<Body>, body: z.input<Body>): Promise<number>;
	/**
	 * Publishes on a channel of an application: `applicationChannels.namespaces`.
	 *
	 * @param data - JSON.
	 * @throws CallError NOT_FOUND (no such namespace), PAYLOAD_TOO_LARGE, UNAVAILABLE.
	 */
	publish(channel: string, data: unknown): Promise<void>;
	/** Notifies users: stored, then pushed. @throws CallError VALIDATION_FAILED (type, variables), UNAVAILABLE. */
	notify(userIds: readonly string[], notification: NotificationOptions): Promise<void>;
	/** Ends all sessions of a user. @returns how many. @throws CallError UNAVAILABLE. */
	disconnect(userId: string): Promise<number>;
}

/** What programs and modules do through the gateway. */
export type GatewayFunctions = Pick<
	ModuleContext,
	"online" | "unicast" | "broadcast" | "publish" | "notify" | "disconnect"
>;

/** One call of a function. */
export interface ModuleCall {
	/** Undefined in a public function, and where an API key calls, which is no user. With the permission `session` it is always there. */
	readonly user: CallUser | undefined;
	readonly ip: string;
	/** W3C trace id, or "". */
	readonly traceId: string;
	/** Aborted when the call is out of time, or its generation has to end: what still comes of it is dropped. */
	readonly signal: AbortSignal;
	readonly log: ModuleLogger;
	readonly context: ModuleContext;
}
