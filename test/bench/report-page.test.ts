// The bench report: its plots and tables are those of the results' JSON.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { plotsIn } from "../../bench/html/page.ts";

const scratch = mkdtempSync(join(tmpdir(), "framegate-report-"));
after(() => rmSync(scratch, { recursive: true }));
const program = fileURLToPath(new URL("../../bench/report-main.ts", import.meta.url));

const common = {
	title: "what it measures",
	measuredAt: "2026-01-02T03:04:05.000Z",
	settings: { connections: 10_000, seconds: 4, redis: false },
	machine: { cpu: "Processor", cores: 4, kernel: "6.1", node: "v22.0.0" },
	rows: [],
};

const curve = (subject: string, us: number) => ({
	subject,
	curve: [
		[50, us],
		[99, us * 10],
	],
});

const heartbeat = {
	...common,
	scenario: "heartbeat",
	rows: [
		{ what: "CPU", values: { framegate: "7.15", ws: "12.5" }, result: "1.23", budget: "≤ 1.3" },
		{ what: "messages", values: { framegate: "87,782" } },
	],
	raw: [],
};

// The median of three rounds is the second.
const openloop = {
	...common,
	scenario: "openloop",
	raw: [100, 300, 200].flatMap((us) => [curve("uws", us), curve("framegate", us * 2)]),
};

const chat = {
	...common,
	scenario: "chat",
	raw: {
		rounds: [[curve("framegate", 3000), curve("uws", 1000), curve("socketio", 2000)]],
		pairs: [{ calm: curve("framegate", 4000), stalled: curve("framegate", 5000) }],
	},
};

const load = (subject: string, connections: number, outstanding: number, cpuUsPerMessage: number) => ({
	...{ subject, connections, outstanding, cpuUsPerMessage, messagesPerSecond: 1, round: 1 },
});
const memory = (subject: string, connections: number, mebibytes: number, kibibytes: number) => ({
	...{ subject, connections, rssBytes: mebibytes * 1024 * 1024, rssBytesPerConnection: kibibytes * 1024 },
});
const scaling = {
	...common,
	scenario: "scaling",
	raw: {
		memory: [memory("framegate", 100, 120, 40), memory("uws", 100, 60, 2), memory("framegate", 18_000, 200, 4)],
		// As measured: from the most connections to the fewest.
		load: [
			...[load("framegate", 18_000, 1, 8), load("uws", 18_000, 1, 7), load("framegate", 1000, 1, 6)],
			...[load("framegate", 1000, 1, 4), load("uws", 1000, 1, 4), load("framegate", 1000, 8, 2)],
		],
		fanout: [
			{ subject: "framegate", subscribers: 100, cpuUsPerDelivery: 3 },
			{ subject: "uws", subscribers: 100, cpuUsPerDelivery: 2 },
		],
		nodes: [
			{ nodes: 1, subscribers: 2000, cpuUsPerDelivery: 2.5 },
			{ nodes: 2, subscribers: 2000, cpuUsPerDelivery: 3.5 },
		],
	},
};

const watched = (lane: string, clients: number, cpuUsPerPoint: number, commandsPerSecond: number) => ({
	...{ lane, clients, cpuUsPerPoint, commandsPerSecond },
});
const telemetry = {
	...common,
	scenario: "telemetry",
	raw: {
		one: { measurement: watched("framegate", 1, 8, 51) },
		some: { measurement: watched("framegate", 20, 0.5, 52) },
		rounds: [watched("framegate", 200, 0.125, 53), watched("uws", 200, 0.0625, 0)],
	},
};

/** The report of results, by the command. */
function report(results: readonly object[]) {
	const files = results.map((result, index) => {
		const file = join(scratch, `${index}.json`);
		writeFileSync(file, JSON.stringify(result));
		return file;
	});
	const [html, json] = [join(scratch, "report.html"), join(scratch, "report.json")];
	const args = [program, ...files, "--html", html, "--json", json];
	const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
	return { status, stderr, html: () => readFileSync(html, "utf8"), json: () => readFileSync(json, "utf8") };
}

/** The points of each series of each plot. */
function drawn(html: string): Record<string, Record<string, unknown>> {
	const seriesOf = plotsIn(html).map(({ title, series }) => {
		return [title, Object.fromEntries(series.map(({ name, points }) => [name, points]))] as const;
	});
	return Object.fromEntries(seriesOf);
}

const ms = (us: number): number[][] => [
	[50, us / 1000],
	[99, us / 100],
];
const bare = "bare uWebSockets.js";

test("plots show the medians of the results' rounds, by rising x", () => {
	const all = [heartbeat, openloop, chat, scaling, telemetry];
	const { status, stderr, html, json } = report(all);
	assert.equal(status, 0, stderr);
	assert.deepEqual(JSON.parse(json()), all);
	const [first] = plotsIn(html());
	assert.deepEqual(
		first?.series.map(({ name }) => name),
		["framegate", bare],
		"one colour for one server, though this one was measured second",
	);
	assert.deepEqual(drawn(html()), {
		"Latency at a fixed rate (openloop)": { [bare]: ms(200), framegate: ms(400) },
		"Latency of chat rooms (chat)": { framegate: ms(3000), [bare]: ms(1000), "Socket.IO": ms(2000) },
		"Latency of chat rooms beside readers that stall (chat)": {
			"one more reader in each room": ms(4000),
			"that reader stalled": ms(5000),
		},
		"CPU per message against connections (scaling)": {
			framegate: [
				[1000, 5],
				[18_000, 8],
			],
			[bare]: [
				[1000, 4],
				[18_000, 7],
			],
		},
		"CPU per message against pipeline depth (scaling)": {
			framegate: [
				[1, 5],
				[8, 2],
			],
			[bare]: [[1, 4]],
		},
		"Memory against connections (scaling)": {
			framegate: [
				[100, 120],
				[18_000, 200],
			],
			[bare]: [[100, 60]],
		},
		"Memory per connection (scaling)": {
			framegate: [
				[100, 40],
				[18_000, 4],
			],
			[bare]: [[100, 2]],
		},
		"CPU per delivery against subscribers of a room (scaling)": { framegate: [[100, 3]], [bare]: [[100, 2]] },
		"CPU per delivery against nodes that a room is spread over (scaling)": {
			framegate: [
				[1, 2.5],
				[2, 3.5],
			],
		},
		"CPU per delivered point against clients (telemetry)": {
			framegate: [
				[1, 8000],
				[20, 500],
				[200, 125],
			],
			[bare]: [[200, 62.5]],
		},
		"Redis commands against clients (telemetry)": {
			framegate: [
				[1, 51],
				[20, 52],
				[200, 53],
			],
		},
	});
	for (const { title, x, y } of plotsIn(html())) {
		assert.notEqual(x.label, "", title);
		assert.match(y.label, /\(.+\)| a second$/, `${title}: y has a unit`);
	}
});

test("tables have each scenario beside the controls that it has, and its budgets", () => {
	const html = report([heartbeat]).html();
	assert.match(html, /<h2>heartbeat: what it measures<\/h2>/);
	assert.match(html, /<th>framegate<\/th><th>ws package<\/th><th>framegate : bare<\/th><th>budget<\/th>/);
	assert.match(html, /<td>CPU<\/td><td>7.15<\/td><td>12.5<\/td><td>1.23<\/td><td>≤ 1.3<\/td>/);
	assert.match(html, /<td>messages<\/td><td>87,782<\/td><td><\/td><td><\/td><td><\/td>/);
	assert.match(html, /4 × Processor, Linux 6.1, Node v22.0.0. Measured 2026-01-02\./);
});

test("what is no result, or is there twice, is refused", () => {
	assert.equal(report([heartbeat, heartbeat]).status, 1);
	const other = report([{ scenario: "heartbeat" }]);
	assert.equal(other.status, 1);
	assert.match(other.stderr, /no result/);
});
