// Telemetry to an MQTT broker: what has changed is read at an interval and published by the node that delivers. While everything is up
// it goes to the broker as it is; once something waits, on disk behind it, so that the last value of a topic is the newest.
import { createHash } from "node:crypto";
import { batches } from "../../common/batches.ts";
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import type { EventWriter } from "./event-writer.ts";
import { type MqttPublisher, TELEMETRY } from "./mqtt-delivery.ts";
import type { OutputRelay } from "./output-relay.ts";

/** The points of one channel and data type. */
export interface TelemetrySample {
	/** `local/comsrv/1001/telemetry`: the rest of its topic. */
	readonly path: string;
	/** ChannelUpdate of the protocol. */
	readonly body: Uint8Array;
}

export interface TelemetrySource {
	/** What has changed since it was read last. @throws GatewayError UNAVAILABLE. */
	changed(): Promise<readonly TelemetrySample[]>;
	/** Everything counts as changed. */
	forget(): void;
}

export interface MqttTelemetryServices {
	readonly source: TelemetrySource | undefined;
	readonly link: MqttPublisher & { open(): void; close(): Promise<void>; onUp(listener: () => void): void };
	readonly relay: Pick<OutputRelay, "isHeld" | "isDrained" | "wake">;
	readonly writer: Pick<EventWriter, "offer" | "dropOversized">;
	/** A ChannelUpdate as it is sent; undefined when it is too large. */
	readonly encode: (body: Uint8Array) => Uint8Array | undefined;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface MqttTelemetryOptions {
	/** Of the output. */
	readonly name: string;
	readonly topicPrefix: string;
	readonly intervalMs: number;
	readonly maxInFlight: number;
}

export class MqttTelemetry {
	/** Published without the detour by the disk. */
	published = 0;
	private readonly services: MqttTelemetryServices;
	private readonly options: MqttTelemetryOptions;
	private readonly rounds: PeriodicTask;

	constructor(services: MqttTelemetryServices, options: MqttTelemetryOptions) {
		this.services = services;
		this.options = options;
		this.rounds = new PeriodicTask({
			intervalMs: options.intervalMs,
			run: () => this.round(),
			onError: (error) => services.logger.debug({ err: error }, "reading telemetry for MQTT failed; will retry"),
		});
		services.link.onUp(() => {
			services.relay.wake();
			// The broker may have lost what it retained.
			services.source?.forget();
		});
	}

	start(): void {
		this.rounds.start();
		void this.rounds.run();
	}

	async close(): Promise<void> {
		await this.rounds.close();
	}

	private async round(): Promise<void> {
		const { relay, link, source } = this.services;
		// Of all nodes one is connected: that which delivers.
		if (!relay.isHeld) {
			await link.close();
			source?.forget();
			return;
		}
		link.open();
		if (source === undefined) return;
		for (const batch of batches(await source.changed(), this.options.maxInFlight)) {
			await Promise.all(batch.map((sample) => this.publish(sample)));
		}
	}

	private async publish({ path, body }: TelemetrySample): Promise<void> {
		const { link, relay, writer, encode, clock, logger } = this.services;
		const { name, topicPrefix } = this.options;
		const topic = `${topicPrefix}/telemetry/${path}`;
		const payload = encode(body);
		if (payload === undefined) {
			writer.dropOversized(name, TELEMETRY);
			return;
		}
		if (link.isUp && relay.isDrained) {
			try {
				await link.publish(topic, payload, true);
				this.published++;
				return;
			} catch (error) {
				logger.debug({ err: error, topic }, "publishing telemetry failed; it is kept on disk");
			}
		}
		const atMs = clock.now();
		const id = createHash("sha256").update(`${topic} ${atMs}`).digest("base64url");
		writer.offer([{ output: name, key: topic, id, kind: TELEMETRY, body: payload, atMs }]);
	}
}
