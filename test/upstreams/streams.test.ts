// Streams on connections: so many, as fast as they are read, and no longer than their client may have them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Identity } from "../../common/identity.ts";
import type { LiveSubscriber } from "../../messaging/live-audience.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { BackendStream, BackendStreamListener, StreamBackend } from "../../upstreams/routes/route-backend.ts";
import { type StreamPush, Streams } from "../../upstreams/streams.ts";
import { deferred } from "../support/deferred.ts";
import { rejectionOf } from "../support/rejection.ts";

const form = { fields: [], schema: {}, description: "" };
const call = {
	...{ body: new Uint8Array(), identity: undefined, ip: "", traceId: "", requestId: "", idempotencyKey: "" },
	deadlineMs: 1000,
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

class Subscriber {
	unread = 0;
	identity: Partial<Identity> | undefined = { permissions: new Set(["orders.watch"]) };
	readonly live = this as unknown as LiveSubscriber;

	bufferedBytes(): number {
		return this.unread;
	}
}

/** A stream that the test moves. */
class Source implements BackendStream {
	isPaused = true;
	isCancelled = false;
	readonly listener: BackendStreamListener;

	constructor(listener: BackendStreamListener) {
		this.listener = listener;
	}

	pause(): void {
		this.isPaused = true;
	}

	resume(): void {
		this.isPaused = false;
	}

	cancel(): void {
		this.isCancelled = true;
	}
}

function fixture({ maxStreams = 10, maxPerConnection = 5, maxSentBytes = 100 } = {}) {
	const sent: StreamPush[] = [];
	const sources: Source[] = [];
	const streams = new Streams({
		maxStreams,
		maxPerConnection,
		maxUnreadBytes: 1000,
		send: (_subscriber, push) => {
			if (push.body.length > maxSentBytes) return false;
			sent.push(push);
			return true;
		},
	});
	const backend: StreamBackend = {
		open: async (_call, listener) => {
			const source = new Source(listener);
			sources.push(source);
			return source;
		},
	};
	const open = async (subscriber: Subscriber, streamId: number, own = backend): Promise<void> => {
		await streams.open(subscriber.live, streamId, { permission: "orders.watch", backend: own, form }, call);
	};
	return { streams, sent, sources, open };
}

describe("streams", () => {
	it("begin behind the reply to their request, stop while their client does not read, and go on when it has", async () => {
		const { streams, sources, open } = fixture();
		const subscriber = new Subscriber();
		await open(subscriber, 1);
		const [source] = sources as [Source];
		assert.equal(source.isPaused, true);
		await turn();
		assert.equal(source.isPaused, false);
		subscriber.unread = 1001;
		source.listener.onMessage(new Uint8Array(1));
		source.listener.onMessage(new Uint8Array(1));
		assert.deepEqual([source.isPaused, streams.figures.pauses, streams.figures.messages], [true, 1, 2]);
		streams.onDrained(subscriber.live);
		assert.equal(source.isPaused, true);
		subscriber.unread = 1000;
		streams.onDrained(subscriber.live);
		assert.equal(source.isPaused, false);
	});

	it("are so many on a connection, and so many of all", async () => {
		const { streams, open } = fixture({ maxStreams: 3, maxPerConnection: 2 });
		const [ann, bob] = [new Subscriber(), new Subscriber()];
		await open(ann, 1);
		await open(ann, 2);
		assert.equal(((await rejectionOf(open(ann, 3))) as GatewayError).code, ErrorCode.RATE_LIMITED);
		await open(bob, 1);
		const refused = (await rejectionOf(open(bob, 2))) as GatewayError;
		assert.deepEqual([refused.code, refused.retryAfterMs], [ErrorCode.UNAVAILABLE, 1000]);
		assert.equal(streams.cancel(ann.live, 1), true);
		await open(bob, 2);
		assert.deepEqual([streams.size, streams.figures.refused], [3, 2]);
	});

	it("need a seq that no other stream of the connection has", async () => {
		const { open } = fixture();
		const subscriber = new Subscriber();
		await open(subscriber, 7);
		assert.equal(((await rejectionOf(open(subscriber, 7))) as GatewayError).code, ErrorCode.ALREADY_EXISTS);
		const none = (await rejectionOf(open(subscriber, 0))) as GatewayError;
		assert.deepEqual([none.code, none.violations[0]?.field], [ErrorCode.BAD_REQUEST, "seq"]);
	});

	it("end with their connection, also while they are being opened", async () => {
		const { streams, sources, open, sent } = fixture();
		const subscriber = new Subscriber();
		await open(subscriber, 1);
		const late = deferred<BackendStream>();
		const opening = rejectionOf(open(subscriber, 2, { open: () => late.promise }));
		streams.onClosed(subscriber.live);
		const source = new Source({ onMessage: () => {}, onEnd: () => {} });
		late.resolve(source);
		await opening;
		assert.deepEqual([sources[0]?.isCancelled, source.isCancelled, streams.size], [true, true, 0]);
		sources[0]?.listener.onMessage(new Uint8Array(1));
		await turn();
		assert.deepEqual(sent, []);
	});

	it("end with the permission of their route, and say so", async () => {
		const { streams, sources, open, sent } = fixture();
		const subscriber = new Subscriber();
		await open(subscriber, 1);
		streams.revalidate(subscriber.live);
		assert.equal(streams.size, 1);
		subscriber.identity = { permissions: new Set() };
		streams.revalidate(subscriber.live);
		assert.deepEqual([sources[0]?.isCancelled, streams.size], [true, 0]);
		assert.deepEqual([sent[0]?.end, sent[0]?.error?.code], [true, ErrorCode.PERMISSION_DENIED]);
	});

	it("end with an error at a message that is larger than what is sent", async () => {
		const { streams, sources, open, sent } = fixture();
		await open(new Subscriber(), 1);
		await turn();
		sources[0]?.listener.onMessage(new Uint8Array(101));
		assert.deepEqual([sources[0]?.isCancelled, streams.size], [true, 0]);
		assert.deepEqual([sent[0]?.end, sent[0]?.error?.code], [true, ErrorCode.UPSTREAM_FAILED]);
	});

	it("that cannot be opened are not there, and leave their place", async () => {
		const { streams, open } = fixture();
		const subscriber = new Subscriber();
		const broken = { open: () => Promise.reject(new GatewayError(ErrorCode.UNAVAILABLE, "no endpoint")) };
		assert.equal(((await rejectionOf(open(subscriber, 1, broken))) as GatewayError).code, ErrorCode.UNAVAILABLE);
		assert.equal(streams.size, 0);
		await open(subscriber, 1);
	});
});
