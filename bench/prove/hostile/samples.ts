// Malformed input, by kind: envelopes that are none, texts that would unfold into much, frames that RFC 6455 forbids.
import { authRoutes, chatRoutes, Envelope, MessageKind } from "../../../protocol/gen/schema.ts";
import { clientFrame, MASK, OPCODE_BINARY, OPCODE_PING, OPCODE_TEXT } from "../../load/frames.ts";
import type { Random } from "../random.ts";

export interface Sample {
	readonly name: string;
	readonly bytes: (random: Random) => Uint8Array;
	/** At random it may be a valid request, and one without a reply. */
	readonly mayBeValid?: boolean;
	/** It announces more bytes than it sends, so that nothing can be sent after it. */
	readonly isUnfinished?: boolean;
	/** Instead of the upgrade. */
	readonly isNoHttp?: boolean;
}

/** One less than the frames of the bench may be long, and than the gateway takes. */
const MAX_TEXT = 65_535;
const TAG_BODY = 0x22;

const text = (value: string): Buffer => clientFrame(Buffer.from(value.slice(0, MAX_TEXT)), OPCODE_TEXT);
const envelope = (protocol: number, body: Uint8Array): Buffer =>
	clientFrame(Envelope.encode({ protocol, seq: 1, body }).finish());
const login = (body: readonly number[]): Buffer => envelope(authRoutes.login.number, Uint8Array.from(body));

function randomBytes(random: Random, length: number): Buffer {
	return Buffer.from(Array.from({ length }, () => random.below(256)));
}

/** What a client might well send. */
function validEnvelope(random: Random): Buffer {
	const content = { kind: MessageKind.TEXT, text: "x".repeat(random.below(200)) };
	const body = chatRoutes.sendMessage.request.encode({ roomId: "r", clientMsgId: "c", content }).finish();
	const seq = 1 + random.below(1_000_000);
	return Buffer.from(Envelope.encode({ protocol: chatRoutes.sendMessage.number, seq, body }).finish());
}

function mutated(random: Random): Buffer {
	const bytes = validEnvelope(random);
	for (let flips = 1 + random.below(8); flips > 0; flips--) bytes[random.below(bytes.length)] = random.below(256);
	return bytes;
}

/** Messages within messages, as deep as fits. */
function nested(): Buffer {
	let bytes = Buffer.alloc(0);
	while (bytes.length < MAX_TEXT - 200) {
		const { length } = bytes;
		const size = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
		const long = length < 0x4000 ? size : [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
		bytes = Buffer.concat([Buffer.from([0x0a, ...long]), bytes]);
	}
	return bytes;
}

/** A header of its own, with or without what it announces. */
function frame(first: number, length: bigint, payload: Uint8Array = new Uint8Array(0)): Buffer {
	const header = Buffer.alloc(14);
	header[0] = first;
	header[1] = 0xff;
	header.writeBigUInt64BE(length, 2);
	header.set(MASK, 10);
	return Buffer.concat([header, payload]);
}

const BINARY = 0x80 | OPCODE_BINARY;

const envelopes: readonly Sample[] = [
	{
		name: "random bytes",
		bytes: (random) => clientFrame(randomBytes(random, 1 + random.below(2000))),
		mayBeValid: true,
	},
	{ name: "mutated request", bytes: (random) => clientFrame(mutated(random)), mayBeValid: true },
	{
		name: "truncated request",
		bytes: (random) => {
			const whole = validEnvelope(random);
			return clientFrame(whole.subarray(0, random.below(whole.length)));
		},
		mayBeValid: true,
	},
	{ name: "varint without end", bytes: () => clientFrame(Buffer.from([0x08, ...Array(2000).fill(0xff)])) },
	{ name: "length beyond the end", bytes: () => clientFrame(Buffer.from([TAG_BODY, 0xff, 0xff, 0xff, 0xff, 0x07])) },
	{ name: "groups without end", bytes: () => clientFrame(Buffer.alloc(60_000, 0x0b)) },
	{ name: "messages within messages", bytes: () => envelope(authRoutes.login.number, nested().subarray(0, 60_000)) },
	{ name: "invalid UTF-8 in a string", bytes: () => login([0x0a, 0x02, 0xff, 0xfe, 0x12, 0x01, 0x61]) },
	{ name: "wrong wire type", bytes: () => login([0x08, 0x01, 0x10, 0x01]) },
	{ name: "field number 0", bytes: () => login([0x02, 0x01, 0x61]) },
];

const texts: readonly Sample[] = [
	{ name: "JSON: lists within lists", bytes: () => text("[".repeat(MAX_TEXT)) },
	{ name: "JSON: maps within maps", bytes: () => text('{"a":'.repeat(MAX_TEXT)) },
	{ name: "JSON: body of lists within lists", bytes: () => text(deepBody()) },
	{ name: "JSON: a number of 60,000 digits", bytes: () => text(`{"protocol":1001,"seq":1${"0".repeat(60_000)}}`) },
	{ name: "JSON: ten thousand fields", bytes: () => text(`{${manyFields()}"protocol":1001,"seq":1,"body":1}`) },
	{ name: "JSON: __proto__", bytes: () => text('{"protocol":1001,"seq":1,"body":{"__proto__":{"username":"a"}}}') },
	{ name: "JSON: half a surrogate pair", bytes: () => text('{"protocol":1001,"seq":1,"body":{"username":"\\ud800"}}') },
	{ name: "JSON: cut off", bytes: () => text('{"protocol":1001,"seq":1,"bo') },
	{ name: "invalid UTF-8 in a text frame", bytes: () => clientFrame(Buffer.from([0xc3, 0x28, 0xff]), OPCODE_TEXT) },
];

function deepBody(): string {
	return `{"protocol":1001,"seq":1,"body":{"username":${"[".repeat(30_000)}${"]".repeat(30_000)}}}`;
}

function manyFields(): string {
	return Array.from({ length: 6000 }, (_, index) => `"k${index}":0,`).join("");
}

const frames: readonly Sample[] = [
	{ name: "a message longer than allowed", bytes: () => frame(BINARY, 100_000n, Buffer.alloc(100_000, 1)) },
	{ name: "a frame of 2^40 bytes announced", bytes: () => frame(BINARY, 2n ** 40n), isUnfinished: true },
	{ name: "a frame of 2^63 bytes announced", bytes: () => frame(BINARY, 2n ** 63n), isUnfinished: true },
	{ name: "half a frame", bytes: () => frame(BINARY, 60_000n, Buffer.alloc(100, 1)), isUnfinished: true },
	{ name: "a fragment without an end", bytes: () => frame(OPCODE_BINARY, 4n, Buffer.alloc(4)), isUnfinished: true },
	{ name: "a continuation of nothing", bytes: () => frame(0x80, 4n, Buffer.alloc(4)) },
	{ name: "a frame without a mask", bytes: () => Buffer.from([BINARY, 0x02, 0x08, 0x01]) },
	{ name: "a reserved bit", bytes: () => frame(BINARY | 0x40, 4n, Buffer.alloc(4)) },
	{ name: "a reserved opcode", bytes: () => frame(0x83, 4n, Buffer.alloc(4)) },
	{ name: "a ping of 200 bytes", bytes: () => frame(0x80 | OPCODE_PING, 200n, Buffer.alloc(200)) },
	{ name: "a ping in fragments", bytes: () => frame(OPCODE_PING, 4n, Buffer.alloc(4)) },
	{ name: "no HTTP at all", bytes: (random) => randomBytes(random, 500), isNoHttp: true, isUnfinished: true },
];

export const samples: readonly Sample[] = [...envelopes, ...texts, ...frames];
