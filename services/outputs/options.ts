// Options of outputs: the section `outputs` of the configuration.
import * as z from "zod";
import { bytes, field, flag, integer, milliseconds, optionalText, section } from "../../common/option-fields.ts";
import { urlWith } from "../../common/option-urls.ts";
import type { OptionsOf } from "../../common/options.ts";
import { isLoopbackHost } from "../../common/private-addresses.ts";
import { eventGroups } from "../../messaging/event-sink.ts";

const HOUR_MS = 3_600_000;

/** `mqtt` is the name of the broker's output. */
const webhookName = z
	.string()
	.regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, "expected 1 to 32 lower-case letters, digits, dashes or underscores")
	.refine((name) => name !== "mqtt", "is the name of another output");

const webhook = z
	.strictObject({
		name: webhookName,
		url: z.string().max(2048),
		secret: z.string().min(1).max(8192).optional(),
		secretFile: z.string().min(1).max(4096).optional(),
		events: z.array(z.enum(eventGroups)).min(1).max(eventGroups.length),
		private: z.boolean().default(false),
		timeoutMs: z.int().min(100).max(60_000).default(10_000),
		concurrency: z.int().min(1).max(64).default(8),
	})
	.superRefine((given, context) => {
		const message = problemOfUrl(given.url, given.private);
		if (message !== undefined) context.addIssue({ code: "custom", path: ["url"], message });
	});

function problemOfUrl(value: string, isPrivate: boolean): string | undefined {
	if (!URL.canParse(value)) return "expected a URL of the form https://…";
	const { protocol, hostname, username, password } = new URL(value);
	if (username !== "" || password !== "") return "must hold no credentials: requests are signed with the secret";
	if (protocol === "https:") return undefined;
	if (protocol === "http:" && (isPrivate || isLoopbackHost(hostname))) return undefined;
	return "expected a URL of the form https://…; http:// is for endpoints with private: true";
}

/** What is read of one source: its channels, all points of the usual data types. */
const telemetrySelection = z.strictObject({
	source: z.string().max(64).default(""),
	channels: z.array(z.int().min(0).max(0xffffffff)).min(1).max(1000),
	points: z.array(z.int().min(0).max(0xffffffff)).max(1000).default([]),
});

export const mqttSection = section({
	url: field(urlWith(["mqtt://", "mqtts://"]).optional(), {
		description: "Broker that telemetry, alarms and results of commands go to. Without it there is none.",
		url: true,
	}),
	username: optionalText({ description: "User name at the broker." }),
	password: optionalText({ description: "Password at the broker.", secret: true }),
	caFile: optionalText({
		description: "Certificates of authorities for `mqtts://`, PEM, in the place of the system's.",
	}),
	certFile: optionalText({ description: "Certificate of the gateway for `mqtts://`, PEM; with keyFile." }),
	keyFile: optionalText({ description: "Private key of the certificate, PEM." }),
	version: field(z.enum(["3.1.1", "5"]).default("5"), {
		description: "Version of MQTT. Only 5 says when the broker does not permit a topic.",
	}),
	clientId: field(
		z
			.string()
			.regex(/^[A-Za-z0-9_-]{1,64}$/, "expected 1 to 64 letters, digits, - or _")
			.optional(),
		{
			description: "Client id at the broker. Without it, framegate and a random part.",
		},
	),
	topicPrefix: field(
		z
			.string()
			.regex(/^[^#+\s/\0]+(\/[^#+\s/\0]+)*$/)
			.max(128)
			.default("framegate"),
		{
			description: "Topics begin with it: `framegate/telemetry/…`.",
		},
	),
	format: field(z.enum(["json", "protobuf"]).default("json"), {
		description: "Payloads: the messages of the protocol as their JSON or as Protocol Buffers.",
	}),
	alarms: flag({ description: "Publish changes of alarms.", default: true }),
	commands: flag({ description: "Publish the results of commands.", default: true }),
	telemetry: field(z.array(telemetrySelection).max(100).default([]), {
		description:
			"What of the boxes is published: `{source, channels, points}`. Each channel and data type has a topic of its own, with all points named, or all that it has.",
	}),
	telemetryIntervalMs: milliseconds({
		description: "How often telemetry is read; what has changed is published.",
		min: 100,
		max: HOUR_MS,
		default: 1000,
	}),
	keepaliveMs: milliseconds({ description: "Interval of MQTT's own pings.", min: 1000, max: HOUR_MS, default: 30_000 }),
	maxInFlight: integer({
		description: "Messages that are sent and not acknowledged by the broker.",
		min: 1,
		max: 1000,
		default: 20,
	}),
	maxPayloadBytes: bytes({
		description: "Largest payload; what is larger is not published, and counted as oversized.",
		min: 1024,
		max: 131_072,
		default: 131_072,
	}),
	maxPendingBytes: bytes({
		description:
			"Bytes that wait on disk while the broker is unreachable. Beyond it the oldest telemetry is removed, then nothing is added.",
		min: 65_536,
		max: 1_099_511_627_776,
		default: 67_108_864,
	}),
});

export const outputsSection = section({
	webhooks: field(z.array(webhook).max(20).default([]), {
		description:
			"HTTP endpoints that events are posted to: `{name, url, secret | secretFile, events, private, timeoutMs, concurrency}`. " +
			"`events` holds groups: message, user, room, game, alarm, command.",
		secret: true,
	}),
	maxPendingEvents: integer({
		description: "Events of one webhook that wait on disk; beyond it further ones are dropped, and counted.",
		min: 100,
		max: 100_000_000,
		default: 100_000,
	}),
	maxPendingBytes: bytes({
		description: "Bytes of them, the same.",
		min: 1_048_576,
		max: 1_099_511_627_776,
		default: 268_435_456,
	}),
	maxAttempts: integer({
		description: "Attempts to deliver an event to a webhook; then it is a dead letter.",
		min: 1,
		max: 1000,
		default: 20,
	}),
	firstRetryMs: milliseconds({
		description: "Pause after the first failed attempt; it doubles with each further one.",
		min: 10,
		max: HOUR_MS,
		default: 1000,
	}),
	maxRetryMs: milliseconds({ description: "Longest pause.", min: 10, max: 24 * HOUR_MS, default: 300_000 }),
	maxDeadLetters: integer({
		description: "Dead letters of one webhook; beyond it the oldest are removed.",
		min: 0,
		max: 10_000_000,
		default: 10_000,
	}),
	deadLetterKeptMs: milliseconds({
		description: "How long dead letters are kept.",
		min: 60_000,
		default: 7 * 24 * HOUR_MS,
	}),
	leaseMs: milliseconds({
		description: "Lease of the node that delivers; when it dies, another one takes over after this time.",
		min: 1000,
		max: 600_000,
		default: 10_000,
	}),
	pollIntervalMs: milliseconds({
		description: "How often events of other nodes are looked for.",
		min: 10,
		max: 60_000,
		default: 500,
	}),
	mqtt: mqttSection,
});

export type OutputsOptions = OptionsOf<typeof outputsSection>;
export type MqttOptions = OutputsOptions["mqtt"];
type WebhookEntry = OutputsOptions["webhooks"][number];
/** A webhook with the content of its secret's file. */
export type Webhook = Omit<WebhookEntry, "secret" | "secretFile"> & { readonly secret: string };
