// The keys of one service, kept up to date: read once, then watched from the revision behind what was read. After an outage the watch
// goes on from the last revision that was seen, on whichever member answers; where that revision is compacted, or the cluster is
// an older one than before, everything is read again.
import { setTimeout as sleep } from "node:timers/promises";
import { Backoff } from "../../../common/backoff.ts";
import type { FeedListener, FeedSubscription, ListedEndpoint } from "../discovery-client.ts";
import type { RpcStream } from "../grpc-connection.ts";
import { PacedReport } from "../paced-report.ts";
import type { EtcdConnection } from "./etcd-connection.ts";
import {
	type KeyValue,
	prefixEnd,
	rangeReply,
	rangeRequest,
	type WatchReply,
	watchReply,
	watchRequest,
} from "./etcd-messages.ts";

export interface EtcdWatchOptions {
	readonly connection: Pick<EtcdConnection, "call" | "stream">;
	readonly prefix: string;
	readonly maxKeys: number;
	readonly listener: FeedListener;
	readonly endpointsOf: (keyValues: Iterable<KeyValue>) => readonly ListedEndpoint[];
}

const BACKOFF = { firstMs: 100, maxMs: 5_000 };

/** Why a stream has ended: everything has to be read again, or it goes on where it was. */
type Outcome = "read-again" | "resume";

export class EtcdWatch implements FeedSubscription {
	private readonly options: EtcdWatchOptions;
	private readonly closing = new AbortController();
	private readonly backoff = new Backoff(BACKOFF);
	private readonly keys = new Map<string, KeyValue>();
	/** The last one whose events are all known; undefined before the first read. */
	private revision: number | undefined;
	private isAvailable = true;
	private readonly reporting = new PacedReport(() => this.report());
	private readonly running: Promise<void>;

	constructor(options: EtcdWatchOptions) {
		this.options = options;
		this.running = this.run();
	}

	async close(): Promise<void> {
		this.closing.abort();
		this.reporting.close();
		await this.running;
	}

	private async run(): Promise<void> {
		const { signal } = this.closing;
		while (!signal.aborted) {
			try {
				if (this.revision === undefined) await this.read();
				if (signal.aborted) return;
				if ((await this.watch()) === "read-again") this.revision = undefined;
			} catch (error) {
				if (signal.aborted) return;
				this.isAvailable = false;
				this.options.listener.onUnavailable(error as Error);
				await sleep(this.backoff.next(), undefined, { signal, ref: false }).catch(() => undefined);
			}
		}
	}

	private async read(): Promise<void> {
		const { connection, prefix, maxKeys } = this.options;
		const message = rangeRequest(prefix, prefixEnd(prefix), maxKeys);
		const { revision, keyValues } = rangeReply(await connection.call("/etcdserverpb.KV/Range", message));
		this.keys.clear();
		for (const keyValue of keyValues) this.keys.set(keyValue.key, keyValue);
		this.revision = revision;
		this.isAvailable = true;
		this.backoff.reset();
		this.reporting.request();
	}

	/** Watches until the stream ends. @throws Error when it ended because the server could not be reached. */
	private async watch(): Promise<Outcome> {
		const { connection, prefix } = this.options;
		const { signal } = this.closing;
		let stream: RpcStream | undefined;
		let onAbort = (): void => {};
		try {
			return await new Promise<Outcome>((resolve, reject) => {
				onAbort = () => resolve("resume");
				signal.addEventListener("abort", onAbort);
				const onMessage = (message: Buffer) => {
					try {
						const outcome = this.onReply(watchReply(message));
						if (outcome !== undefined) resolve(outcome);
					} catch (error) {
						reject(error as Error);
					}
				};
				connection.stream("/etcdserverpb.Watch/Watch", { onMessage, onEnd: reject }).then((opened) => {
					if (signal.aborted) return opened.cancel();
					stream = opened;
					stream.write(watchRequest(prefix, (this.revision as number) + 1));
				}, reject);
			});
		} finally {
			signal.removeEventListener("abort", onAbort);
			stream?.cancel();
		}
	}

	/** @returns why the watch is over; undefined while it goes on. @throws Error when the server has ended it. */
	private onReply(reply: WatchReply): Outcome | undefined {
		const known = this.revision as number;
		if (reply.isCanceled) {
			if (reply.compactRevision > 0) return "read-again";
			throw new Error(`etcd ended the watch: ${reply.cancelReason}`);
		}
		if (reply.isCreated) {
			// A cluster that was restored from a backup counts from there, and would be silent until it has caught up.
			if (reply.revision < known) return "read-again";
			this.backoff.reset();
			if (!this.isAvailable) this.options.listener.onAvailable();
			this.isAvailable = true;
			return undefined;
		}
		for (const { isDelete, keyValue } of reply.events) {
			if (isDelete) this.keys.delete(keyValue.key);
			else if (this.keys.has(keyValue.key) || this.keys.size < this.options.maxKeys)
				this.keys.set(keyValue.key, keyValue);
		}
		// The rest of a revision would be missing after a resume behind it.
		if (!reply.isFragment) {
			this.revision = Math.max(known, reply.revision);
			if (reply.events.length > 0) this.reporting.request();
		}
		return undefined;
	}

	private report(): void {
		this.options.listener.onList(this.options.endpointsOf(this.keys.values()));
	}
}
