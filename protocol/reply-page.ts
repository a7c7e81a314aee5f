// What one reply may carry, in the encoding that the client speaks: lists are filled until the reply reaches `PAGE_BYTES`, and
// what has no room is on the next page.
import type { MessageType } from "./contract.ts";
import { PAGE_BYTES, PAGE_RESERVE_BYTES } from "./message-bounds.ts";
import { JsonSizer, type MessageSizer, ProtobufSizer } from "./message-size.ts";

/** Tag and length of an item in a repeated field; more than the comma that it takes in JSON. */
const ITEM_BYTES = 6;

/** The bytes of one reply's items, whatever lists they are in. */
export class ReplyRoom {
	readonly maxBytes: number;
	private readonly sizer: MessageSizer;
	private bytes = 0;
	private isEmpty = true;

	/**
	 * @param encoding - `protobuf`, or else a text dialect.
	 * @param maxBytes - of all items together.
	 */
	constructor(encoding: string, maxBytes = PAGE_BYTES - PAGE_RESERVE_BYTES) {
		this.sizer = encoding === "protobuf" ? new ProtobufSizer() : new JsonSizer();
		this.maxBytes = maxBytes;
	}

	/** Takes room for what goes out beside the items. */
	reserve<Properties>(type: MessageType<unknown, Properties>, message: Properties): void {
		this.bytes += this.sizer.sizeOf(type, message);
	}

	/** Takes room for an item. @returns false, and takes nothing, when there is none. The first item always has. */
	take<Properties>(type: MessageType<unknown, Properties>, item: Properties): boolean {
		const bytes = this.sizer.sizeOf(type, item) + ITEM_BYTES;
		if (!this.isEmpty && this.bytes + bytes > this.maxBytes) return false;
		this.isEmpty = false;
		this.bytes += bytes;
		return true;
	}
}

/** One list of a reply. @typeParam Item - what services list. @typeParam Properties - what is sent of it. */
export class ReplyPage<Item, Properties> {
	/** What was taken, in its order. */
	readonly items: Properties[] = [];
	private readonly room: ReplyRoom;
	private readonly type: MessageType<unknown, Properties>;
	private readonly wire: (item: Item) => Properties;

	/**
	 * @param room - what the lists of one reply share; or the encoding of the only one.
	 * @param type - the message of one item.
	 */
	constructor(room: ReplyRoom | string, type: MessageType<unknown, Properties>, wire: (item: Item) => Properties) {
		this.room = typeof room === "string" ? new ReplyRoom(room) : room;
		this.type = type;
		this.wire = wire;
	}

	get maxBytes(): number {
		return this.room.maxBytes;
	}

	/** @returns false when the item has no room. */
	take(item: Item): boolean {
		const properties = this.wire(item);
		if (!this.room.take(this.type, properties)) return false;
		this.items.push(properties);
		return true;
	}
}
