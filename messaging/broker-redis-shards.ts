// Which server a channel lives on: the only one there is, or one of the masters of a Cluster.

import { Cluster, type Redis } from "ioredis";
import { SingleFlight } from "../common/single-flight.ts";
import type { RedisConnection } from "../stores/redis/connection.ts";
import { MasterTags, mastersOf, slotOf } from "../stores/redis/hash-slots.ts";
import type { RedisClient } from "../stores/redis/redis-client.ts";

/** Between two reads of a Cluster's slots; many failures at once lead to one read. */
const REFRESH_PAUSE_MS = 200;

/** The name of the only server there is. */
const ONLY = "";

export class RedisShards {
	private readonly redis: RedisConnection;
	private readonly client: RedisClient;
	private readonly tags = new MasterTags();
	private nodes = new Map<string, Redis>();
	private readonly reads = new SingleFlight(() => this.readSlots());

	/**
	 * @param onChange - called when slots may have moved, and once one server is known.
	 * @param onNode - called with each connection for commands to a master that is made.
	 */
	constructor(redis: RedisConnection, onChange: () => void, onNode: (node: Redis) => void) {
		const { client } = redis;
		this.redis = redis;
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

	/** The server that owns a slot, as `host:port`; undefined when it is not known. */
	ownerOf(slot: number): string | undefined {
		return this.client instanceof Cluster ? this.client.slots[slot]?.[0] : ONLY;
	}

	/** All servers that own slots. */
	owners(): ReadonlySet<string> {
		return this.client instanceof Cluster ? mastersOf(this.client.slots) : new Set([ONLY]);
	}

	/** All servers that own slots, each with a hash tag of a key that lives there. */
	tagsOfOwners(): ReadonlyMap<string, string> {
		return this.client instanceof Cluster ? this.tags.of(this.client.slots) : new Map([[ONLY, "0"]]);
	}

	/** The connections for commands of all servers that own slots, as far as they are up. */
	connections(): readonly Redis[] {
		return this.client instanceof Cluster ? [...this.nodes.values()] : [this.client];
	}

	/** The connection for commands on a slot; undefined while it is down. */
	nodeOf(slot: number): Redis | undefined {
		if (!(this.client instanceof Cluster)) return this.client;
		return this.nodes.get(this.ownerOf(slot) ?? "");
	}

	/** A further connection to a server, which does not come back once it has ended. */
	open(owner: string): Redis | undefined {
		if (owner === ONLY) return this.redis.open();
		const colon = owner.lastIndexOf(":");
		return this.redis.open({ host: owner.slice(0, colon), port: Number(owner.slice(colon + 1)) });
	}

	/** Reads the owners of slots from a Cluster; resolves after a pause, also when that failed. */
	refresh(): Promise<void> {
		return this.reads.run();
	}

	private async readSlots(): Promise<void> {
		const { client } = this;
		if (client instanceof Cluster) {
			await new Promise<void>((resolve) => {
				client.refreshSlotsCache(() => resolve());
			});
		}
		await new Promise((resolve) => setTimeout(resolve, REFRESH_PAUSE_MS));
	}
}
