// Binary envelopes of every route: well-formed requests, and the same with something wrong in a field, in the envelope or
// in the bytes.
import { badUtf8, hostileNumber, hostileText } from "./hostile-values.ts";
import type { FieldPlan, MessagePlan, Plans } from "./message-plan.ts";
import type { Random } from "./random.ts";
import { type Known, presentFields, soundEnum, soundNumber, soundText } from "./sound-values.ts";
import { WireBytes } from "./wire-bytes.ts";

const MAX_DEPTH = 6;
/** How many of the fields are wrong, in a frame of each sort. */
const HEATS = [0, 0.05, 0.15, 0.3, 0.5] as const;

export class BinaryFrames {
	private readonly plans: Plans;
	private readonly known: Known;
	private readonly body = new WireBytes();
	private readonly frame = new WireBytes();
	private random: Random;
	private heat = 0;

	constructor(plans: Plans, known: Known, random: Random) {
		this.plans = plans;
		this.known = known;
		this.random = random;
	}

	/** @param seq - of the request, if the envelope is left alone. */
	next(random: Random, seq: number): Uint8Array {
		this.random = random;
		this.heat = random.pick(HEATS);
		const route = random.pick(this.plans.routes);
		const swapped = this.heat > 0 && random.oneIn(20) ? random.pick(this.plans.routes) : route;
		this.body.clear();
		this.message(this.body, swapped.request, 0);
		const body = this.body.copy();
		// An envelope that cannot be read ends the connection, so that most of the damage is done within.
		this.envelope(route.number, seq, this.heat > 0 && random.oneIn(4) ? this.damaged(body) : body);
		const bytes = this.frame.copy();
		return this.heat > 0 && random.oneIn(100) ? this.damaged(bytes) : bytes;
	}

	private envelope(number: number, seq: number, body: Uint8Array): void {
		const { frame, random } = this;
		const isWrong = (times: number) => this.heat > 0 && random.oneIn(times);
		frame.clear();
		frame.tag(1, 0);
		frame.varint(isWrong(20) ? hostileNumber(random) : number);
		frame.tag(2, 0);
		frame.varint(isWrong(30) ? hostileNumber(random) : seq);
		if (random.oneIn(8)) {
			frame.tag(6, 2);
			const start = frame.length;
			frame.text(isWrong(2) ? hostileText(random) : "0af7651916cd43dd8448eb211c80319c");
			frame.delimit(start);
		}
		frame.tag(4, 2);
		const start = frame.length;
		frame.raw(body);
		if (isWrong(400)) frame.fill(random.below(256), 65_000 + random.below(3000));
		frame.delimit(start, isWrong(200) ? random.below(5) - 2 : 0);
		if (isWrong(100)) this.wrongField(frame, 1 + random.below(12));
	}

	private message(out: WireBytes, plan: MessagePlan, depth: number): void {
		for (const field of presentFields(this.random, plan.fields)) this.field(out, field, depth);
		if (this.random.chance(this.heat / 4)) this.wrongField(out, this.random.below(64));
	}

	private field(out: WireBytes, field: FieldPlan, depth: number): void {
		const { random } = this;
		if (random.chance(this.heat) && random.oneIn(2)) {
			this.wrongField(out, field.id);
			return;
		}
		const count = field.isList || field.isMap ? 1 + random.below(3) : 1;
		for (let i = 0; i < count; i++) {
			if (!field.isMap) {
				this.value(out, field, field.id, depth);
				continue;
			}
			out.tag(field.id, 2);
			const start = out.length;
			out.tag(1, 2);
			const key = out.length;
			out.text(random.chance(this.heat) ? hostileText(random) : `key${i}`);
			out.delimit(key);
			this.value(out, field, 2, depth);
			out.delimit(start);
		}
	}

	private value(out: WireBytes, field: FieldPlan, id: number, depth: number): void {
		const { random } = this;
		const isWrong = random.chance(this.heat);
		switch (field.kind) {
			case "string":
			case "bytes":
			case "message": {
				out.tag(id, 2);
				const start = out.length;
				if (field.kind === "message") {
					if (depth < MAX_DEPTH) this.message(out, field.message(), depth + 1);
				} else if (isWrong && random.oneIn(3)) out.raw(badUtf8(random));
				else out.text(isWrong ? hostileText(random) : soundText(random, field, this.known));
				out.delimit(start, isWrong && random.oneIn(6) ? random.below(9) - 4 : 0);
				return;
			}
			case "double":
				out.tag(id, 1);
				out.double(isWrong ? hostileNumber(random) : soundNumber(random, field));
				return;
			case "float":
				out.tag(id, 5);
				out.float(isWrong ? hostileNumber(random) : soundNumber(random, field));
				return;
			default:
				out.tag(id, 0);
				if (isWrong) out.varint(hostileNumber(random));
				else if (field.kind === "bool") out.byte(random.below(2));
				else out.varint(field.kind === "enum" ? soundEnum(random, field) : soundNumber(random, field));
		}
	}

	/** Something that a field cannot be, or more of it than anybody sends. */
	private wrongField(out: WireBytes, id: number): void {
		const { random } = this;
		switch (random.below(9)) {
			case 0:
				out.tag(id, random.below(8));
				out.fill(random.below(256), random.below(12));
				return;
			case 1:
				out.tag(id, 0);
				out.fill(0xff, 9 + random.below(3));
				out.byte(random.below(2));
				return;
			case 2:
				this.flood(out, id);
				return;
			case 3:
				// Groups, which nobody closes.
				for (let depth = 1 << random.below(12); depth > 0; depth--) out.tag(id, 3);
				return;
			case 4:
				this.nest(out, id, 1 << random.below(9));
				return;
			case 5:
				// Numbers up to the highest there is, and 0, which is none.
				out.tag(random.oneIn(4) ? 0 : random.uint32() & 0x1fff_ffff, 0);
				out.varint(random.uint32());
				return;
			case 6:
				out.tag(id, 2);
				out.varint(hostileNumber(random));
				return;
			case 7:
				out.tag(id, 1);
				out.double(hostileNumber(random));
				return;
			default:
				out.tag(id, 2);
				out.byte(1);
				out.byte(random.below(256));
		}
	}

	/** A list of very many, packed or not. */
	private flood(out: WireBytes, id: number): void {
		const { random } = this;
		const count = 1 << random.below(13);
		if (random.oneIn(2)) {
			out.tag(id, 2);
			const start = out.length;
			out.fill(random.below(128), count);
			out.delimit(start);
			return;
		}
		for (let i = 0; i < count; i++) {
			out.tag(id, 0);
			out.byte(i & 127);
		}
	}

	/** Messages within messages, all of the same number. */
	private nest(out: WireBytes, id: number, depth: number): void {
		const start = out.length;
		out.byte(8);
		for (let i = 0; i < depth; i++) {
			const inner = out.copy(start);
			out.length = start;
			out.tag(id, 2);
			out.uint32(inner.length);
			out.raw(inner);
		}
	}

	private damaged(bytes: Uint8Array): Uint8Array {
		const { random } = this;
		if (bytes.length === 0) return bytes;
		const at = random.below(bytes.length);
		switch (random.below(5)) {
			case 0:
				return bytes.subarray(0, at);
			case 1:
				return Buffer.concat([bytes, bytes.subarray(at)]);
			case 2:
				return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random.below(4)))]);
			case 3:
				return Buffer.concat([
					bytes.subarray(0, at),
					Buffer.alloc(1 + random.below(8), random.below(256)),
					bytes.subarray(at),
				]);
			default:
				for (let flips = 1 + random.below(4); flips > 0; flips--) {
					const place = random.below(bytes.length);
					bytes[place] = (bytes[place] as number) ^ (1 << random.below(8));
				}
				return bytes;
		}
	}
}
