// Instances of Nacos, which are what it calls endpoints, and the settings that all of its protocols share.
import type { ListedEndpoint, Registration } from "../discovery-client.ts";
import type { ServerAddress } from "../server-address.ts";
import { textsOf } from "../texts.ts";
import type { TlsMaterial } from "../tls-files.ts";

export interface NacosOptions {
	readonly servers: readonly ServerAddress[];
	readonly tls: TlsMaterial;
	readonly namespace: string;
	readonly group: string;
	readonly cluster: string;
	readonly username: string | undefined;
	readonly password: string | undefined;
	/** Root path of the HTTP interface: `/nacos`. */
	readonly contextPath: string;
	/** What the port of gRPC has beyond the one of HTTP. */
	readonly grpcPortOffset: number;
	/** Of one request. */
	readonly timeoutMs: number;
	/** Between two beats, as the server is notified of them. */
	readonly heartbeatMs: number;
	/** Without a beat for so long, the server removes the instance. */
	readonly deregisterMs: number;
	/** Between two reads of a list that is not pushed; of one that is, ten times that. */
	readonly pollMs: number;
}

/** Nacos and its clients read these off an instance's metadata (PreservedMetadataKeys). */
const BEAT_INTERVAL = "preserved.heart.beat.interval";
const BEAT_TIMEOUT = "preserved.heart.beat.timeout";
const DELETE_TIMEOUT = "preserved.ip.delete.timeout";
/** Beats that may be missing before an instance counts as unhealthy. */
const MISSED_BEATS = 3;

/** The metadata of our own instance: the registration's, and how long Nacos waits for beats. */
export function metadataOf(registration: Registration, options: NacosOptions): Record<string, string> {
	const { heartbeatMs, deregisterMs } = options;
	return {
		...registration.metadata,
		[BEAT_INTERVAL]: `${heartbeatMs}`,
		[BEAT_TIMEOUT]: `${Math.min(MISSED_BEATS * heartbeatMs, deregisterMs)}`,
		[DELETE_TIMEOUT]: `${deregisterMs}`,
	};
}

/**
 * Instances as Nacos lists them, in every protocol.
 *
 * @throws Error when it is no list: an error in the place of one must not pass for an empty list.
 */
export function readInstances(hosts: unknown): ListedEndpoint[] {
	if (!Array.isArray(hosts)) throw new Error("Nacos sent no list of instances");
	return hosts.flatMap((host: unknown) => {
		if (typeof host !== "object" || host === null) return [];
		const { ip, port, weight, metadata, healthy, enabled } = host as Readonly<Record<string, unknown>>;
		if (typeof ip !== "string") return [];
		const isWeight = typeof weight === "number" && Number.isFinite(weight);
		return [
			{
				host: ip,
				port: Number(port),
				weight: isWeight ? weight : 1,
				metadata: textsOf(metadata),
				isUsable: healthy !== false && enabled !== false && weight !== 0,
			},
		];
	});
}

/** The name by which Nacos 1.x knows a service of a group. */
export function groupedName(group: string, service: string): string {
	return `${group}@@${service}`;
}
