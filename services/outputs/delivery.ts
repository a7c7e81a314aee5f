// How an output delivers one event. Implementations: webhook-delivery.ts, mqtt-delivery.ts.
import type { OutputEvent } from "./output-store.ts";

export type DeliveryResult =
	/** The receiver has it. */
	| { readonly outcome: "delivered" }
	/** It may pass later. @param retryAfterMs - when the receiver says so. */
	| { readonly outcome: "failed"; readonly error: string; readonly retryAfterMs?: number | undefined }
	/** The receiver will never take this event. */
	| { readonly outcome: "rejected"; readonly error: string }
	/** The receiver cannot be reached by any event, which is not to be held against this one. */
	| { readonly outcome: "unavailable" };

export interface Delivery {
	/** Never throws. @param signal - ends it early; what it was doing counts as failed then. */
	deliver(event: OutputEvent, signal: AbortSignal): Promise<DeliveryResult>;
}
