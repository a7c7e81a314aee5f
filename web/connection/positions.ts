// Where a client stands in its recoverable channels: learned from replies and pushes, presented when it connects again.
import { isObject, type Json, messageNamed, textOf } from "../protocol/catalog.ts";

/** Positions that one Connect presents at most. */
const MAX_POSITIONS = 1000;

export interface Position {
	readonly offset: number;
	readonly epoch: string;
}

export interface Recovery {
	readonly channel: string;
	readonly recovered: boolean;
	readonly offset: number;
	readonly epoch: string;
}

export class Positions {
	private readonly byChannel = new Map<string, Position>();

	get size(): number {
		return this.byChannel.size;
	}

	/** Of a push. Its channel is one that the connection is subscribed to. */
	push(channel: string, position: Position): void {
		if (channel !== "" && position.epoch !== "") this.keep(channel, position);
	}

	/** Takes every position that a reply names, wherever it is in it. */
	reply(message: string, body: Json): void {
		for (const recovery of recoveriesIn(message, body)) {
			if (recovery.epoch === "") this.byChannel.delete(recovery.channel);
			else this.keep(recovery.channel, recovery);
		}
	}

	has(channel: string): boolean {
		return this.byChannel.has(channel);
	}

	clear(): void {
		this.byChannel.clear();
	}

	/** As Connect takes them. */
	presented(): { readonly channel: string; readonly offset: string; readonly epoch: string }[] {
		return [...this.byChannel].map(([channel, { offset, epoch }]) => ({ channel, offset: String(offset), epoch }));
	}

	private keep(channel: string, { offset, epoch }: Position): void {
		if (!this.byChannel.has(channel) && this.byChannel.size >= MAX_POSITIONS) return;
		this.byChannel.set(channel, { offset, epoch });
	}
}

/** Every place in a channel that a message names: fields `channel`, `offset` and `epoch`, in it or in one inside of it. */
export function recoveriesIn(message: string, body: Json): Recovery[] {
	if (!isObject(body)) return [];
	const { fields } = messageNamed(message);
	const has = (name: string): boolean => fields.some((field) => field.name === name);
	const own: Recovery[] = [];
	if (has("channel") && has("offset") && has("epoch")) {
		const { channel = "", epoch = "", offset = 0 } = body;
		const recovered = !has("recovered") || body["recovered"] === true;
		own.push({ channel: textOf(channel), epoch: textOf(epoch), offset: Number(offset), recovered });
	}
	const nested = fields.flatMap((field) => {
		if (field.type !== "message" || field.cardinality === "map") return [];
		const value = body[field.name];
		const items = Array.isArray(value) ? value : [value ?? null];
		return items.flatMap((item: Json) => recoveriesIn(field.of ?? "", item));
	});
	return [...own.filter(({ channel }) => channel !== ""), ...nested];
}
