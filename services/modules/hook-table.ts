// Which hooks of modules run at each point of the gateway. Replaced with the table of routes, in one turn.
import type { Hooks, LoginHookEvent } from "../../common/hooks.ts";
import type { Identity } from "../../common/identity.ts";
import type { Logger } from "../../common/logger.ts";
import type { HookPoint } from "../../module/index.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import {
	connectionEvent,
	contentOf,
	draftEvent,
	loginEvent,
	messageEvent,
	roomEvent,
	subscribeEvent,
} from "./hook-events.ts";
import { HOOK_POINTS, type ServedHook } from "./loaded-hook.ts";
import type { Caller, ServingGeneration } from "./serving-generation.ts";

export interface HookTableParts {
	/** Where the gateway looks. */
	readonly hooks: Hooks;
	/** As `ModuleHost.runHook`. */
	readonly run: (
		generation: ServingGeneration,
		hook: ServedHook,
		event: object,
		caller: Caller,
	) => object | Promise<object>;
	readonly logger: Logger;
}

type Outcome = "passed" | "refused" | "failed" | "dropped";

interface BoundHook {
	readonly generation: ServingGeneration;
	readonly hook: ServedHook;
}

/** Hooks of one point that run after something has happened; beyond it events are dropped, and counted. */
const MAX_NOTICES = 1000;
const RETRY_MS = 1000;
/** What is no answer of a hook: it failed. */
const FAILURES: ReadonlySet<ErrorCode> = new Set([ErrorCode.INTERNAL, ErrorCode.TIMEOUT, ErrorCode.UNAVAILABLE]);

export class HookTable {
	/** By point and outcome. */
	readonly counts = new Map<HookPoint, Record<Outcome, number>>();
	private readonly parts: HookTableParts;
	private readonly running = new Map<HookPoint, number>();

	constructor(parts: HookTableParts) {
		this.parts = parts;
	}

	/** From now on, hooks of these generations run. */
	serve(generations: readonly ServingGeneration[]): void {
		const bound = generations.flatMap((generation) => generation.parts.hooks.map((hook) => ({ generation, hook })));
		const at = (point: HookPoint): readonly BoundHook[] =>
			bound
				.filter(({ hook }) => hook.point === point)
				.sort((one, other) => {
					if (one.hook.order !== other.hook.order) return one.hook.order - other.hook.order;
					return one.generation.name < other.generation.name ? -1 : 1;
				});
		const { hooks } = this.parts;
		const [connect, disconnect, subscribe, login] = [at("connect"), at("disconnect"), at("subscribe"), at("login")];
		const [beforeMessage, afterMessage, register, room] = [
			at("beforeMessage"),
			at("afterMessage"),
			at("register"),
			at("room"),
		];
		hooks.connect = some(connect, (event) => this.guard(connect, connectionEvent(event), callerOf(event)));
		hooks.disconnect = some(disconnect, (event) => this.notify(disconnect, connectionEvent(event), callerOf(event)));
		hooks.subscribe = some(subscribe, (event) => this.guard(subscribe, subscribeEvent(event), callerOf(event)));
		hooks.login = some(login, (event) => this.guard(login, loginEvent(event), loginCaller(event)));
		hooks.register = some(register, (event) => this.guard(register, event, callerOf(event)));
		hooks.room = some(room, (event) => this.notify(room, roomEvent(event), callerOf({})));
		hooks.afterMessage = some(afterMessage, (event) => {
			this.notify(afterMessage, messageEvent(event), callerOf({ identity: event.sender }));
		});
		hooks.beforeMessage = some(beforeMessage, async (draft) => {
			let current = draft;
			await this.guard(
				beforeMessage,
				() => draftEvent(current),
				callerOf({ identity: draft.sender }),
				(value) => {
					if (value !== undefined) current = { ...current, content: contentOf(value) };
				},
			);
			return current.content;
		});
	}

	/** @param take - what a hook returned; what it throws counts as a failure of the hook. */
	private async guard(
		bound: readonly BoundHook[],
		event: object | (() => object),
		caller: Caller,
		take: (value: unknown) => void = () => {},
	): Promise<void> {
		for (const { generation, hook } of bound) {
			const own = { ...caller };
			try {
				const given = typeof event === "function" ? (event as () => object)() : event;
				const result = (await this.parts.run(generation, hook, given, own)) as { value?: unknown };
				take(result.value);
				this.count(hook.point, "passed");
			} catch (error) {
				const given = GatewayError.from(error);
				if (!FAILURES.has(given.code)) {
					this.count(hook.point, "refused");
					throw given;
				}
				this.failed(generation, hook, error, own);
				if (hook.onFailure === "refuse") throw unavailable(`the check of module ${generation.name}`, RETRY_MS, error);
			}
		}
	}

	private notify(bound: readonly BoundHook[], event: object, caller: Caller): void {
		for (const { generation, hook } of bound) {
			const running = this.running.get(hook.point) ?? 0;
			if (running >= MAX_NOTICES) {
				this.count(hook.point, "dropped");
				continue;
			}
			this.running.set(hook.point, running + 1);
			void this.runNotice(generation, hook, event, { ...caller });
		}
	}

	/** Never rejects. */
	private async runNotice(
		generation: ServingGeneration,
		hook: ServedHook,
		event: object,
		caller: Caller,
	): Promise<void> {
		try {
			await this.parts.run(generation, hook, event, caller);
			this.count(hook.point, "passed");
		} catch (error) {
			this.failed(generation, hook, error, caller);
		} finally {
			this.running.set(hook.point, (this.running.get(hook.point) ?? 1) - 1);
		}
	}

	/** @param caller - says on which generation it ran, which may be that of a canary. */
	private failed({ name, parts }: ServingGeneration, hook: ServedHook, error: unknown, caller: Caller): void {
		const { point, onFailure } = hook;
		this.count(point, "failed");
		const cause = error instanceof GatewayError ? (error.cause ?? error) : error;
		const outcome = HOOK_POINTS[point] === "notice" ? {} : { onFailure };
		const fields = { err: cause, module: name, generation: caller.generation ?? parts.number, hook: point, ...outcome };
		this.parts.logger.error(fields, "a hook of a module failed");
	}

	private count(point: HookPoint, outcome: Outcome): void {
		let counts = this.counts.get(point);
		if (counts === undefined) {
			counts = { passed: 0, refused: 0, failed: 0, dropped: 0 };
			this.counts.set(point, counts);
		}
		counts[outcome]++;
	}
}

const some = <Run>(bound: readonly BoundHook[], run: Run): Run | undefined => (bound.length === 0 ? undefined : run);

/** There is no identity before there is a session. */
const loginCaller = ({ userId, ip }: LoginHookEvent): Caller => ({ ...callerOf({ ip }), userId });

function callerOf({ identity, ip = "" }: { readonly identity?: Identity; readonly ip?: string }): Caller {
	return { identity, ip, traceId: "" };
}
