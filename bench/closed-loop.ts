// Server CPU per message when each client has so many requests outstanding and sends the next one for each reply.
import type { Context } from "./scenario.ts";
import { pause } from "./scenario.ts";
import type { ServerProcess } from "./servers/server-process.ts";

/** From the start of a load until it is even. */
const RAMP_MS = 200;
const IDLE_MS = 1000;

export interface ClosedLoopLane {
	readonly server: ServerProcess;
	/** Of the fleet, all to that server. */
	readonly groups: readonly string[];
	readonly payload: Uint8Array;
	/** CPU that the server uses with its clients connected and silent, in microseconds a second. */
	idleUsPerSecond: number;
}

export interface ClosedLoopFigures {
	readonly cpuUsPerMessage: number;
	readonly messagesPerSecond: number;
}

/** @throws Error when a reply was missing or wrong. */
export async function measureClosedLoop(
	{ fleet }: Context,
	lane: ClosedLoopLane,
	outstanding: number,
	seconds: number,
): Promise<ClosedLoopFigures> {
	const { groups, server } = lane;
	const count = async (): Promise<number> => {
		let messages = 0;
		for (const group of groups) messages += await fleet.count(group);
		return messages;
	};
	for (const group of groups) await fleet.start(group, lane.payload, outstanding);
	await pause(RAMP_MS);
	// In the same order at both ends, so that the time the questions take cancels out.
	const messagesBefore = await count();
	const cpuBefore = server.cpuUs();
	const startMs = performance.now();
	await pause(seconds * 1000);
	const messages = (await count()) - messagesBefore;
	const elapsedSeconds = (performance.now() - startMs) / 1000;
	const cpuUs = server.cpuUs() - cpuBefore - lane.idleUsPerSecond * elapsedSeconds;
	for (const group of groups) await fleet.stop(group);
	if (messages === 0) throw new Error(`${groups.join()} answered nothing`);
	return { cpuUsPerMessage: cpuUs / messages, messagesPerSecond: messages / elapsedSeconds };
}

/** Sets what each server uses while its clients, and those of the others, are silent. */
export async function measureIdle(
	lanes: readonly { readonly server: ServerProcess; idleUsPerSecond: number }[],
): Promise<void> {
	const before = lanes.map((lane) => lane.server.cpuUs());
	await pause(IDLE_MS);
	for (const [index, lane] of lanes.entries()) {
		lane.idleUsPerSecond = ((lane.server.cpuUs() - (before[index] as number)) * 1000) / IDLE_MS;
	}
}
