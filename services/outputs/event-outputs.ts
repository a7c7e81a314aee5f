// The event sink: writes each event for the outputs that want it, in the form that each sends.
import { createHash } from "node:crypto";
import type { EventGroup, EventSink, GatewayEvent } from "../../messaging/event-sink.ts";
import type { EventWriter } from "./event-writer.ts";
import type { NewOutputEvent } from "./output-store.ts";

/** An output as events find it. */
export interface EventOutput {
	readonly name: string;
	readonly groups: ReadonlySet<EventGroup>;
	/** The event as it is sent; undefined: it cannot be sent. */
	readonly encode: (event: GatewayEvent) => Pick<NewOutputEvent, "key" | "body"> | undefined;
}

/** Characters of the columns that hold ids and keys. */
const MAX_TEXT = 190;

export class EventOutputs implements EventSink {
	private readonly outputs: readonly EventOutput[];
	private readonly wanted: ReadonlySet<EventGroup>;
	private readonly writer: EventWriter;

	constructor(outputs: readonly EventOutput[], writer: EventWriter) {
		this.outputs = outputs;
		this.wanted = new Set(outputs.flatMap(({ groups }) => [...groups]));
		this.writer = writer;
	}

	wants(group: EventGroup): boolean {
		return this.wanted.has(group);
	}

	async keep(event: GatewayEvent): Promise<void> {
		const events = this.eventsOf(event);
		if (events.length > 0) await this.writer.keep(events);
	}

	offer(event: GatewayEvent): void {
		const events = this.eventsOf(event);
		if (events.length > 0) this.writer.offer(events);
	}

	private eventsOf(event: GatewayEvent): readonly NewOutputEvent[] {
		const { kind, atMs } = event;
		const group = kind.slice(0, kind.indexOf(".")) as EventGroup;
		return this.outputs.flatMap(({ name, groups, encode }) => {
			if (!groups.has(group)) return [];
			const encoded = encode(event);
			if (encoded === undefined) {
				this.writer.dropOversized(name, kind);
				return [];
			}
			return [{ output: name, key: fitting(encoded.key), id: fitting(event.id), kind, body: encoded.body, atMs }];
		});
	}
}

/** A text that its column takes: what is longer is replaced by its digest. */
function fitting(value: string): string {
	return value.length <= MAX_TEXT ? value : createHash("sha256").update(value).digest("base64url");
}
