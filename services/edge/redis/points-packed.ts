// What the read script packs: an array of strings in MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md),
// be it a hash, field and value in turn, or the replies of all hashes.

/** Goes through the strings of one packed array, without copying them. */
export class PackedStrings {
	/** Where the string of the last `next` begins and ends. */
	start = 0;
	end = 0;
	/** How many are left. */
	left = 0;
	private readonly bytes: Uint8Array;
	private at = 0;

	/** @throws Error when it is no array. */
	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
		const tag = bytes[0] as number;
		if (tag >= 0x90 && tag <= 0x9f) {
			this.left = tag & 0x0f;
			this.at = 1;
		} else if (tag === 0xdc) {
			this.left = this.number(1, 2);
			this.at = 3;
		} else if (tag === 0xdd) {
			this.left = this.number(1, 4);
			this.at = 5;
		} else {
			throw new Error("the box packed something other than a hash");
		}
	}

	/** On to the next string. @throws Error when it is none. */
	next(): void {
		const tag = this.bytes[this.at] as number;
		if (tag >= 0xa0 && tag <= 0xbf) this.place(1, tag & 0x1f);
		else if (tag === 0xd9) this.place(2, this.number(this.at + 1, 1));
		else if (tag === 0xda) this.place(3, this.number(this.at + 1, 2));
		else if (tag === 0xdb) this.place(5, this.number(this.at + 1, 4));
		else throw new Error("the box packed something other than strings");
		this.left--;
	}

	private place(headerBytes: number, length: number): void {
		this.start = this.at + headerBytes;
		this.end = this.start + length;
		this.at = this.end;
		if (this.end > this.bytes.length) throw new Error("the box packed less than it said");
	}

	private number(from: number, count: number): number {
		let value = 0;
		for (let index = from; index < from + count; index++) value = value * 256 + (this.bytes[index] as number);
		return value;
	}
}
