// One reader of each room stops reading for a while: the others get everything as before, the node gives it up in bounded
// memory, and once it reads again it gets everything, or a gap is reported to it.
import { CloseCode } from "../../../protocol/codes.ts";
import type { GatewayProcess } from "../../../test/support/gateway.ts";
import type { Client } from "../client.ts";
import { sumOf } from "../metrics.ts";
import type { Scenario } from "../scenario.ts";
import { StallingRelay } from "../stalling-relay.ts";
import { atLeast, atMost, evaluate, LOAD_STEPS, pause, underLoad } from "../under-load.ts";

/** Readers stall until all of them are given up, but no longer than they would wait for an answer themselves. */
const MAX_STALL_MS = 10_000;
const POLL_MS = 100;
/** Of two bytes: a room publishes more than the kernel and the node hold for a reader, 50 KB to 1.4 MB, as measured, and 64 KiB. */
const TEXT_LENGTH = 8000;
const HELD_BYTES = 65_536;
/** Far above what all stalled readers may hold; a node that has just started grows anyway. */
const MAX_GROWTH_MB = 300;

export const stalledReader: Scenario<"standalone"> = {
	name: "stalled-reader",
	title: "a reader of each room stops reading",
	needs: { redis: "standalone", nodes: 2, env: { FRAMEGATE_LIMITS_MAX_BACKPRESSURE_BYTES: String(HELD_BYTES) } },
	steps: LOAD_STEPS + 2,
	async run(context) {
		const { plan, nodes, timeline } = context;
		const relay = new StallingRelay();
		context.atEnd(() => relay.end());
		const ports = await relay.listen(nodes.map(({ port }) => port));
		const urls = ports.map((port) => `ws://127.0.0.1:${port}/ws`);
		const third = (plan.seconds * 1000) / 3;
		let stalled = 0;
		let givenUp = 0;
		let [before, meanwhile] = [timeline.takeDelays(), timeline.takeDelays()];
		const trial = await underLoad(
			context,
			async () => {
				timeline.takeDelays();
				await pause(third);
				before = timeline.takeDelays();
				context.step("readers stop reading");
				stalled = await relay.stall();
				givenUp = await untilGivenUp(nodes, stalled);
				meanwhile = timeline.takeDelays();
				context.step("they read again");
				await relay.goOn();
			},
			{ textLength: TEXT_LENGTH, lastClientUrls: urls },
		);
		const readers = trial.clients.rooms.map((room) => room.at(-1) as Client);
		const others = trial.clients.all.filter((client) => !readers.includes(client));
		const lost = readers.filter(({ losses }) => losses > 0);
		const slow = readers.filter(({ closeCodes }) => closeCodes.has(CloseCode.SLOW_CONSUMER));
		return evaluate(
			context,
			trial,
			[
				atLeast("readers that stopped reading", stalled, plan.rooms),
				atLeast("messages that did not fit into what is held for them", givenUp, plan.rooms),
				atLeast("of those readers, closed or torn down", lost.length, plan.rooms),
				atMost(
					"gaps of the others",
					others.reduce((sum, { log }) => sum + log.gaps, 0),
					0,
				),
				atMost("messages published again", trial.figures.repeats, 0),
				atMost("health checks at which a node was not live", trial.watched.notLive, 0),
				atMost("growth of a node's memory in MB", trial.watched.rssGrowthMb, MAX_GROWTH_MB),
			],
			{
				stalled,
				closedAsSlow: slow.length,
				p99BeforeMs: Math.round(before.p99Ms),
				p99MeanwhileMs: Math.round(meanwhile.p99Ms),
			},
		);
	},
};

/** How long that takes depends on how fast a machine gets the messages through. @returns messages that did not fit. */
async function untilGivenUp(nodes: readonly GatewayProcess[], readers: number): Promise<number> {
	const deadlineMs = performance.now() + MAX_STALL_MS;
	for (;;) {
		const dropped = await sumOf(nodes, "framegate_messages_dropped_total");
		if (dropped >= readers || performance.now() > deadlineMs) return dropped;
		await pause(POLL_MS);
	}
}
