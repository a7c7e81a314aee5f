// Many clients before one box: it is asked no more often than for one, also when all of them come back at once, and each has
// the newest values after an outage.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
	type Client,
	createClient,
	DataBatch_Kind,
	DataType,
	Quality,
	SubscriptionMode,
} from "../../../../client/index.ts";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { network } from "../../../client/network.ts";
import { freeze } from "../../../support/freeze.ts";
import type { GatewayProcess } from "../../../support/gateway.ts";
import { until } from "../../../support/until.ts";
import { PASSWORD, Site } from "./site.ts";

const { TELEMETRY } = DataType;
const { FULL } = DataBatch_Kind;
const CLIENTS = 200;
/** Of one connection, by default. */
const MOST_SUBSCRIPTIONS = 100;

describe("many clients of one box", { timeout: 120_000 }, () => {
	let site: Site;
	let data: Readonly<Record<string, string>>;
	before(async () => {
		site = await Site.open();
		await site.field("HSET comsrv:1:T 1 1");
		data = await site.serveTogether({ FRAMEGATE_EDGE_BOX_COMMAND_TIMEOUT_MS: "500" });
	});
	after(() => site.close());

	it("cost the box no more than one client, also when all reconnect at once; an outage ends with one FULL for each", async () => {
		const request = { channels: [1], dataTypes: [TELEMETRY], intervalMs: 200 };
		const changes = { ...request, mode: SubscriptionMode.ON_CHANGE };
		const pacer = await site.operator("pacer");
		const pace = await pacer.edge.subscribe(request);
		const own = await pacer.edge.subscribe(changes);
		await until(() => own.value(1, TELEMETRY, 1) !== undefined);
		/** Reads while one subscription receives so many batches. */
		const readsOf = async (batches: number): Promise<number> => {
			let received = 0;
			const off = pace.onBatch(() => received++);
			const already = await site.calls("evalsha");
			await until(() => received >= batches);
			off();
			return (await site.calls("evalsha")) - already;
		};
		const alone = await readsOf(20);
		const clients: Client[] = [];
		for (let index = 0; index < CLIENTS; index += 20) {
			const some = Array.from({ length: 20 }, (_, each) => site.operator(`client${index + each}`));
			clients.push(...(await Promise.all(some)));
		}
		const watched = await Promise.all(clients.map((client) => client.edge.subscribe(changes)));
		await until(() => watched.every((each) => each.value(1, TELEMETRY, 1)?.num === 1));
		const together = await readsOf(20);
		assert.ok(together < alone * 2, `${alone} reads for one client, ${together} for ${CLIENTS}`);

		const [first] = site.gateways as [GatewayProcess];
		await first.kill9();
		await site.field("HSET comsrv:1:T 1 2");
		const directory = data["FRAMEGATE_DATA_DIR"] ?? "";
		const env = { ...data, FRAMEGATE_EDGE_BOX_COMMAND_TIMEOUT_MS: "500" };
		await site.serve(env, { port: first.port, dataDirectory: directory });
		await until(() => [...watched, pace, own].every((each) => each.value(1, TELEMETRY, 1)?.num === 2));
		const again = await readsOf(20);
		assert.ok(again < alone * 2, `${alone} reads for one client, ${again} for ${CLIENTS} that came back`);

		const fulls = watched.map(() => 0);
		for (const [index, each] of watched.entries()) {
			each.onBatch(({ kind, updates }) => {
				const isGood = (updates?.[0]?.points?.[0]?.quality ?? Quality.GOOD) === Quality.GOOD;
				if (kind === FULL && isGood) fulls[index] = (fulls[index] ?? 0) + 1;
			});
		}
		const goOn = await freeze(site.box.pid);
		await until(() => watched.every((each) => each.value(1, TELEMETRY, 1)?.quality === Quality.UNCERTAIN));
		goOn();
		await until(() => watched.every((each) => each.value(1, TELEMETRY, 1)?.quality === Quality.GOOD));
		await site.field("HSET comsrv:1:T 1 3");
		await until(() => watched.every((each) => each.value(1, TELEMETRY, 1)?.num === 3));
		assert.deepEqual(new Set(fulls), new Set([1]));
	});

	it("resubscribe all subscriptions of one client after its connection was lost", async () => {
		const wire = network();
		const { url } = site.gateway;
		const client = createClient({ url, WebSocket: wire.WebSocket, backoff: { minMs: 5, maxMs: 50 } });
		site.endLater(() => client.close());
		const states: string[] = [];
		client.onState((state) => states.push(state));
		await client.connect();
		await client.auth.register({ username: "many", password: PASSWORD });
		await client.login({ username: "many", password: PASSWORD });
		const channels = Array.from({ length: MOST_SUBSCRIPTIONS }, (_, index) => 3000 + index);
		const ask = (channel: number) =>
			client.edge.subscribe({ channels: [channel], dataTypes: [TELEMETRY], intervalMs: 200 });
		await site.field(...channels.map((channel) => `HSET comsrv:${channel}:T 1 10`));
		const subscriptions = await Promise.all(channels.map(ask));
		await assert.rejects(ask(1), { code: ErrorCode.PRECONDITION_FAILED });
		const allShow = (num: number) =>
			subscriptions.every((each, index) => each.value(3000 + index, TELEMETRY, 1)?.num === num);
		await until(() => allShow(10));
		wire.cut();
		await site.field(...channels.map((channel) => `HSET comsrv:${channel}:T 1 99`));
		wire.mend();
		await until(() => allShow(99));
		assert.equal(client.state, "ready");
		assert.ok(!states.includes("closed"), states.join());
	});
});
