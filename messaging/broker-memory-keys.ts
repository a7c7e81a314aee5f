// Which publications of the channels in this process are known by a key, so that a repeat is not published again.
import { type ChannelPosition, otherContent, type Published, type PublishKey } from "./broker.ts";

/** Keys known at most; beyond it those recorded first are forgotten. */
const MAX_KEYS = 400_000;
/** Expired keys that a new one forgets: more than come, so that those of a busy time do not stay. */
const FORGOTTEN_PER_KEY = 2;

interface Known {
	readonly position: ChannelPosition;
	readonly print: string;
	readonly untilMs: number;
}

export class PublishKeys {
	/** In the order in which they were recorded. */
	private readonly known = new Map<string, Known>();

	/** What was published under the key, unless that was too long ago. @throws GatewayError VALIDATION_FAILED when it was something else. */
	find(channel: string, { key, print = "" }: PublishKey, nowMs: number): Published | undefined {
		const known = this.known.get(nameOf(channel, key));
		if (known === undefined || known.untilMs <= nowMs) return undefined;
		if (known.print !== print) throw otherContent();
		return { ...known.position, isRepeat: true };
	}

	record(channel: string, { key, keptMs, print = "" }: PublishKey, position: ChannelPosition, nowMs: number): void {
		const name = nameOf(channel, key);
		this.known.delete(name);
		this.known.set(name, { position, print, untilMs: nowMs + keptMs });
		let left = FORGOTTEN_PER_KEY;
		for (const [oldest, { untilMs }] of this.known) {
			if (left-- === 0 || (untilMs > nowMs && this.known.size <= MAX_KEYS)) return;
			this.known.delete(oldest);
		}
	}

	clear(): void {
		this.known.clear();
	}
}

/** A space is in no channel's name. */
function nameOf(channel: string, key: string): string {
	return `${channel} ${key}`;
}
