// The subscribers of one channel that take differences between publications. A difference refers to the publication before, so
// that a connection gets differences only from the moment on at which it has that one: until then it gets whole publications.
import type { Publication } from "../../messaging/broker.ts";
import type { DeltaCodec } from "../../messaging/publisher.ts";
import type { Connection } from "../connection.ts";
import { deltaTopic } from "../encoding.ts";
import type { DeltaMemory } from "./delta-memory.ts";

export interface DeltaSubscribersOptions {
	readonly codec: DeltaCodec;
	readonly publish: (topic: string, frame: Uint8Array) => void;
	readonly memory: DeltaMemory;
}

export class DeltaSubscribers {
	private readonly channel: string;
	private readonly options: DeltaSubscribersOptions;
	/** Those who have the last publication. */
	private readonly current = new Set<Connection>();
	/** Those who wait for a whole publication. */
	private readonly waiting = new Set<Connection>();
	/** The last publication; undefined until there is one, and where memory does not suffice: then the next is whole for everybody. */
	private last: Publication | undefined;

	constructor(channel: string, options: DeltaSubscribersOptions) {
		this.channel = channel;
		this.options = options;
	}

	get size(): number {
		return this.current.size + this.waiting.size;
	}

	/** @param hasLast - the connection has been sent the channel's last publication, whole. */
	add(connection: Connection, hasLast: boolean): void {
		this.current.delete(connection);
		this.waiting.delete(connection);
		if (hasLast) this.current.add(connection);
		else this.waiting.add(connection);
		connection.takeDeltas(this.channel, hasLast);
	}

	/** The connection takes whole publications from now on, if it is subscribed. */
	delete(connection: Connection): void {
		this.waiting.delete(connection);
		if (this.current.delete(connection)) connection.takeDeltas(this.channel, false);
	}

	/** Call when the publication was sent, whole, to the channel's topic. */
	publish(publication: Publication): void {
		const { options, last } = this;
		if (this.current.size > 0) {
			const isNext = last?.epoch === publication.epoch && last.offset === publication.offset - 1;
			const frame = isNext ? options.codec.encode(last.frame, publication.frame) : publication.frame;
			options.publish(deltaTopic(this.channel), frame);
		}
		this.keep(publication);
		if (this.waiting.size === 0) return;
		for (const connection of this.waiting) {
			this.current.add(connection);
			connection.takeDeltas(this.channel, true);
		}
		this.waiting.clear();
	}

	/** Sends what is no publication to those who would not get it otherwise. */
	send(frame: Uint8Array): void {
		if (this.current.size > 0) this.options.publish(deltaTopic(this.channel), frame);
	}

	/** Releases the last publication: no subscriber takes differences any more. */
	close(): void {
		this.keep(undefined);
	}

	private keep(publication: Publication | undefined): void {
		const { memory } = this.options;
		if (this.last !== undefined) memory.release(this.last.frame.length);
		this.last = publication !== undefined && memory.take(publication.frame.length) ? publication : undefined;
	}
}
