// Protocol Buffers' wire format written by hand, right and wrong: generated code cannot write what is wrong.

const INITIAL_BYTES = 4096;

export class WireBytes {
	private bytes = Buffer.alloc(INITIAL_BYTES);
	length = 0;

	clear(): void {
		this.length = 0;
	}

	/** A copy of what was written from `start` on. */
	copy(start = 0): Uint8Array {
		return new Uint8Array(this.bytes.subarray(start, this.length));
	}

	byte(value: number): void {
		this.reserve(1);
		this.bytes[this.length++] = value;
	}

	raw(bytes: Uint8Array): void {
		this.reserve(bytes.length);
		this.bytes.set(bytes, this.length);
		this.length += bytes.length;
	}

	fill(value: number, count: number): void {
		this.reserve(count);
		this.bytes.fill(value, this.length, this.length + count);
		this.length += count;
	}

	/** Any integer of up to 64 bits; negative ones as two's complement, as int32 and int64 are written. */
	varint(value: number): void {
		let rest = Number.isFinite(value) ? BigInt.asUintN(64, BigInt(Math.trunc(value))) : 0n;
		while (rest > 127n) {
			this.byte(Number(rest & 127n) | 128);
			rest >>= 7n;
		}
		this.byte(Number(rest));
	}

	/** A small one, as tags and lengths are. */
	uint32(value: number): void {
		let rest = value >>> 0;
		while (rest > 127) {
			this.byte((rest & 127) | 128);
			rest >>>= 7;
		}
		this.byte(rest);
	}

	tag(id: number, wireType: number): void {
		this.uint32((id << 3) | wireType);
	}

	double(value: number): void {
		this.reserve(8);
		this.length = this.bytes.writeDoubleLE(value, this.length);
	}

	float(value: number): void {
		this.reserve(4);
		this.length = this.bytes.writeFloatLE(value, this.length);
	}

	text(value: string): void {
		this.raw(Buffer.from(value));
	}

	/** Puts a length in front of what was written since `start`. @param lie - added to the true length. */
	delimit(start: number, lie = 0): void {
		const payload = this.copy(start);
		this.length = start;
		this.uint32(Math.max(0, payload.length + lie));
		this.raw(payload);
	}

	private reserve(count: number): void {
		if (this.length + count <= this.bytes.length) return;
		const larger = Buffer.alloc(Math.max(this.bytes.length * 2, this.length + count));
		this.bytes.copy(larger, 0, 0, this.length);
		this.bytes = larger;
	}
}
