// What of requests on application channels makes no sense: it is refused by name, and not taken for something else.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyRouteContract, RouteContract } from "../../protocol/contract.ts";
import { applicationChannelRoutes as routes } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { get } from "../support/http-client.ts";
import { WireClient } from "../support/wire-client.ts";

const BACKEND = "the-key-of-a-backend-that-lists-1";

describe("requests on application channels that make no sense", () => {
	let gateway: GatewayProcess;
	let client: WireClient;
	let userId = "";
	before(async () => {
		gateway = await startGateway({
			env: {
				FRAMEGATE_APPLICATION_CHANNELS_NAMESPACES: JSON.stringify({
					scores: { subscribe: ["session"], publish: ["session"] },
				}),
				FRAMEGATE_KEYS_FIXED: JSON.stringify([
					{ name: "listing", secret: BACKEND, permissions: ["channels.list"], channels: ["*"] },
				]),
			},
		});
		const member = await WireClient.member(gateway.url, "ann");
		client = member.client;
		userId = member.login.user?.id ?? "";
	});
	after(async () => {
		await client.close();
		await gateway.kill9();
	});

	async function refused(contract: AnyRouteContract, request: object) {
		const { code, error } = await client.ask(contract as RouteContract<unknown, object, unknown, unknown>, request);
		return [code, error?.violations?.[0]?.field];
	}

	it("the gateway's own channels are not left by UnsubscribeChannel", async () => {
		for (const channel of [`user:${userId}`, `events:${userId}`, "chat:room", "unknown:x"]) {
			assert.deepEqual(
				await refused(routes.unsubscribeChannel, { channel }),
				[ErrorCode.NOT_FOUND, "channel"],
				channel,
			);
		}
		assert.equal((await client.ask(routes.unsubscribeChannel, { channel: "scores:1" })).code ?? 0, ErrorCode.OK);
	});

	it("an offset needs its epoch, and a position where the channel has not been is not complete", async () => {
		const channel = "scores:2";
		const draft = { channel, data: new Uint8Array([1]), publicationId: "1" };
		const published = await client.ask(routes.publishChannel, draft);
		const { epoch = "" } = routes.publishChannel.reply.decode(published.body ?? new Uint8Array());
		for (const offset of [{ afterOffset: 1 }, { beforeOffset: 1 }]) {
			assert.deepEqual(await refused(routes.channelHistory, { channel, ...offset }), [
				ErrorCode.VALIDATION_FAILED,
				"epoch",
			]);
		}
		for (const [afterOffset, isComplete] of [
			[1, true],
			[2, false],
		] as const) {
			const { body } = await client.ask(routes.channelHistory, { channel, epoch, afterOffset });
			const { publications, complete } = routes.channelHistory.reply.decode(body ?? new Uint8Array());
			assert.deepEqual([publications?.length ?? 0, complete ?? false], [0, isComplete]);
		}
	});

	it("a namespace that there is not is named", async () => {
		const answer = await get(`${gateway.httpUrl}/api/v1/namespaces/none/channels`, BACKEND);
		assert.deepEqual([answer.status, answer.body.violations?.[0]?.field], [404, "namespace"]);
	});
});
