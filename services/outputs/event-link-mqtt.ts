// The connection to an MQTT broker: one at a time, opened again after a pause that doubles. What is in flight when it ends has failed,
// and is its sender's to repeat: the library itself keeps nothing for later. It is loaded when there is a broker.
import { readFileSync } from "node:fs";
import type { IClientOptions, MqttClient } from "mqtt";
import type { Logger } from "../../common/logger.ts";

export interface MqttLinkOptions {
	readonly url: string;
	readonly username?: string | undefined;
	readonly password?: string | undefined;
	readonly caFile?: string | undefined;
	readonly certFile?: string | undefined;
	readonly keyFile?: string | undefined;
	readonly version: "3.1.1" | "5";
	readonly clientId: string;
	readonly keepaliveMs: number;
	/** Topic of the gateway's own state: `online`, or `offline` by the broker when the connection ends; retained. */
	readonly statusTopic: string;
}

const CONNECT_WITHIN_MS = 10_000;
const ACKNOWLEDGED_WITHIN_MS = 20_000;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** A connection that ends sooner is as good as none: the pause before the next one goes on growing. */
const STABLE_MS = 10_000;
/** Nothing is subscribed to: acknowledgements are all that comes, and a longer packet is a fault of the broker. */
const MAX_PACKET_BYTES = 256 * 1024;

export class MqttLink {
	private readonly options: MqttLinkOptions;
	private readonly logger: Logger;
	private readonly upListeners: (() => void)[] = [];
	private client: MqttClient | undefined;
	private connected = false;
	private wanted = false;
	private upAtMs = 0;
	private pauseMs = FIRST_PAUSE_MS;
	private timer: NodeJS.Timeout | undefined;
	private isLogged = false;

	constructor(options: MqttLinkOptions, logger: Logger) {
		this.options = options;
		this.logger = logger;
	}

	get isUp(): boolean {
		return this.connected;
	}

	/** Called with each new connection. Must not throw. */
	onUp(listener: () => void): void {
		this.upListeners.push(listener);
	}

	/** Connects, and keeps it so; without effect while it does. */
	open(): void {
		if (this.wanted) return;
		this.wanted = true;
		void this.connect();
	}

	/** Says `offline` and ends the connection. It may be opened again. */
	async close(): Promise<void> {
		this.wanted = false;
		clearTimeout(this.timer);
		const { client } = this;
		if (client === undefined) return;
		if (this.connected)
			await this.publish(this.options.statusTopic, Buffer.from("offline"), true).catch(() => undefined);
		this.down();
		client.end(true);
	}

	/**
	 * Sends a message with quality of service 1.
	 *
	 * @returns when the broker has acknowledged it.
	 * @throws MqttRejection when the broker does not take it; Error when there is no connection, or it ends before.
	 */
	async publish(topic: string, payload: Uint8Array, retain: boolean): Promise<void> {
		const { client } = this;
		if (client === undefined || !this.connected) throw new Error("there is no connection to the broker");
		let timer: NodeJS.Timeout | undefined;
		const timeout = new Promise<never>((_, reject) => {
			timer = setTimeout(() => {
				reject(new Error("the broker does not acknowledge"));
				this.ended(client);
			}, ACKNOWLEDGED_WITHIN_MS);
		});
		try {
			const sending = client.publishAsync(topic, Buffer.from(payload), { qos: 1, retain });
			const packet = await Promise.race([sending, timeout]);
			refuse((packet as { readonly reasonCode?: unknown } | undefined)?.reasonCode);
		} catch (error) {
			refuse((error as { readonly code?: unknown }).code);
			throw error;
		} finally {
			clearTimeout(timer);
		}
	}

	private async connect(): Promise<void> {
		try {
			// CommonJS: bundled, it has a default export and no others.
			const { default: mqtt } = await import("mqtt");
			if (!this.wanted) return;
			const client = mqtt.connect(this.options.url, this.clientOptions());
			this.client = client;
			client.on("connect", () => this.up(client));
			client.on("error", (error) => this.ended(client, error));
			client.on("close", () => this.ended(client));
			this.boundPackets(client);
		} catch (error) {
			this.logOutage(error);
			this.retryLater();
		}
	}

	private clientOptions(): IClientOptions {
		const { version, clientId, username, password, caFile, certFile, keyFile, keepaliveMs, statusTopic } = this.options;
		return {
			protocolVersion: version === "5" ? 5 : 4,
			clientId,
			clean: true,
			keepalive: Math.max(1, Math.round(keepaliveMs / 1000)),
			connectTimeout: CONNECT_WITHIN_MS,
			// Connections are opened again here, so that nothing of the one before is sent again behind our back.
			reconnectPeriod: 0,
			queueQoSZero: false,
			resubscribe: false,
			...(version === "5" && { properties: { maximumPacketSize: MAX_PACKET_BYTES } }),
			will: { topic: statusTopic, payload: Buffer.from("offline"), qos: 1, retain: true },
			...(username !== undefined && { username }),
			...(password !== undefined && { password }),
			...(caFile !== undefined && { ca: readFileSync(caFile) }),
			...(certFile !== undefined && { cert: readFileSync(certFile) }),
			...(keyFile !== undefined && { key: readFileSync(keyFile) }),
		};
	}

	/** The library would keep a packet of up to 256 MiB until it is whole. */
	private boundPackets(client: MqttClient): void {
		let pendingBytes = 0;
		client.on("packetreceive", () => {
			pendingBytes = 0;
		});
		client.stream.on("data", (chunk: Buffer) => {
			pendingBytes += chunk.length;
			if (pendingBytes > MAX_PACKET_BYTES) this.ended(client, new Error("the broker sends a packet that is too large"));
		});
	}

	private up(client: MqttClient): void {
		if (this.client !== client || !this.wanted) return;
		this.connected = true;
		this.upAtMs = performance.now();
		if (this.isLogged) this.logger.info({}, "the MQTT broker is reachable again");
		this.isLogged = false;
		void this.publish(this.options.statusTopic, Buffer.from("online"), true).catch(() => undefined);
		for (const listener of this.upListeners) listener();
	}

	private ended(client: MqttClient, error = new Error("the connection ended")): void {
		// What was not acknowledged ends with an error, for its sender.
		client.end(true);
		if (this.client !== client) return;
		if (this.connected && performance.now() - this.upAtMs > STABLE_MS) this.pauseMs = FIRST_PAUSE_MS;
		this.down();
		if (!this.wanted) return;
		this.logOutage(error);
		this.retryLater();
	}

	private down(): void {
		this.client = undefined;
		this.connected = false;
	}

	private retryLater(): void {
		clearTimeout(this.timer);
		// A part of it by chance, so that the gateways of a plant do not come together.
		this.timer = setTimeout(() => void this.connect(), this.pauseMs * (0.75 + Math.random() / 4));
		this.pauseMs = Math.min(MAX_PAUSE_MS, this.pauseMs * 2);
	}

	private logOutage(error: unknown): void {
		if (this.isLogged || !this.wanted) return;
		this.isLogged = true;
		this.logger.warn({ err: error }, "the MQTT broker is unreachable; events are kept on disk");
	}
}

/** The broker does not take this message, however often it is sent. */
export class MqttRejection extends Error {}

/** MQTT 5, section 3.4.2.1: not authorized, topic name invalid, payload format invalid. What else it says may pass. */
const REJECTIONS: ReadonlySet<number> = new Set([0x87, 0x90, 0x99]);

/** @throws MqttRejection for a reason code that is one. */
function refuse(code: unknown): void {
	if (typeof code === "number" && REJECTIONS.has(code))
		throw new MqttRejection(`the broker answers with reason code ${code}`);
}
