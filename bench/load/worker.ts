// A load process: takes commands from the bench over IPC and answers each with its result.
import { Audience } from "./audience.ts";
import type { Answer, Command } from "./commands.ts";
import { Group } from "./group.ts";
import { HttpGroup } from "./http-group.ts";
import { Watchers } from "./watchers.ts";

const groups = new Map<string, Group>();
const httpGroups = new Map<string, HttpGroup>();
const audiences = new Map<string, Audience>();
const watchings = new Map<string, Watchers>();

async function execute(command: Command): Promise<unknown> {
	if (command.kind === "open" && command.check === "http") {
		const group = new HttpGroup(command);
		httpGroups.set(command.group, group);
		return group.open();
	}
	if (command.kind === "open") {
		const group = new Group(command);
		groups.set(command.group, group);
		return group.open();
	}
	if (command.kind === "connect") {
		const audience = new Audience(command);
		audiences.set(command.group, audience);
		return audience.open();
	}
	if (command.kind === "watch") {
		const watchers = new Watchers(command);
		watchings.set(command.group, watchers);
		return watchers.open();
	}
	const audience = audiences.get(command.group);
	if (audience !== undefined) return executeForAudience(audience, command);
	const watchers = watchings.get(command.group);
	if (watchers !== undefined) return executeForWatchers(watchers, command);
	const http = httpGroups.get(command.group);
	if (http !== undefined) return executeForHttp(http, command);
	const group = groups.get(command.group);
	if (group === undefined) throw new Error(`there is no group ${command.group}`);
	switch (command.kind) {
		case "start":
			return group.start(command.payload, command.outstanding);
		case "count":
			return group.count();
		case "stop":
			return group.stop();
		case "openLoop":
			return group.openLoop(command.payload, command.perSecond, command.seconds);
		case "close":
			groups.delete(command.group);
			return group.close();
		default:
			throw new Error(`${command.kind} is not for ${command.group}`);
	}
}

function executeForHttp(group: HttpGroup, command: Command): unknown {
	switch (command.kind) {
		case "start":
			if (command.outstanding !== 1) throw new Error("an HTTP connection has one request outstanding");
			return group.start(command.payload);
		case "count":
			return group.count();
		case "stop":
			return group.stop();
		case "close":
			httpGroups.delete(command.group);
			return group.close();
		default:
			throw new Error(`${command.kind} is not for ${command.group}`);
	}
}

function executeForAudience(audience: Audience, command: Command): unknown {
	switch (command.kind) {
		case "startCounting":
			return audience.startCounting();
		case "publish":
			return audience.publish(command);
		case "received":
			return audience.received(command.withLatency);
		case "disconnect":
			audiences.delete(command.group);
			return audience.close();
		default:
			throw new Error(`${command.kind} is not for ${command.group}`);
	}
}

function executeForWatchers(watchers: Watchers, command: Command): unknown {
	switch (command.kind) {
		case "subscribe":
			return watchers.subscribe(command.perSecond);
		case "observe":
			return watchers.observe();
		case "observed":
			return watchers.observed();
		case "leave":
			watchings.delete(command.group);
			return watchers.close();
		default:
			throw new Error(`${command.kind} is not for ${command.group}`);
	}
}

function answer(answer: Answer): void {
	process.send?.(answer);
}

process.on("message", ({ id, command }: { id: number; command: Command }) => {
	execute(command).then(
		(result) => answer({ id, result }),
		(error: unknown) =>
			answer({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
	);
});
// The load ends with the bench.
process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches the whole process group; the bench ends us when it has cleaned up.
process.on("SIGINT", () => {});
