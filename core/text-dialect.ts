// What text frames mean. Proto3 JSON of the envelope is the dialect of the protocol; older front ends bring their own, and
// reach the same routes by it.
import type { AnyMessageType } from "../protocol/contract.ts";
import { type JsonRequest, type JsonTranscoder, jsonEnvelope } from "../protocol/json.ts";
import type { Connection } from "./connection.ts";
import type { Encoding } from "./encoding.ts";

export interface TextDialect {
	readonly encoding: Exclude<Encoding, "protobuf">;
	/** The body of the one request in a frame is the member `body` of the frame. */
	readonly framesBody: boolean;
	/**
	 * Reads a text frame, parsed as JSON already.
	 *
	 * @returns requests in the order in which to run them, or the text of an answer that needs no route; undefined when the
	 *   frame is not of this dialect.
	 */
	read(connection: Connection, value: unknown): readonly JsonRequest[] | string | undefined;
	/** Requests that the dialect makes itself when a connection has presented its token. */
	opening?(connection: Connection): readonly JsonRequest[];
	/**
	 * The text for a finished frame.
	 *
	 * @param connection - whose reply or push it is; undefined for what is published to a topic.
	 * @param bodyType - what the body is; undefined when there is none, as in errors.
	 * @returns undefined when the dialect has no message for it: nothing is sent.
	 */
	write(
		connection: Connection | undefined,
		frame: Uint8Array,
		bodyType: AnyMessageType | undefined,
	): string | undefined;
}

const NO_REQUESTS: readonly JsonRequest[] = [];

/** What the dialect of a connection asks for by itself, now that a token was accepted. */
export function openingRequests(dialects: readonly TextDialect[], connection: Connection): readonly JsonRequest[] {
	const dialect = dialects.find(({ encoding }) => encoding === connection.encoding);
	return dialect?.opening?.(connection) ?? NO_REQUESTS;
}

/** The text for a finished frame, in the dialect of the connection; undefined when that has no message for it. */
export type TextWriter = (
	connection: Connection,
	frame: Uint8Array,
	bodyType: AnyMessageType | undefined,
) => string | undefined;

export function textWriter(dialects: readonly TextDialect[]): TextWriter {
	const byEncoding = new Map<Encoding, TextDialect>(dialects.map((dialect) => [dialect.encoding, dialect]));
	return (connection, frame, bodyType) => byEncoding.get(connection.encoding)?.write(connection, frame, bodyType);
}

/** Proto3 JSON of the envelope. Reads everything that is a JSON object, so that it comes last. */
export class JsonDialect implements TextDialect {
	readonly encoding = "json";
	readonly framesBody = true;
	private readonly transcoder: () => JsonTranscoder;

	constructor(transcoder: () => JsonTranscoder) {
		this.transcoder = transcoder;
	}

	read(_connection: Connection, value: unknown): readonly JsonRequest[] | undefined {
		const request = jsonEnvelope(value);
		return request === undefined ? undefined : [request];
	}

	write(_connection: Connection | undefined, frame: Uint8Array, bodyType: AnyMessageType | undefined): string {
		return this.transcoder().frameToJson(frame, bodyType);
	}
}
