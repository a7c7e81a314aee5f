// The limit of open files against the configured connections, as an operator sees it in the log of a real process.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { dataDirectory } from "../support/real-server.ts";
import { until } from "../support/until.ts";

interface LogLine {
	readonly msg: string;
	readonly limit: number;
	readonly needed?: number;
	readonly connections: number;
	readonly maxConnections: number;
}

function lines(log: string): LogLine[] {
	const texts = log.split("\n").filter((line) => line.startsWith("{"));
	const parsed = texts.map((line) => JSON.parse(line) as LogLine);
	return parsed.filter(({ msg }) => /file descriptors suffice|limit of open files/.test(msg));
}

describe("a limit of open files", () => {
	const common = {
		LOG_LEVEL: "info",
		FRAMEGATE_LIMITS_MAX_HTTP_SOCKETS: "50",
		FRAMEGATE_LIMITS_RESERVED_DESCRIPTORS: "40",
	};

	it("below limits.maxConnections is said at the start with both numbers and the one to set, which suffices", async () => {
		const env = { ...common, FRAMEGATE_LIMITS_MAX_CONNECTIONS: "400" };
		const low = await startGateway({ env, openFiles: 250 });
		after(() => low.kill9());
		// The log comes in its own time.
		await until(() => lines(low.log()).length > 0);
		const [line] = lines(low.log());
		assert.ok(line?.needed !== undefined, low.log());
		assert.deepEqual([line.limit, line.maxConnections], [250, 400]);
		assert.ok(line.connections < 250);
		assert.match(line.msg, new RegExp(`250.*400.*${line.connections} connections.*set nofile to ${line.needed}`));
		for (const path of ["/health", "/ready"]) assert.equal((await fetch(low.httpUrl + path)).status, 200, path);
		const enough = await startGateway({ env, openFiles: line.needed });
		after(() => enough.kill9());
		await until(() => lines(enough.log()).length > 0);
		const [suffices] = lines(enough.log());
		assert.deepEqual([suffices?.msg, suffices?.connections], ["file descriptors suffice", 400]);
	});

	it("is compared again when limits.maxConnections is raised by a reload", async () => {
		const directory = dataDirectory("descriptors");
		const file = join(directory, "framegate.yaml");
		after(() => rmSync(directory, { recursive: true }));
		writeFileSync(file, "limits:\n  maxConnections: 100\n");
		const gateway = await startGateway({ env: common, openFiles: 250, args: ["--config", file] });
		after(() => gateway.kill9());
		await until(() => lines(gateway.log()).at(-1)?.msg === "file descriptors suffice");
		writeFileSync(file, "limits:\n  maxConnections: 1000\n");
		gateway.process.kill("SIGHUP");
		await until(() =>
			lines(gateway.log()).some(({ maxConnections, needed }) => maxConnections === 1000 && needed !== undefined),
		);
		assert.equal((await fetch(`${gateway.httpUrl}/ready`)).status, 200);
	});
});
