// The dialects of text frames that a process serves.
import type { Clock } from "../../common/clock.ts";
import { JsonDialect } from "../../core/text-dialect.ts";
import { JsonTranscoder } from "../../protocol/json.ts";
import type { Config } from "../config/config.ts";
import { EdgeJsonDialect } from "../dialects/edge-json.ts";
import { ImJsonDialect } from "../dialects/im-json.ts";

/** @returns the dialects in the order in which they are tried, and the transcoder of proto3 JSON. */
export function textDialects({ edge, chat }: Pick<Config, "edge" | "chat">, clock: Clock) {
	let transcoder: JsonTranscoder | undefined;
	// Made for the first client that uses JSON: most processes never need it.
	const json = () => {
		transcoder ??= new JsonTranscoder();
		return transcoder;
	};
	const now = () => clock.now();
	const older = edge.olderDialect ? [new EdgeJsonDialect(now)] : [];
	const hasRooms = chat.backend === "builtin";
	const im = chat.imDialect ? [new ImJsonDialect({ now, hasRooms, isAlone: !edge.olderDialect })] : [];
	// The one that takes any JSON object comes last.
	return { json, dialects: [...im, ...older, new JsonDialect(json)] };
}
