// Writing keys as the simulated services of a plant do: what stands under their names is overwritten, whatever its type,
// and what the Redis refuses is not passed over.
import { type ChainableCommander, ReplyError } from "ioredis";
import { GatewayError } from "../../protocol/error.ts";
import type { RedisClient } from "../../stores/redis/redis-client.ts";

/** Sends the commands of the pipeline. @returns the replies. @throws the first error reply. */
export async function allDone(pipeline: ChainableCommander): Promise<readonly unknown[]> {
	const results = (await pipeline.exec()) ?? [];
	for (const [error] of results) if (error !== null) throw error;
	return results.map(([, reply]) => reply);
}

/** Deletes those of the keys that hold something of another type: writing into them would be refused. */
export async function makeRoom(
	client: RedisClient,
	type: "hash" | "list" | "set",
	keys: readonly string[],
): Promise<void> {
	if (keys.length === 0) return;
	const asked = client.pipeline();
	for (const key of keys) asked.type(key);
	const types = await allDone(asked);
	const others = keys.filter((_, index) => types[index] !== "none" && types[index] !== type);
	if (others.length === 0) return;
	const deletions = client.pipeline();
	for (const key of others) deletions.del(key);
	await allDone(deletions);
}

/** Why writing failed, for people: a Redis that refuses a command is not away. */
export function describeWriteFailure(error: unknown): string {
	const cause: unknown = error instanceof GatewayError ? error.cause : error;
	if (cause instanceof Error && cause instanceof ReplyError) return `Redis refused a command: ${cause.message}`;
	return error instanceof Error ? error.message : String(error);
}
