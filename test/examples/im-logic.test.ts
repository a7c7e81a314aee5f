// The logic service of the examples behind two gateways, with Kafka and etcd: two clients write to each other while a gateway and the service
// are killed. `test/conformance/im-flow.ts` is the same at length, with three brokers and three members of etcd.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { get, post } from "../support/http-client.ts";
import { ImClient } from "../support/im/im-client.ts";
import { exchange } from "../support/im/im-exchange.ts";
import { type ImSite, startImSite } from "../support/im/im-site.ts";
import { testConsumer } from "../support/kafka/records.ts";
import { until } from "../support/until.ts";

describe("a logic service behind two gateways", { timeout: 280_000 }, () => {
	let site: ImSite;
	before(async () => {
		site = await startImSite({ brokers: 1, etcdMembers: 1 });
	});
	after(() => site?.stop());

	it("reads and writes the records of the gateway field by field, and answers for conversations", async () => {
		const [eve, dan] = await Promise.all([site.account("eve"), site.account("dan")]);
		const sender = await ImClient.open(site.gateways[0]?.url ?? "", eve.token);
		const receiver = await ImClient.open(site.gateways[1]?.url ?? "", dan.token);
		const upstream = await testConsumer(site.kafka, "upstream");
		const data = { target_user_id: dan.id, message_type: 7, content: "Hello World!", client_msg_id: "client123" };
		const ack = await sender.ask("send-message", data);
		assert.deepEqual([ack.type, ack.data.state, ack.data.seq_id], ["ack", "persisted", 0]);
		const conversation = ack.data.conversation_id;
		await until(() => upstream.records.length > 0);
		const [record] = upstream.records;
		const { headers, timestamp, trace_id: traceId, ...fields } = JSON.parse(record?.value ?? "{}");
		assert.deepEqual(fields, {
			user_id: eve.id,
			gateway_id: "gateway-001",
			conversation_id: conversation,
			message_type: 7,
			content: "Hello World!",
			client_msg_id: "client123",
		});
		assert.match(traceId, /^[0-9a-f]{32}$/);
		assert.ok(Math.abs(timestamp - Date.now() / 1000) < 120);
		assert.deepEqual([headers.message_id, headers.target_user_id], [ack.data.server_msg_id, dan.id]);
		assert.equal(record?.key, conversation);
		const push = await receiver.next("new-message");
		assert.deepEqual(
			{ ...push.data, timestamp: 0, headers: {} },
			{
				trace_id: traceId,
				target_user_id: dan.id,
				message_id: ack.data.server_msg_id,
				conversation_id: conversation,
				sender_id: eve.id,
				message_type: 7,
				content: "Hello World!",
				seq_id: 1,
				timestamp: 0,
				headers: {},
			},
		);
		assert.equal((await sender.ask("send-message", data)).data.server_msg_id, ack.data.server_msg_id);
		await until(() => upstream.records.length > 1);
		const history = await receiver.ask("sync", { conversation_id: conversation, after_seq_id: 0 });
		assert.equal(history.data.messages.length, 1, "a repeat is no second message");
		const sessions = await get(`${site.gateways[1]?.httpUrl}/api/v1/conversations`, dan.token);
		assert.deepEqual(
			sessions.body.conversations.map(({ id, unread }: { id: string; unread: number }) => [id, unread]),
			[[conversation, 1]],
		);
		const read = await receiver.ask("read", { conversation_id: conversation, seq_id: 1 });
		assert.deepEqual([read.type, read.data.unread], ["read-ack", 0]);
		const refused = await sender.ask("sync", { conversation_id: "conv123" });
		assert.deepEqual([refused.type, refused.data.code], ["error", "PERMISSION_DENIED"]);
		const recall = await sender.ask("recall-message", { message_id: ack.data.server_msg_id });
		assert.equal(recall.data.code, "UPSTREAM_FAILED", "which this service does not have");
		const created = await post(`${site.gateways[0]?.httpUrl}/api/v1/groups`, { name: "x".repeat(65) }, eve.token);
		assert.equal(created.status, 422, "field rules hold before the service is asked");
		await Promise.all([sender.close(), receiver.close(), upstream.close()]);
	});

	it("loses nothing that was acknowledged, and keeps the order, while a gateway and the service are killed", async () => {
		const report = await exchange(site, {
			...{ messages: 2000, perSecond: 400, conversations: 10 },
			faults: [
				{ name: "a gateway is killed", run: () => site.killGateway(1) },
				{ name: "the logic service is killed", run: () => site.killLogic() },
			],
		});
		assert.deepEqual(report.findings, [], JSON.stringify(report.counts));
		assert.deepEqual([report.acknowledged, report.delivered], [2000, [2000, 2000]]);
		assert.deepEqual(report.lag, { "im-logic": 0, framegate: 0 });
	});
});
