// A span for each command that a recorded call sends to Redis. Only clients of a process that traces are given this; what they send in the
// background, and for calls that are not recorded, costs a look at what runs now.
import type { Command, Redis } from "ioredis";
import { problemOf, type Tracer } from "../../common/tracing.ts";

/** @param client - to one server: a Cluster's clients each, as some commands go to one of them directly. */
export function recordCommands(client: Redis, tracer: Tracer): void {
	const send = client.sendCommand;
	const { host = "localhost", port = 6379 } = client.options;
	client.sendCommand = function sendRecorded(command: Command, stream) {
		const scope = tracer.current();
		if (scope === undefined) return send.call(client, command, stream);
		const operation = command.name.toUpperCase();
		const span = scope.child(operation, "client", {
			"db.system.name": "redis",
			"db.operation.name": operation,
			"server.address": host,
			"server.port": port,
		});
		if (span !== undefined) {
			command.promise.then(
				() => span.end(),
				(error: unknown) => span.end(problemOf(error)),
			);
		}
		return send.call(client, command, stream);
	};
}
