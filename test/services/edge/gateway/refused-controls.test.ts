// What somebody without the permission asked for is in the audit trail of a running gateway, as an administrator reads it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { DataType, edgeAlarmRoutes } from "../../../../protocol/gen/schema.ts";
import { until } from "../../../support/until.ts";
import { Site } from "./site.ts";

const MAIN = fileURLToPath(new URL("../../../../server/main.ts", import.meta.url));
const run = promisify(execFile);

describe("controls without the permission", () => {
	let site: Site;
	let shared: Readonly<Record<string, string>>;
	before(async () => {
		site = await Site.open();
		shared = await site.serveTogether({ FRAMEGATE_AUTH_DEFAULT_ROLE: "viewer" });
	});
	after(() => site.close());

	async function trail(): Promise<{ username: string; operation: string; outcome: string }[]> {
		const env = { PATH: process.env["PATH"] ?? "", ...shared };
		const { stdout } = await run(process.execPath, [MAIN, "audit", "--since", "1h", "--json"], { env });
		return stdout
			.trim()
			.split("\n")
			.filter((line) => line !== "")
			.map((line) => JSON.parse(line));
	}

	it("are refused, reach no device, and are in the trail", async () => {
		const eve = await site.operator("eve");
		const target = { channel: 1001, dataType: DataType.CONTROL, pointId: 6 };
		const isRefused = { code: ErrorCode.PERMISSION_DENIED };
		await assert.rejects(eve.edge.write(target, 1), isRefused);
		await assert.rejects(eve.edge.select(target, 1), isRefused);
		await assert.rejects(eve.request(edgeAlarmRoutes.alarmAck, { alarmId: "a-1" }), isRefused);
		await until(async () => (await trail()).length === 3);
		assert.deepEqual((await trail()).map(({ username, operation, outcome }) => [username, operation, outcome]).sort(), [
			["eve", "alarm.ack", "refused"],
			["eve", "control.select", "refused"],
			["eve", "control.write", "refused"],
		]);
		assert.equal(await site.field("EXISTS comsrv:trigger:1001:C"), "0");
	});
});
