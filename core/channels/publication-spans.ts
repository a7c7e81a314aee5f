// Spans of publications: one where a push is published, and one under it on each node that delivers it. The frame carries the context from
// the one to the other, also into the log of its channel.
import type { Span, Tracer } from "../../common/tracing.ts";
import type { Broker, Publication, Published, PublishOptions } from "../../messaging/broker.ts";
import { EnvelopeReader } from "../../protocol/envelope.ts";

const SYSTEM = "framegate";

/** What a channel is, without whose: what is before the colon, as in `room:` and `user:`. */
function kindOf(channel: string): string {
	const colon = channel.indexOf(":");
	return colon < 0 ? "channel" : channel.slice(0, colon);
}

function destination(channel: string) {
	const kind = kindOf(channel);
	return { kind, attributes: { "messaging.system": SYSTEM, "messaging.destination.template": `${kind}:{id}` } };
}

/** @returns undefined when what runs now is not recorded. */
export function publicationSpan(tracer: Tracer, channel: string, push: string): Span | undefined {
	const scope = tracer.current();
	if (scope === undefined) return undefined;
	const { kind, attributes } = destination(channel);
	return scope.child(`publish ${kind}`, "producer", {
		...attributes,
		"messaging.operation.name": "publish",
		"messaging.operation.type": "send",
		"framegate.push": push,
	});
}

/** Publishes within the span. */
export async function publishRecorded(
	tracer: Tracer,
	span: Span,
	broker: Broker,
	{ channel, frame, options }: { channel: string; frame: Uint8Array; options: PublishOptions },
): Promise<Published> {
	span.set("messaging.message.envelope.size", frame.length);
	// Begun in this turn: the frame is the writer's until the next push.
	const publishing = tracer.run(span, () => broker.publish(channel, frame, { ...options, countsNodes: true }));
	try {
		const published = await publishing;
		if (published.isRepeat === true) span.set("framegate.repeated", true);
		else if (published.nodes !== undefined) span.set("framegate.nodes", published.nodes);
		span.end();
		return published;
	} catch (error) {
		span.end(error instanceof Error ? error.name : "Error");
		throw error;
	}
}

/** Begins the spans of what is delivered here. */
export class DeliverySpans {
	private readonly tracer: Tracer;
	private readonly reader = new EnvelopeReader();

	constructor(tracer: Tracer) {
		this.tracer = tracer;
	}

	/** @returns undefined for a publication that is not recorded. */
	begin(channel: string, { frame }: Publication, subscribers: number): Span | undefined {
		if (!this.reader.read(frame)) return undefined;
		const { context } = this.reader;
		if (context === undefined || !context.isSampled) return undefined;
		const { kind, attributes } = destination(channel);
		return this.tracer.begin(`deliver ${kind}`, "consumer", context, {
			...attributes,
			"messaging.operation.name": "deliver",
			"messaging.operation.type": "process",
			"framegate.subscribers": subscribers,
		});
	}
}
