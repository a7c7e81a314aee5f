// Two operators on two nodes before one box: who has selected a point has it alone, and a command happens once, whatever
// breaks on its way.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Client, CommandStage, DataType } from "../../../../client/index.ts";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { edgeControlRoutes } from "../../../../protocol/gen/schema.ts";
import type { GatewayProcess } from "../../../support/gateway.ts";
import { until } from "../../../support/until.ts";
import { startDevice } from "../redis/commands-device.ts";
import { type LossyProxy, Mishap, startProxy } from "../redis/commands-proxy.ts";
import { Site } from "./site.ts";

const MAIN = fileURLToPath(new URL("../../../../server/main.ts", import.meta.url));
const run = promisify(execFile);
const { CONFLICT, PERMISSION_DENIED, PRECONDITION_FAILED } = ErrorCode;
const { writePoint } = edgeControlRoutes;
const control = (channel: number, pointId: number) => ({ channel, dataType: DataType.CONTROL, pointId });
const LOSSY = "comsrv:trigger:9:C";

describe("two operators on two nodes", { timeout: 60_000 }, () => {
	let site: Site;
	let data: Readonly<Record<string, string>>;
	let proxy: LossyProxy;
	let here: GatewayProcess;
	let there: GatewayProcess;
	let ada: Client;
	let bob: Client;
	before(async () => {
		site = await Site.open();
		proxy = await startProxy(site.box.port, LOSSY);
		site.endLater(() => proxy.close());
		data = await site.serveTogether(
			{ EDGE_REDIS_URL: proxy.url, FRAMEGATE_EDGE_BOX_COMMAND_TIMEOUT_MS: "1000" },
			{ FRAMEGATE_EDGE_CONTROL_SELECT_MS: "1000" },
		);
		[here, there] = site.gateways as [GatewayProcess, GatewayProcess];
		ada = await site.operator("ada", here);
		bob = await site.operator("bob", there);
	});
	after(() => site.close());

	it("one selects: the other can neither select nor write nor operate, until it is cancelled", async () => {
		const target = control(1, 1);
		const { selectId = "" } = await ada.edge.select(target, 1);
		await assert.rejects(bob.edge.select(target, 1), { code: CONFLICT });
		await assert.rejects(bob.edge.write(target, 0), { code: CONFLICT });
		await assert.rejects(bob.edge.operate(selectId, 1), { code: PRECONDITION_FAILED });
		assert.equal(await bob.edge.cancel(selectId), false);
		await assert.rejects(bob.edge.select(target, 1), { code: CONFLICT });
		assert.equal(await ada.edge.cancel(selectId), true);
		const taken = await bob.edge.select(target, 0);
		await assert.rejects(ada.edge.write(target, 1), { code: CONFLICT });
		const command = await bob.edge.operate(taken.selectId ?? "", 0);
		assert.equal(command.stage, CommandStage.ACCEPTED);
		const { value } = JSON.parse(await site.field("LPOP comsrv:trigger:1:C")) as { value: unknown };
		assert.equal(value, 0);
		assert.equal(await site.field("LLEN comsrv:trigger:1:C"), "0");
		await site.executed(1, command);
	});

	it("a select expires, and the point is free, and can't be operated then", async () => {
		const target = control(1, 2);
		const { selectId = "" } = await bob.edge.select(target, 1);
		await until(() => ada.edge.select(target, 1).then(() => true));
		await assert.rejects(bob.edge.operate(selectId, 1), { code: PRECONDITION_FAILED });
		assert.equal(await site.field("LLEN comsrv:trigger:1:C"), "0");
	});

	it("a select ends when the connection of its operator is closed", async () => {
		const target = control(1, 3);
		const guest = await site.operator("guest", here);
		const { selectId = "" } = await guest.edge.select(target, 1);
		await assert.rejects(bob.edge.select(target, 1), { code: CONFLICT });
		guest.close();
		await until(() => bob.edge.select(target, 1).then(() => true));
		const again = await site.operator("guest", here);
		await assert.rejects(again.edge.operate(selectId, 1), { code: PRECONDITION_FAILED });
	});

	it("a permission that is revoked between select and operate: nothing is operated, and the point is free", async () => {
		const target = control(1, 4);
		const former = await site.operator("former", here);
		const { selectId = "" } = await former.edge.select(target, 1);
		await assert.rejects(bob.edge.select(target, 1), { code: CONFLICT });
		// The proxy before the box is in this process, which therefore goes on meanwhile.
		await run(process.execPath, [MAIN, "user", "set-roles", "former", "--role", "viewer"], {
			env: { PATH: process.env["PATH"], FRAMEGATE_PROFILE: "test", ...data },
			cwd: data["FRAMEGATE_DATA_DIR"],
		});
		await until(() => bob.edge.select(target, 1).then(() => true));
		await assert.rejects(former.edge.operate(selectId, 1));
		const again = await site.operator("former", here);
		await assert.rejects(again.edge.operate(selectId, 1), { code: PERMISSION_DENIED });
		await assert.rejects(again.edge.write(target, 1), { code: PERMISSION_DENIED });
		assert.equal(await site.field("LLEN comsrv:trigger:1:C"), "0");
	});

	it("a command that one node accepted is executed once, and known at the other", async () => {
		const device = await startDevice({ port: site.box.port, dialect: "v1", channel: 2, points: [5] });
		site.endLater(() => device.stop());
		const target = control(2, 5);
		for (const value of [1, 0]) {
			const command = await bob.edge.write(target, value);
			const ended = await command.ended;
			assert.deepEqual([ended.stage, ended.actualValue], [CommandStage.EXECUTED, value]);
			const seen = await ada.edge.commandStatus({ commandId: command.id });
			assert.deepEqual([seen.command?.stage, seen.value, seen.username], [CommandStage.EXECUTED, value, "bob"]);
			// The same id again, at the other node, by the same user.
			const roaming = await site.operator("bob", here);
			const repeated = await roaming.request(writePoint, { target, value, commandId: command.id });
			assert.equal(repeated.stage, CommandStage.EXECUTED);
			roaming.close();
		}
		const failed = await (await ada.edge.write(control(2, 6), 1)).ended;
		assert.deepEqual([failed.stage, failed.error], [CommandStage.FAILED, "no such point"]);
		assert.deepEqual(
			device.executions.map(({ value }) => value),
			[1, 0],
		);
	});

	it("a command whose reply is lost is UNKNOWN at both nodes, and never sent again", async () => {
		const target = control(9, 1);
		// The box knows the script from here on.
		await site.executed(9, await ada.edge.write(target, 1));
		assert.equal(await site.field(`LLEN ${LOSSY}`), "1");
		const { scripts } = proxy;
		proxy.mishap = Mishap.LOSE_REPLY;
		const command = await ada.edge.write(target, 0);
		const ended = await command.ended;
		assert.deepEqual([ended.stage, ended.isFinal], [CommandStage.UNKNOWN, true]);
		assert.equal((await bob.edge.commandStatus({ commandId: command.id })).command?.stage, CommandStage.UNKNOWN);
		// It is back, and takes other commands.
		await until(async () => (await fetch(`${here.httpUrl}/ready`)).ok);
		const next = await (await ada.edge.write(control(2, 5), 1)).ended;
		assert.equal(next.stage, CommandStage.EXECUTED);
		const repeated = await ada.request(writePoint, { target, value: 0, commandId: command.id });
		assert.equal(repeated.stage, CommandStage.UNKNOWN);
		assert.equal(proxy.scripts, scripts + 1);
		assert.equal(await site.field(`LLEN ${LOSSY}`), "2");
	});
});
