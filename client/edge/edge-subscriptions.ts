// All subscriptions of a client: begins them, hands batches to them, and begins them again after a reconnect.
import {
	type DataBatch,
	edgeTelemetryPushes,
	edgeTelemetryRoutes,
	type SubscribeRequestProperties,
	type SubscriptionRevised,
} from "../../protocol/gen/codec/edge-telemetry.ts";
import type { ClientContext } from "../requests/client-context.ts";
import { RequestPacer } from "../requests/request-pacer.ts";
import type { RequestOptions } from "../requests/routes.ts";
import { EdgeSubscription } from "./edge-subscription.ts";

/** How long a new one waits at most for the gateway to take it, where many are begun at once. */
const MAX_PACED_MS = 60_000;
/** Batches kept while the reply that names their subscription is awaited. */
const MAX_HELD = 256;

export class EdgeSubscriptions {
	private readonly context: ClientContext;
	private readonly all = new Set<EdgeSubscription>();
	private readonly pacer = new RequestPacer();
	/** Counts connections: what is begun again for one of them is neither for the next nor for a closed client. */
	private generation = 0;
	/** Subscriptions with the same request share an id. */
	private readonly byId = new Map<string, Set<EdgeSubscription>>();
	private asking = 0;
	private held: DataBatch[] = [];
	private isListening = false;

	constructor(context: ClientContext) {
		this.context = context;
	}

	/** @throws GatewayError the server's error, or TIMEOUT; the signal's reason when it aborts. */
	async open(request: SubscribeRequestProperties, options: RequestOptions = {}): Promise<EdgeSubscription> {
		this.listen();
		const subscription = new EdgeSubscription(request, {
			resync: (subId) => this.resync(subId),
			close: (closed) => this.close(closed),
			onError: this.context.onError,
		});
		const { timeoutMs } = options;
		const deadlineMs = performance.now() + (timeoutMs ?? MAX_PACED_MS);
		const attempt = () => {
			// What was waited is gone from the time that the caller allows.
			const left = timeoutMs === undefined ? {} : { timeoutMs: Math.max(1, deadlineMs - performance.now()) };
			return this.begin(subscription, { ...options, ...left });
		};
		await this.pacer.run(edgeTelemetryRoutes.subscribe.name, attempt, { deadlineMs, signal: options.signal });
		this.all.add(subscription);
		return subscription;
	}

	private listen(): void {
		if (this.isListening) return;
		this.isListening = true;
		this.context.on(edgeTelemetryPushes.dataBatch, (batch) => this.take(batch));
		this.context.on(edgeTelemetryPushes.subscriptionRevised, (revised) => this.revise(revised));
		this.context.onReady(() => this.beginAgain());
		this.context.onClosed(() => this.generation++);
	}

	private async begin(subscription: EdgeSubscription, options: RequestOptions): Promise<void> {
		this.asking++;
		try {
			const reply = await this.context.request(edgeTelemetryRoutes.subscribe, subscription.request, options);
			subscription.begin(reply);
			const { subId } = subscription;
			const sharing = this.byId.get(subId) ?? new Set();
			this.byId.set(subId, sharing.add(subscription));
		} finally {
			this.asking--;
			this.release();
		}
	}

	/** Pushes may overtake the reply that names their subscription. */
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

	/** Signed in again: the gateway has none of the subscriptions. */
	private beginAgain(): void {
		this.byId.clear();
		const generation = ++this.generation;
		for (const subscription of this.all) {
			subscription.interrupt();
			const attempt = () => this.resume(subscription, generation);
			// Whatever it is, the next connection tries again.
			this.pacer.run(edgeTelemetryRoutes.subscribe.name, attempt).catch(this.context.onError);
		}
	}

	private async resume(subscription: EdgeSubscription, generation: number): Promise<void> {
		if (generation !== this.generation || !this.all.has(subscription)) return;
		await this.begin(subscription, {});
		// Closed meanwhile, when there was nothing to unsubscribe from yet.
		if (!this.all.has(subscription)) await this.close(subscription);
	}

	private resync(subId: string): void {
		if (subId !== "") this.context.request(edgeTelemetryRoutes.resync, { subId }).catch(this.context.onError);
	}

	private async close(subscription: EdgeSubscription): Promise<void> {
		this.all.delete(subscription);
		const { subId } = subscription;
		const sharing = this.byId.get(subId);
		sharing?.delete(subscription);
		if (subId === "" || sharing === undefined || sharing.size > 0) return;
		this.byId.delete(subId);
		await this.context.request(edgeTelemetryRoutes.unsubscribe, { subId });
	}
}
