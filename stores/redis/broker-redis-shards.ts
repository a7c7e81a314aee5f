// Which server a channel lives on: the only one there is, or one of the masters of a Cluster.
import { Cluster, type Redis } from "ioredis";
import type { RedisClient } from "./connection.ts";

const SLOTS = 16_384;
/** Between two looks at a Cluster's slots; many failures at once ask for one look. */
const REFRESH_PAUSE_MS = 200;

export class RedisShards {
	private readonly client: RedisClient;
	private nodes = new Map<string, Redis>();
	private refreshing: Promise<void> | undefined;

	/**
	 * @param onChange - called when slots may have moved, and once one server is known.
	 * @param onNode - called with each connection for commands to a master that is made.
	 */
	constructor(client: RedisClient, onChange: () => void, onNode: (node: Redis) => void) {
		this.client = client;
		if (!(client instanceof Cluster)) {
			onNode(client);
			client.on("ready", () => onNode(client));
			return;
		}
		const reindex = () => {
			this.nodes = new Map(client.nodes("master").map((node) => [`${node.options.host}:${node.options.port}`, node]));
		};
		client.on("+node", (node: Redis) => {
			reindex();
			// Using a replica's connection would open it, for nothing.
			if (!node.options.readOnly) onNode(node);
		});
		client.on("-node", reindex);
		client.on("refresh", () => {
			reindex();
			onChange();
		});
		for (const node of client.nodes("master")) onNode(node);
		reindex();
	}

	slotOf(key: string): number {
		return this.client instanceof Cluster ? slotOf(key) : 0;
	}

	/** The server that owns a slot, as `host:port`; undefined when nobody is known to. */
	ownerOf(slot: number): string | undefined {
		return this.client instanceof Cluster ? this.client.slots[slot]?.[0] : "";
	}

	/** All servers that own slots. */
	owners(): ReadonlySet<string> {
		if (!(this.client instanceof Cluster)) return new Set([""]);
		return new Set(this.client.slots.map((names) => names[0]).filter((name) => name !== undefined));
	}

	/** The connection for commands on a slot; undefined while it is down. */
	nodeOf(slot: number): Redis | undefined {
		if (!(this.client instanceof Cluster)) return this.client;
		return this.nodes.get(this.ownerOf(slot) ?? "");
	}

	/** A further connection to a server, which comes back by itself and keeps nothing in between. */
	connect(owner: string): Redis | undefined {
		const { client } = this;
		const own = { lazyConnect: false, enableOfflineQueue: false, autoResubscribe: false };
		if (!(client instanceof Cluster)) return client.duplicate(own);
		const colon = owner.lastIndexOf(":");
		return client.nodes()[0]?.duplicate({
			...own,
			host: owner.slice(0, colon),
			port: Number(owner.slice(colon + 1)),
			readOnly: false,
			retryStrategy: (attempt: number) => client.options.clusterRetryStrategy?.(attempt) ?? REFRESH_PAUSE_MS,
		});
	}

	/** Asks a Cluster who owns which slots; resolves after a pause, whatever came of it. */
	refresh(): Promise<void> {
		this.refreshing ??= this.look().finally(() => {
			this.refreshing = undefined;
		});
		return this.refreshing;
	}

	private async look(): Promise<void> {
		const { client } = this;
		if (client instanceof Cluster) {
			await new Promise<void>((resolve) => {
				client.refreshSlotsCache(() => resolve());
			});
		}
		await new Promise((resolve) => setTimeout(resolve, REFRESH_PAUSE_MS));
	}
}

/** CRC16 (XMODEM) of the hash tag, or of the whole key without one: Redis Cluster specification, "Key distribution model". */
export function slotOf(key: string): number {
	const open = key.indexOf("{");
	const end = open < 0 ? -1 : key.indexOf("}", open + 1);
	const bytes = Buffer.from(end > open + 1 ? key.slice(open + 1, end) : key);
	let crc = 0;
	for (const byte of bytes) {
		crc ^= byte << 8;
		for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
	}
	return crc % SLOTS;
}
