// The Kafka library: loaded when Kafka is configured, and what every client of it is made with.
import { isIP } from "node:net";
import type * as Library from "@platformatic/kafka";
import { TlsFiles, type TlsMaterial } from "../../common/tls-files.ts";
import type { KafkaOptions } from "./options.ts";

export type KafkaLibrary = typeof Library;

/** Nothing else loads it. */
export function loadKafka(): Promise<KafkaLibrary> {
	return import("@platformatic/kafka");
}

/** What producers and consumers have in common. */
export interface ClientSettings {
	readonly clientId: string;
	readonly bootstrapBrokers: string[];
	readonly connectTimeout: number;
	readonly timeout: number;
	readonly autocreateTopics: false;
	/** The library copies it for each connection, so that this takes what the files hold then. */
	readonly tls?: TlsMaterial;
	/** The name that is called goes with the handshake, as brokers behind one address need it. */
	readonly tlsServerName?: true;
	readonly sasl?: {
		readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
		readonly username: string;
		readonly password: string;
	};
}

/**
 * @param files - what `kafka.tls` names; they may be renewed.
 * @throws Error when a file cannot be used.
 */
export function clientSettings(
	options: KafkaOptions,
	files = options.tls.enabled ? new TlsFiles("kafka.tls", options.tls) : undefined,
): ClientSettings {
	const { brokers, clientId, connectTimeoutMs, requestTimeoutMs, sasl } = options;
	const { mechanism } = sasl;
	return {
		clientId,
		bootstrapBrokers: [...brokers],
		connectTimeout: connectTimeoutMs,
		timeout: requestTimeoutMs,
		// A mistyped name would otherwise become a topic, with one replica.
		autocreateTopics: false,
		...(files !== undefined && {
			tls: files.material,
			// An IP address is no name there (RFC 6066, section 3).
			...(brokers.every((broker) => isIP(hostOf(broker)) === 0) && { tlsServerName: true }),
		}),
		...(mechanism !== "none" && {
			sasl: { mechanism, username: sasl.username ?? "", password: sasl.password ?? "" },
		}),
	};
}

function hostOf(broker: string): string {
	return broker.slice(0, broker.lastIndexOf(":")).replace(/^\[|\]$/g, "");
}

/** Ids of the protocol's errors (`MESSAGE_TOO_LARGE`) and codes of the library's (`PLT_KFK_AUTHENTICATION`) in an error and its causes. */
export function errorIds(error: unknown, found: Set<string> = new Set(), depth = 0): Set<string> {
	if (!(error instanceof Error) || depth > MAX_DEPTH) return found;
	const { apiId, code, errors } = error as { apiId?: unknown; code?: unknown; errors?: unknown };
	for (const id of [apiId, code]) if (typeof id === "string") found.add(id);
	if (error.message.startsWith("Unknown topic ")) found.add("UNKNOWN_TOPIC_OR_PARTITION");
	if (error.message === "Broker requires TLS.") found.add(TLS_FAILURE);
	if (typeof code === "string" && TLS_CODE.test(code)) found.add(TLS_FAILURE);
	if (Array.isArray(errors)) for (const each of errors.slice(-MAX_CAUSES)) errorIds(each, found, depth + 1);
	return errorIds(error.cause, found, depth + 1);
}

/** What `errorIds` adds for whatever is wrong with TLS or a certificate. */
export const TLS_FAILURE = "TLS_FAILURE";
/** Of Node and OpenSSL: `CERT_HAS_EXPIRED`, `ERR_TLS_CERT_ALTNAME_INVALID`, `UNABLE_TO_VERIFY_LEAF_SIGNATURE` and so on. */
const TLS_CODE =
	/^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$)/;

const MAX_DEPTH = 6;
/** The last attempts say most. */
const MAX_CAUSES = 20;

/** The message of the innermost error that has one: the outer ones of the library only count attempts. */
export function innermost(error: unknown, depth = 0): Error {
	const inner = (error as { errors?: unknown[] }).errors?.at(-1) ?? (error as Error).cause;
	if (inner instanceof Error && depth < MAX_DEPTH) return innermost(inner, depth + 1);
	return error instanceof Error ? error : new Error(String(error));
}

/** What operators read. Of a certificate that a broker refuses, the library has no more than the end of the connection. */
export function problemOf(error: unknown, { tls }: Pick<ClientSettings, "tls">): Error {
	const cause = innermost(error);
	if (tls === undefined || !cause.message.startsWith("Connection closed")) return cause;
	return new Error(
		`${cause.message}; brokers that ask for a certificate may not accept the gateway's (kafka.tls.certFile)`,
		{
			cause,
		},
	);
}
