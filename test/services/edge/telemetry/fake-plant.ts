// A box whose points a test holds in its hand, and connections that keep what they are sent.

import type { Identity } from "../../../../common/identity.ts";
import type { LiveSubscriber, LiveTopics } from "../../../../messaging/live-audience.ts";
import { unavailable } from "../../../../protocol/error.ts";
import {
	DataBatch,
	DataType,
	Envelope,
	pushContracts,
	Quality,
	type SourceStatus,
	type SubscriptionRevised,
} from "../../../../protocol/gen/schema.ts";
import type { Box, BoxCondition } from "../../../../services/edge/boxes/box.ts";
import {
	type BoxPoints,
	emptyReading,
	type KeyReading,
	type KeyRequest,
	KeyState,
	type NumberColumns,
	type PointKey,
	type PointReading,
	pointKeyText,
} from "../../../../services/edge/boxes/box-points.ts";

/** Columns, as a real box returns them for hashes of numbers. */
function columnsOf(points: readonly PointReading[]): NumberColumns | undefined {
	const values: number[] = [];
	for (const { value } of points) if (typeof value === "number") values.push(value);
	if (values.length < points.length) return undefined;
	return { ids: points.map(({ pointId }) => pointId), values, times: undefined };
}

export class FakePoints implements BoxPoints {
	readonly requests: (readonly KeyRequest[])[] = [];
	readonly watched: (readonly PointKey[])[] = [];
	isAway = false;
	/** While set, reads wait for it. */
	gate: Promise<void> | undefined;
	private readonly readings = new Map<string, KeyReading>();
	private listener: (keyText: string) => void = () => {};

	/** Values by point id; undefined takes the key away. */
	put(
		channel: number,
		values: Record<number, PointReading["value"]> | undefined,
		writtenMs = 0,
		type = DataType.TELEMETRY,
	) {
		const key = { family: "comsrv", channel, type };
		if (values === undefined) this.readings.delete(pointKeyText(key));
		else {
			const points = Object.entries(values).map(([id, value]): PointReading => {
				const quality = value === undefined ? Quality.BAD : Quality.GOOD;
				return { pointId: Number(id), value, flags: 0, sourceMs: 0, quality };
			});
			const reading = { key, state: KeyState.PRESENT, reason: "", points, writtenMs, newestMs: writtenMs };
			const numbers = columnsOf(points);
			this.readings.set(pointKeyText(key), numbers === undefined ? reading : { ...reading, numbers });
		}
	}

	fail(channel: number, reason: string): void {
		const key = { family: "comsrv", channel, type: DataType.TELEMETRY };
		this.readings.set(pointKeyText(key), emptyReading(key, KeyState.FAILED, reason));
	}

	announce(channel: number): void {
		this.listener(pointKeyText({ family: "comsrv", channel, type: DataType.TELEMETRY }));
	}

	async read(requests: readonly KeyRequest[]): Promise<readonly KeyReading[]> {
		this.requests.push(requests);
		await this.gate;
		if (this.isAway) throw unavailable("the box", 1000);
		return requests.map(({ key }) => {
			return this.readings.get(pointKeyText(key)) ?? emptyReading(key, KeyState.MISSING, "no such key");
		});
	}

	async channels() {
		return { channels: [], nextCursor: "" };
	}

	watch(keys: readonly PointKey[]): void {
		this.watched.push(keys);
	}

	onChange(listener: (keyText: string) => void): void {
		this.listener = listener;
	}
}

export class FakePlant {
	readonly points = new FakePoints();
	private readonly listeners: ((condition: BoxCondition) => void)[] = [];
	readonly box: Box;

	constructor(name = "plant") {
		const types = [DataType.TELEMETRY, DataType.SIGNAL];
		this.box = {
			name,
			sources: [{ family: "comsrv", types, writableTypes: [] }],
			condition: { state: "up", reason: "", sinceMs: 0 },
			points: this.points,
			onCondition: (listener: (condition: BoxCondition) => void) => this.listeners.push(listener),
		} as unknown as Box;
	}

	/** Comes or goes, as a real box does: reads fail before it is said. */
	turn(state: BoxCondition["state"]): void {
		this.points.isAway = state !== "up";
		const condition = { state, reason: state === "up" ? "" : "connection refused", sinceMs: 5 };
		(this.box as { condition: BoxCondition }).condition = condition;
		for (const listener of this.listeners) listener(condition);
	}
}

/** Everybody who joined, and the publishing to them. */
export class Audience implements LiveTopics {
	readonly published: { readonly topic: string; readonly bytes: Uint8Array }[] = [];
	readonly listeners = new Map<string, Set<Listener>>();

	publish(topic: string, frame: Uint8Array): void {
		const bytes = new Uint8Array(frame);
		this.published.push({ topic, bytes });
		for (const listener of this.listeners.get(topic) ?? []) listener.take(bytes);
	}
}

let lastId = 0;

export class Listener implements LiveSubscriber {
	readonly id = ++lastId;
	isOpen = true;
	readonly identity: Identity | undefined;
	buffered = 0;
	/** How often it was asked what it has waiting. */
	looks = 0;
	readonly batches: DataBatch[] = [];
	readonly statuses: SourceStatus[] = [];
	readonly revisions: SubscriptionRevised[] = [];
	readonly frames: Uint8Array[] = [];
	private readonly audience: Audience;

	/** @param userId - "": nobody in particular, who is one user. */
	constructor(audience: Audience, userId = "") {
		this.audience = audience;
		this.identity = userId === "" ? undefined : identityOf(userId);
	}

	bufferedBytes(): number {
		this.looks++;
		return this.buffered;
	}

	push(frame: Uint8Array): void {
		this.take(new Uint8Array(frame));
	}

	join(topic: string): void {
		const listeners = this.audience.listeners.get(topic) ?? new Set();
		this.audience.listeners.set(topic, listeners.add(this));
	}

	leave(topic: string): void {
		this.audience.listeners.get(topic)?.delete(this);
	}

	take(bytes: Uint8Array): void {
		this.frames.push(bytes);
		const { protocol, body } = Envelope.decode(bytes);
		const message = pushContracts.get(protocol)?.message.decode(body ?? new Uint8Array());
		if (message instanceof DataBatchClass) this.batches.push(message as DataBatch);
		else if (protocol === 4505) this.statuses.push(message);
		else if (protocol === 4506) this.revisions.push(message);
	}

	/** Batches since the last call, each as `kind:seq` and its values by point. */
	received(): {
		readonly kind: number;
		readonly seq: number;
		readonly dropped: number;
		readonly values: Record<string, unknown>;
	}[] {
		return this.batches.splice(0).map(({ kind, seq, updates, dropped }) => ({
			kind: kind ?? 0,
			seq: Number(seq ?? 0),
			dropped: dropped ?? 0,
			values: Object.fromEntries(
				(updates ?? []).flatMap(({ channelId, points, quality }) =>
					points?.length
						? points.map(({ pointId, num, str, bool, quality: own }) => {
								const value = num ?? str ?? bool ?? null;
								return [`${channelId}.${pointId}`, own ? [value, own] : value];
							})
						: [[String(channelId), quality ?? 0]],
				),
			),
		}));
	}
}

const DataBatchClass = DataBatch.decode(new Uint8Array()).constructor as new () => DataBatch;

function identityOf(userId: string): Identity {
	const same = { sessionId: userId, userId, username: userId, deviceId: "", roles: ["viewer"] };
	return { ...same, permissions: new Set(["edge.read"]), expiresAtMs: Number.MAX_SAFE_INTEGER };
}
