// Every outage that the Redis of a box can have, as clients of a running gateway see it: last values stay, commands are
// refused and never sent later, and it is whole again by itself.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Client, CommandStage, DataType, pushes, Quality, SourceState } from "../../../../client/index.ts";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { freeze } from "../../../support/freeze.ts";
import { until } from "../../../support/until.ts";
import { Site } from "./site.ts";

const { TELEMETRY, CONTROL } = DataType;
const target = { channel: 1, dataType: CONTROL, pointId: 5 };
const LIST = "comsrv:trigger:1:C";

describe("an unreachable box", { timeout: 60_000 }, () => {
	let site: Site;
	let client: Client;
	before(async () => {
		site = await Site.open({ args: ["--key-load-delay", "1000", "--enable-debug-command", "yes"] });
		await site.box.stop();
		await site.serve({ FRAMEGATE_EDGE_BOX_COMMAND_TIMEOUT_MS: "500" }, { untilLive: true });
		client = await site.operator("waiting");
	});
	after(() => site.close());

	/** Values of channel 1, and how the source and its batches went meanwhile. */
	async function watch() {
		const subscription = await client.edge.subscribe({ channels: [1], dataTypes: [TELEMETRY], intervalMs: 1000 });
		const states: number[] = [];
		const off = client.edge.on(pushes.sourceStatus, ({ state }) => states.push(state ?? 0));
		const value = () => subscription.value(1, TELEMETRY, 1);
		return { subscription, states, value, off };
	}
	const refused = () =>
		assert.rejects(client.edge.write(target, 1), (error: { code?: number }) => error.code === ErrorCode.UNAVAILABLE);
	const ready = async () => (await fetch(`${site.gateway.httpUrl}/ready`)).ok;

	it("when the gateway starts: it serves, is not ready, and has the values when the box comes", async () => {
		assert.equal(await ready(), false);
		const { subscription, value, off } = await watch();
		await refused();
		await site.restart({ args: ["--key-load-delay", "1000", "--enable-debug-command", "yes"] });
		await site.field("HSET comsrv:1:T 1 5");
		await until(() => value()?.num === 5);
		await until(ready);
		assert.equal(await site.field(`EXISTS ${LIST}`), "0");
		off();
		await subscription.close();
	});

	it("frozen: its last values are uncertain, a command is refused, and nothing of it comes later", async () => {
		const { subscription, states, value, off } = await watch();
		await until(() => value()?.num === 5);
		const goOn = await freeze(site.box.pid);
		await until(() => value()?.quality === Quality.UNCERTAIN);
		assert.equal(value()?.num, 5);
		await refused();
		goOn();
		await until(() => value()?.quality === Quality.GOOD && states.at(-1) === SourceState.UP);
		assert.equal(states.at(0), SourceState.DOWN);
		assert.equal(await site.field(`EXISTS ${LIST}`), "0");
		off();
		await subscription.close();
	});

	it("loading its data: reported as loading, and whole afterwards", async () => {
		await site.field(`EVAL "for i = 100, 2100 do redis.call('HSET', 'comsrv:' .. i .. ':T', 1, i) end" 0`);
		await site.field("CONFIG SET loading-process-events-interval-bytes 1024");
		const { subscription, states, value, off } = await watch();
		await until(() => value()?.num === 5);
		const reloaded = site.field("DEBUG RELOAD");
		await until(() => states.includes(SourceState.LOADING));
		await refused();
		await reloaded;
		await until(() => value()?.quality === Quality.GOOD && states.at(-1) === SourceState.UP);
		off();
		await subscription.close();
	});

	it("stopped after it took a command: the command ends, is not sent again, and the next one is", async () => {
		const first = await client.edge.write(target, 0);
		assert.equal(first.stage, CommandStage.ACCEPTED);
		const taken = JSON.parse(await site.field(`LPOP ${LIST}`)) as { value: unknown; command_id: string };
		assert.deepEqual([taken.value, taken.command_id], [0, first.id]);
		const goOn = await freeze(site.box.pid);
		assert.equal((await first.ended).stage, CommandStage.TIMEOUT);
		goOn();
		await until(ready);
		assert.equal(await site.field(`EXISTS ${LIST}`), "0");
		const next = await client.edge.write(target, 1);
		assert.equal((JSON.parse(await site.field(`LPOP ${LIST}`)) as { value: unknown }).value, 1);
		await site.field(`HSET comsrv:cmd:${next.id} status executed`, `PUBLISH comsrv:ack:1 ${next.id}`);
		assert.equal((await next.ended).stage, CommandStage.EXECUTED);
	});
});
