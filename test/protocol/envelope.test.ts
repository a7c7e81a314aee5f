// The hand-written envelope reader and writer against the generated codec, both ways.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { EnvelopeReader, EnvelopeWriter, isTraceId } from "../../protocol/envelope.ts";
import {
	authRoutes,
	Envelope,
	type EnvelopeProperties,
	ErrorCode,
	HeartbeatRequest,
	Notification,
	User,
} from "../../protocol/gen/schema.ts";
import { body, concat, envelope, text, traceId, uint32, uint53, unknownField, written } from "./frames.ts";

const reader = new EnvelopeReader();
const writer = new EnvelopeWriter();

/** What the reader took from a frame; undefined when it refused it. */
function read(frame: Uint8Array) {
	if (!reader.read(frame)) return undefined;
	const { protocol, seq, bodyStart, bodyEnd, traceId } = reader;
	return { protocol, seq, body: Buffer.from(frame.slice(bodyStart, bodyEnd)).toString("hex"), traceId };
}

/** The same fields as the generated codec sees them; undefined when it refuses the frame. */
function decoded(frame: Uint8Array) {
	let message: Envelope;
	try {
		message = Envelope.decode(frame);
	} catch {
		return undefined;
	}
	return {
		protocol: message.protocol ?? 0,
		seq: message.seq ?? 0,
		body: Buffer.from(message.body ?? []).toString("hex"),
		traceId: isTraceId(message.traceId ?? "") ? (message.traceId ?? "") : "",
	};
}

const encode = (properties: EnvelopeProperties): Uint8Array => Envelope.encode(properties).finish();

suite("EnvelopeReader", () => {
	test("reads what the generated codec writes", () => {
		fc.assert(
			fc.property(envelope, (properties) => {
				const frame = encode(properties);
				assert.deepEqual(read(frame), decoded(frame));
				assert.equal(reader.protocol, properties.protocol ?? 0);
				assert.equal(reader.traceId, properties.traceId ?? "");
			}),
			{ numRuns: 500 },
		);
	});

	test("skips unknown fields of every wire type, wherever they stand", () => {
		fc.assert(
			fc.property(envelope, unknownField, unknownField, uint32, (properties, before, after, seq) => {
				const frame = concat(written(before), encode(properties), written(after), encode({ seq }));
				const result = read(frame);
				assert.notEqual(result, undefined);
				assert.deepEqual(result, decoded(frame));
			}),
			{ numRuns: 500 },
		);
	});

	test("takes the last of a repeated field", () => {
		fc.assert(
			fc.property(envelope, envelope, (first, second) => {
				const frame = concat(encode(first), encode(second));
				assert.deepEqual(read(frame), decoded(frame));
				assert.equal(reader.protocol, second.protocol || first.protocol || 0);
			}),
			{ numRuns: 300 },
		);
	});

	test("ignores a known field number with another wire type", () => {
		for (const number of [1, 2, 4, 6]) {
			const wireType = number < 4 ? 2 : 0;
			const field = written((w) => w.uint32((number << 3) | wireType).uint32(0));
			const frame = concat(encode({ protocol: 1005, seq: 3 }), field);
			assert.deepEqual(read(frame), { protocol: 1005, seq: 3, body: "", traceId: "" }, `field ${number}`);
			assert.deepEqual(read(frame), decoded(frame));
		}
	});

	test("judges a frame cut at any byte as the generated codec does", () => {
		fc.assert(
			fc.property(envelope, unknownField, (properties, field) => {
				const frame = concat(encode(properties), written(field));
				for (let length = 0; length < frame.length; length++) {
					const cut = frame.subarray(0, length);
					const expected = decoded(cut);
					// The codec also looks into the fields that only a server sends, which the reader skips.
					if (expected !== undefined) assert.deepEqual(read(cut), expected, `cut at ${length}`);
					else if (properties.error === undefined) assert.equal(read(cut), undefined, `cut at ${length}`);
				}
			}),
			{ numRuns: 100 },
		);
	});

	test("never throws, and never lets a body leave the frame, whatever the bytes", () => {
		const hostile = fc.oneof(
			fc.uint8Array({ maxLength: 200 }),
			fc
				.tuple(envelope, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 5 }))
				.map(([properties, edits]) => {
					const frame = encode(properties);
					for (const [at, byte] of edits) if (frame.length > 0) frame[at % frame.length] = byte;
					return frame;
				}),
		);
		fc.assert(
			fc.property(hostile, (frame) => {
				const expected = decoded(frame);
				const accepted = reader.read(frame);
				if (expected !== undefined) assert.deepEqual(read(frame), expected);
				if (!accepted) return;
				assert.ok(reader.bodyStart >= 0 && reader.bodyStart <= reader.bodyEnd && reader.bodyEnd <= frame.length);
			}),
			{ numRuns: 3000 },
		);
	});

	test("refuses huge lengths, overlong varints, stray and endless groups, field number 0", () => {
		const refused: Record<string, string> = {
			"a body of 4 GiB": "22ffffffff0f",
			"a body of 2 GiB": "22ffffffff07",
			"a length that is no varint": "22ffffffffffffffffffff01",
			"a varint without end": "08ffffffffffffffffffffff",
			"a tag over 32 bits": "ffffffff7f00",
			"an end of a group that never began": "54",
			"a group without end": "53",
			"a group with another's end": "535c",
			"field number 0": "0000",
			"wire type 6": "0e",
			"wire type 7": "0f",
			"only a tag": "08",
			"groups nested a thousand deep": "53".repeat(1000) + "54".repeat(1000),
		};
		for (const [what, hex] of Object.entries(refused)) {
			assert.equal(read(Buffer.from(hex, "hex")), undefined, what);
			assert.equal(decoded(Buffer.from(hex, "hex")), undefined, `${what}, generated codec`);
		}
	});

	test("accepts non-minimal varints, and the low 32 bits of longer ones", () => {
		for (const hex of ["08ed87800010888000", "08edf7ffffffffffffff01"]) {
			const frame = Buffer.from(hex, "hex");
			assert.notEqual(read(frame), undefined, hex);
			assert.deepEqual(read(frame), decoded(frame), hex);
		}
	});

	test("carries nothing over from the frame before, refused or not", () => {
		read(encode({ protocol: 1, seq: 2, body: new Uint8Array([1, 2]), traceId: "0af7651916cd43dd8448eb211c80319c" }));
		assert.deepEqual(read(new Uint8Array(0)), { protocol: 0, seq: 0, body: "", traceId: "" });
		read(Buffer.from("08ed07ff", "hex"));
		assert.deepEqual(read(encode({ seq: 9 })), { protocol: 0, seq: 9, body: "", traceId: "" });
	});

	test("drops trace ids that are not W3C trace ids", () => {
		const good = "0af7651916cd43dd8448eb211c80319c";
		assert.equal(read(encode({ traceId: good }))?.traceId, good);
		for (const bad of [good.toUpperCase(), good.slice(1), `${good}0`, "0".repeat(32), "g".repeat(32), "é".repeat(16)]) {
			assert.equal(read(encode({ traceId: bad }))?.traceId, "", bad);
		}
	});

	test("decodes a body in place, without seeing the bytes around it", () => {
		fc.assert(
			fc.property(fc.maxSafeNat(), (clientTimeMs) => {
				const bytes = HeartbeatRequest.encode({ clientTimeMs }).finish();
				// The protocol number, behind the body, would pass as another client_time_ms.
				const frame = concat(encode({ body: bytes }), encode({ protocol: 1005 }));
				assert.ok(reader.read(frame));
				const message = reader.decodeBody(HeartbeatRequest, frame, reader.bodyStart, reader.bodyEnd);
				assert.equal(message.clientTimeMs ?? 0, clientTimeMs);
			}),
		);
		// A body whose last field reaches over its end into the rest of the frame.
		const frame = concat(encode({ body: new Uint8Array([0x0a, 0x05, 0x61]) }), encode({ traceId: "a".repeat(32) }));
		assert.ok(reader.read(frame));
		assert.throws(() => reader.decodeBody(User, frame, reader.bodyStart, reader.bodyEnd));
		assert.ok(reader.read(frame), "the reader works after a body that does not decode");
	});
});

suite("EnvelopeWriter", () => {
	const maybeTrace = fc.oneof(fc.constant(""), traceId);

	test("writes replies and requests byte by byte as the generated codec does", () => {
		const user = fc.record(
			{ id: text, username: text, roles: fc.array(text), createdAtMs: uint53 },
			{ requiredKeys: [] },
		);
		fc.assert(
			fc.property(uint32, uint32, user, maybeTrace, (protocol, seq, message, trace) => {
				const expected = encode({ protocol, seq, body: User.encode(message).finish(), traceId: trace });
				assert.deepEqual(hex(writer.reply(protocol, seq, User, message, trace)), hex(expected));
				assert.deepEqual(hex(writer.request(protocol, seq, User, message, trace)), hex(expected));
			}),
			{ numRuns: 300 },
		);
	});

	test("writes errors as the generated codec does", () => {
		const violations = fc.array(fc.record({ field: text, description: text }), { maxLength: 5 });
		fc.assert(
			fc.property(uint32, uint32, text, fc.boolean(), uint32, violations, maybeTrace, (protocol, seq, ...rest) => {
				const [message, retryable, retryAfterMs, list, trace] = rest;
				const error = { message, retryable, retryAfterMs, violations: list };
				const code = ErrorCode.VALIDATION_FAILED;
				const frame = writer.error(protocol, seq, code, error, trace);
				assert.deepEqual(hex(frame), hex(encode({ protocol, seq, code, error, traceId: trace })));
			}),
			{ numRuns: 300 },
		);
	});

	test("writes pushes with their position as the generated codec does", () => {
		const position = fc.option(fc.record({ channel: text, offset: uint53, epoch: text }), { nil: undefined });
		fc.assert(
			fc.property(uint32, text, position, (protocol, title, place) => {
				const frame = writer.push(protocol, Notification, { title }, place);
				const expected = encode({ protocol, body: Notification.encode({ title }).finish(), ...place });
				assert.deepEqual(hex(frame), hex(expected));
			}),
			{ numRuns: 300 },
		);
	});

	test("recovers after a message that cannot be encoded", () => {
		const bad = {
			id: "u1",
			get roles(): string[] {
				throw new Error("no roles today");
			},
		};
		assert.throws(() => writer.reply(1007, 1, User, bad, ""));
		const { number, reply } = authRoutes.heartbeat;
		const frame = writer.reply(number, 2, reply, { serverTimeMs: 5 }, "");
		assert.deepEqual(decoded(frame), { protocol: 1005, seq: 2, body: "1005", traceId: "" });
	});

	test("grows for a body far larger than the one before", () => {
		const title = "x".repeat(200_000);
		const frame = writer.push(1502, Notification, { title });
		assert.equal(Notification.decode(Envelope.decode(frame).body ?? new Uint8Array(0)).title, title);
	});

	test("gives a frame that the reader reads", () => {
		fc.assert(
			fc.property(uint32, uint32, maybeTrace, body, (protocol, seq, trace, bytes) => {
				const title = Buffer.from(bytes).toString("base64");
				const frame = writer.request(protocol, seq, Notification, { title }, trace);
				assert.ok(reader.read(frame));
				assert.deepEqual([reader.protocol, reader.seq, reader.traceId], [protocol, seq, trace]);
				const message = reader.decodeBody(Notification, frame, reader.bodyStart, reader.bodyEnd);
				assert.equal(message.title ?? "", title);
			}),
		);
	});
});

function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}
