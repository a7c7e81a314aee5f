// The dialects of text frames that a process serves.
import type { Clock } from "../../common/clock.ts";
import { JsonDialect } from "../../core/text-dialect.ts";
import { JsonTranscoder } from "../../protocol/json.ts";
import type { Config } from "../config/config.ts";
import { EdgeJsonDialect } from "../dialects/edge-json.ts";

/** @returns the dialects in the order in which they are tried, and the transcoder of proto3 JSON. */
export function textDialects({ olderDialect }: Config["edge"], clock: Clock) {
	let transcoder: JsonTranscoder | undefined;
	// Made for the first client that uses JSON: most processes never need it.
	const json = () => {
		transcoder ??= new JsonTranscoder();
		return transcoder;
	};
	const older = olderDialect ? [new EdgeJsonDialect(() => clock.now())] : [];
	// The one that takes any JSON object comes last.
	return { json, dialects: [...older, new JsonDialect(json)] };
}
