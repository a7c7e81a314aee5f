// All subscriptions of a client: begins them, hands batches to them, and begins them again after a reconnect.
import {
	type DataBatch,
	edgeTelemetryRoutes,
	pushes,
	type SubscribeRequestProperties,
	type SubscriptionRevised,
} from "../../protocol/gen/schema.ts";
import type { ClientContext } from "../requests/client-context.ts";
import { PacedRequests } from "../requests/request-pacer.ts";
import type { RequestOptions } from "../requests/routes.ts";
import { EdgeSubscription } from "./edge-subscription.ts";

/** How long a new one waits at most for the gateway to take it, where many are begun at once. */
const MAX_PACED_MS = 60_000;
/** Batches kept while the reply that names their subscription is awaited. */
const MAX_HELD = 256;

export class EdgeSubscriptions {
	private readonly caller: ClientContext;
	private readonly all = new Set<EdgeSubscription>();
	private readonly paced = new PacedRequests();
	/** Counts connections: what is begun again for one of them is neither for the next nor for a closed client. */
	private generation = 0;
	/** Those who asked for the same share an id. */
	private readonly byId = new Map<string, Set<EdgeSubscription>>();
	private asking = 0;
	private held: DataBatch[] = [];
	private isListening = false;

	constructor(caller: ClientContext) {
		this.caller = caller;
	}

	/** @throws GatewayError the server's refusal, or TIMEOUT; the signal's reason when it aborts. */
	async open(request: SubscribeRequestProperties, options: RequestOptions = {}): Promise<EdgeSubscription> {
		this.listen();
		const subscription = new EdgeSubscription(request, {
			resync: (subId) => this.resync(subId),
			close: (closed) => this.close(closed),
			onError: this.caller.onError,
		});
		const { timeoutMs } = options;
		const deadlineMs = performance.now() + (timeoutMs ?? MAX_PACED_MS);
		const attempt = () => {
			// What was waited is gone from the time that the caller allows.
			const left = timeoutMs === undefined ? {} : { timeoutMs: Math.max(1, deadlineMs - performance.now()) };
			return this.begin(subscription, { ...options, ...left });
		};
		await this.paced.run(edgeTelemetryRoutes.subscribe.name, attempt, { deadlineMs, signal: options.signal });
		this.all.add(subscription);
		return subscription;
	}

	private listen(): void {
		if (this.isListening) return;
		this.isListening = true;
		this.caller.on(pushes.dataBatch, (batch) => this.take(batch));
		this.caller.on(pushes.subscriptionRevised, (revised) => this.revise(revised));
		this.caller.onReady(() => this.beginAgain());
		this.caller.onClosed(() => this.generation++);
	}

	private async begin(subscription: EdgeSubscription, options: RequestOptions): Promise<void> {
		this.asking++;
		try {
			const reply = await this.caller.request(edgeTelemetryRoutes.subscribe, subscription.request, options);
			subscription.begin(reply);
			const { subId } = subscription;
			const sharing = this.byId.get(subId) ?? new Set();
			this.byId.set(subId, sharing.add(subscription));
		} finally {
			this.asking--;
			this.release();
		}
	}

	/** Pushes may overtake the reply that says whose they are. */
	private release(): void {
		const held = this.held;
		this.held = [];
		for (const batch of held) this.take(batch);
	}

	private take(batch: DataBatch): void {
		const sharing = this.byId.get(batch.subId ?? "");
		if (sharing !== undefined) {
			for (const subscription of sharing) subscription.take(batch);
			return;
		}
		if (this.asking === 0) return;
		this.held.push(batch);
		if (this.held.length > MAX_HELD) this.held.shift();
	}

	private revise(revised: SubscriptionRevised): void {
		const subId = revised.subId ?? "";
		for (const subscription of this.byId.get(subId) ?? []) {
			subscription.revise(revised);
			if (revised.ended) this.all.delete(subscription);
		}
		if (revised.ended) this.byId.delete(subId);
	}

	/** Signed in anew: the gateway knows of none of them. */
	private beginAgain(): void {
		this.byId.clear();
		const generation = ++this.generation;
		for (const subscription of this.all) {
			subscription.interrupt();
			const attempt = () => this.resume(subscription, generation);
			// Whatever it is, the next connection tries again.
			this.paced.run(edgeTelemetryRoutes.subscribe.name, attempt).catch(this.caller.onError);
		}
	}

	private async resume(subscription: EdgeSubscription, generation: number): Promise<void> {
		if (generation !== this.generation || !this.all.has(subscription)) return;
		await this.begin(subscription, {});
		// Closed meanwhile, when there was nothing to unsubscribe from yet.
		if (!this.all.has(subscription)) await this.close(subscription);
	}

	private resync(subId: string): void {
		if (subId !== "") this.caller.request(edgeTelemetryRoutes.resync, { subId }).catch(this.caller.onError);
	}

	private async close(subscription: EdgeSubscription): Promise<void> {
		this.all.delete(subscription);
		const { subId } = subscription;
		const sharing = this.byId.get(subId);
		sharing?.delete(subscription);
		if (subId === "" || sharing === undefined || sharing.size > 0) return;
		this.byId.delete(subId);
		await this.caller.request(edgeTelemetryRoutes.unsubscribe, { subId });
	}
}
