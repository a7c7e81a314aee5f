// The edge part of the client, with a gateway that a test scripts.

import type { Recovery } from "../../client/channels/channels.ts";
import { edgePart } from "../../client/edge/edge.ts";
import type { ClientContext } from "../../client/requests/client-context.ts";
import type { RequestOptions } from "../../client/requests/routes.ts";
import type { AnyPushContract, AnyRouteContract } from "../../protocol/contract.ts";
import { edgeTelemetryRoutes } from "../../protocol/gen/schema.ts";

interface Asked {
	readonly name: string;
	readonly properties: Record<string, unknown>;
}

/** The client around the edge part, with a gateway that a test scripts. */
export class EdgeFixture {
	readonly asked: Asked[] = [];
	/** The timeouts that the requests were made with. */
	readonly timeoutsMs: (number | undefined)[] = [];
	readonly errors: unknown[] = [];
	readonly unsubscribed: string[] = [];
	/** Answers by route; may throw. */
	answers: Record<string, (properties: Record<string, unknown>) => unknown> = {};
	private readonly listeners = new Map<number, ((message: unknown) => void)[]>();
	private readonly ready: (() => void)[] = [];
	private readonly closed: (() => void)[] = [];
	private readonly recoveries: ((recovery: Recovery) => void)[] = [];
	readonly edge = edgePart({
		request: async (contract: AnyRouteContract, properties: Record<string, unknown>, options?: RequestOptions) => {
			this.asked.push({ name: contract.name, properties });
			this.timeoutsMs.push(options?.timeoutMs);
			await Promise.resolve();
			return (await this.answers[contract.name]?.(properties)) ?? {};
		},
		on: (push: AnyPushContract, listener: (message: unknown) => void) => {
			this.listeners.set(push.number, [...(this.listeners.get(push.number) ?? []), listener]);
			return () => {};
		},
		onRecovery: (listener: (recovery: Recovery) => void) => {
			this.recoveries.push(listener);
			return () => {};
		},
		onReady: (listener: () => void) => {
			this.ready.push(listener);
			return () => {};
		},
		onClosed: (listener: () => void) => {
			this.closed.push(listener);
			return () => {};
		},
		unsubscribe: (channel: string) => this.unsubscribed.push(channel),
		onError: (error: unknown) => this.errors.push(error),
	} as unknown as ClientContext);

	close(): void {
		for (const listener of this.closed) listener();
	}

	push(push: AnyPushContract, message: object): void {
		for (const listener of this.listeners.get(push.number) ?? []) listener(message);
	}

	signInAgain(): void {
		for (const listener of this.ready) listener();
	}

	recover(recovery: Recovery): void {
		for (const listener of this.recoveries) listener(recovery);
	}

	names(): string[] {
		return this.asked.map(({ name }) => name);
	}
}

/** Lets promises that are settled take effect. */
export async function settled(): Promise<void> {
	for (let i = 0; i < 20; i++) await Promise.resolve();
}

export async function subscribed(fixture: EdgeFixture, subId = "v1") {
	fixture.answers[edgeTelemetryRoutes.subscribe.name] = () => ({ subId, subscribed: [1], revisedIntervalMs: 1000 });
	return await fixture.edge.subscribe({ channels: [1] });
}
