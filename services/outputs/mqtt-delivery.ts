// Delivers events to an MQTT broker. The key of an event is its topic; the last telemetry of each topic is retained.
import type { Delivery, DeliveryResult } from "./delivery.ts";
import type { OutputEvent } from "./output-store.ts";

/** The kind of events that are values: the latest one of a topic is the one that counts. */
export const TELEMETRY = "telemetry";

export interface MqttPublisher {
	readonly isUp: boolean;
	publish(topic: string, payload: Uint8Array, retain: boolean): Promise<void>;
}

export class MqttDelivery implements Delivery {
	private readonly link: MqttPublisher;
	private readonly isRejection: (error: unknown) => boolean;

	/** @param isRejection - whether an error means that the broker never takes the message. */
	constructor(link: MqttPublisher, isRejection: (error: unknown) => boolean) {
		this.link = link;
		this.isRejection = isRejection;
	}

	async deliver(event: OutputEvent): Promise<DeliveryResult> {
		if (!this.link.isUp) return { outcome: "unavailable" };
		try {
			await this.link.publish(event.key, event.body, event.kind === TELEMETRY);
			return { outcome: "delivered" };
		} catch (error) {
			const { message } = error as Error;
			if (this.isRejection(error)) return { outcome: "rejected", error: message };
			return this.link.isUp ? { outcome: "failed", error: message } : { outcome: "unavailable" };
		}
	}
}
