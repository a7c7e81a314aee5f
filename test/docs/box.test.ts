// docs/reference/box.md names the keys of both dialects as the code does, and its worked example runs: a box that redis-cli
// writes, a device that is a shell script, and a client.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AlarmLevel, AlarmStatus, DataType, Quality } from "../../protocol/gen/schema.ts";
import { ALARM_FIELDS } from "../../services/edge/redis/alarms-record.ts";
import { levelOf, statusOf } from "../../services/edge/redis/alarms-words.ts";
import { readFeedback } from "../../services/edge/redis/commands-feedback.ts";
import { type BoxDialect, boxDialect, DialectName, Family } from "../../services/edge/redis/dialect.ts";
import { parseText } from "../../services/edge/redis/points-values.ts";
import { PASSWORD, Site } from "../services/edge/gateway/site.ts";
import { until } from "../support/until.ts";
import { codeBlocks, page, section, table } from "./markdown.ts";

const run = promisify(execFile);
const shell = "/bin/sh";
const root = fileURLToPath(new URL("../..", import.meta.url));
const text = page("docs/reference/box.md");
const example = section(text, "A worked example");
const blocks = (language: string) => codeBlocks(example, language);

const typeNames = new Map(Object.entries(DataType).map(([name, type]) => [type, name]));
const qualityNames = new Map(Object.entries(Quality).map(([name, quality]) => [quality, name]));
/** What stands in backquotes in a cell, of which `table` takes off those at both ends. */
const quoted = (cell: string) =>
	[...(/^`|`$/.test(cell) ? cell : `\`${cell}\``).matchAll(/`([^`]+)`/g)].map(([, word]) => word as string);

const NUMBER = 4711;
/** A key of points, with the names of its parts instead of the parts. */
const named = (key: string | undefined) =>
	key
		?.replace(/^(comsrv):4711/, "$1:{channel}")
		.replace(/^(inst):4711/, "$1:{instance}")
		.replace(/:[A-Z]\b/, ":{letter}");

/** Member of a dialect → the key of each row of the page that shows it. */
function shownKeys({ points, commands, alarms, models, rules }: BoxDialect): Record<string, (string | undefined)[]> {
	const channel = { family: Family.COMSRV, channel: NUMBER, type: DataType.CONTROL };
	const instance = { family: Family.INST, channel: NUMBER, type: DataType.ACTION };
	// Where there is no instance there is none of its keys.
	const ofInstance = (key: string | undefined) => (points.keyOf(instance) === undefined ? undefined : named(key));
	return {
		"points.keyOf": [named(points.keyOf(channel)), ofInstance(points.keyOf(instance))],
		"points.timesKey": [named(points.timesKey(channel))],
		"points.rawKey": [named(points.rawKey(channel))],
		"points.qualityKey": [named(points.qualityKey(channel)), ofInstance(points.qualityKey(instance))],
		"points.statusKey": [
			named(points.statusKey(Family.COMSRV, NUMBER)),
			ofInstance(points.statusKey(Family.INST, NUMBER)),
		],
		"commands.listKey": [
			commands.listKey(NUMBER, DataType.CONTROL)?.replace(`${NUMBER}`, "{channel}").replace(/:C\b/, ":{letter}"),
		],
		"commands.feedbackKey": [commands.feedbackKey("{command}")],
		"commands.feedbackChannel": [commands.feedbackChannel(NUMBER).replace(`${NUMBER}`, "{channel}")],
		"alarms.alarmKey": [alarms.alarmKey("{alarm}")],
		"alarms.index": [alarms.index],
		"alarms.statusIndex": [alarms.statusIndex("{status}")],
		"alarms.levelIndex": [alarms.levelIndex("{level}")],
		"alarms.sourceIndex": [alarms.sourceIndex("{source}")],
		"alarms.channels": Object.values(alarms.channels),
		"models.modelKey": [models.modelKey("{model}")],
		"models.measurementKey": [models.measurementKey("{model}")],
		"models.actionKey": [models.actionKey("{model}")],
		"models.index": [models.index],
		"models.templateIndex": [models.templateIndex("{template}")],
		"rules.ruleKey": [rules.ruleKey("{rule}")],
		"rules.metaKey": [rules.metaKey("{rule}")],
		"rules.stateKey": [rules.stateKey("{rule}")],
		"rules.executionsKey": [rules.executionsKey("{rule}")],
		"rules.index": [rules.index],
		"rules.activeIndex": [rules.activeIndex],
		"rules.executedChannel": [rules.executedChannel],
	};
}

/** Members that are no key of their own. */
const notShown = ["points.parse", "points.scanPattern", "commands.feedbackPattern"];

describe("docs/reference/box.md", () => {
	for (const name of Object.values(DialectName)) {
		it(`lists every key of ${name}, and no other`, () => {
			const dialect = boxDialect(name);
			const shown = shownKeys(dialect);
			const { points, commands, alarms, models, rules } = dialect;
			const members = Object.entries({ points, commands, alarms, models, rules }).flatMap(([part, keys]) =>
				Object.keys(keys).map((member) => `${part}.${member}`),
			);
			assert.deepEqual([...Object.keys(shown), ...notShown].sort(), members.sort());
			const expected = Object.values(shown).flatMap((keys) => keys.map((key) => key ?? "–"));
			const listed = table(section(text, "Keys")).map((row) => row[name]);
			assert.deepEqual(listed.sort(), expected.sort());
		});
	}

	it("lists the data types of both dialects", () => {
		const expected = new Map<string, string[]>();
		for (const { name, sources, points } of Object.values(DialectName).map(boxDialect)) {
			for (const { family, types, writableTypes } of sources) {
				for (const type of types) {
					const letter = points.keyOf({ family, channel: 0, type })?.at(-1) as string;
					const row = [family, letter, typeNames.get(type) as string, writableTypes.includes(type) ? "yes" : "no"];
					expected.set(row.join(), [...(expected.get(row.join()) ?? row), name]);
				}
			}
		}
		const listed = table(section(text, "Data types")).map((row) =>
			Object.values(row).flatMap((cell) => cell.split(", ")),
		);
		assert.deepEqual(listed, [...expected.values()]);
	});

	it("judges values as the code does", () => {
		const rows = table(section(text, "Points"));
		for (const { text: cell = "", quality, flags = "" } of rows) {
			for (const value of quoted(cell)) {
				const bytes = Buffer.from(value);
				const judged = parseText(bytes, 0, bytes.length);
				assert.deepEqual(
					[qualityNames.get(judged.quality), judged.flags],
					[quality, Number.parseInt(flags, 10)],
					value,
				);
			}
		}
		assert.ok(rows.flatMap(({ text: cell = "" }) => quoted(cell)).length >= 15);
	});

	it("knows the words of field services", () => {
		const stages = table(section(text, "Answers").slice(section(text, "Answers").indexOf("| status | stage |")));
		for (const { status: cell = "", stage = "" } of stages) {
			for (const status of quoted(cell)) {
				assert.equal(readFeedback("x", { status })?.stage, stage.toLowerCase(), status);
			}
		}
		const alarms = section(text, "Alarms");
		for (const { level = "", words = "" } of table(alarms.slice(alarms.indexOf("| level | words |")))) {
			for (const word of quoted(words)) assert.equal(levelOf(word), AlarmLevel[level as keyof typeof AlarmLevel], word);
		}
		for (const { status = "", words = "" } of table(alarms.slice(alarms.indexOf("| status | words |")))) {
			for (const word of quoted(words))
				assert.equal(statusOf(word), AlarmStatus[status as keyof typeof AlarmStatus], word);
		}
		const listed = table(alarms).flatMap(({ field = "" }) => quoted(field));
		assert.deepEqual(listed.sort(), [...ALARM_FIELDS].sort());
	});

	it("shows an example that runs, and what it prints", { timeout: 60_000 }, async () => {
		const [write = "", , device = "", look = ""] = blocks("sh");
		const [printed = "", command = ""] = blocks("text");
		const site = await Site.open();
		const directory = mkdtempSync(path.join(tmpdir(), "framegate-box-page-"));
		try {
			const at = (script: string) =>
				script.replace(/^redis-server .*$/m, "").replaceAll("-p 6390", `-p ${site.box.port}`);
			await run(shell, ["-ec", at(write)]);
			await site.serve();
			await site.operator("grid-operator");
			const answering = run(shell, ["-ec", at(device)]);
			await until(async () => (await site.field("INFO clients")).includes("blocked_clients:1"));
			const [program = ""] = blocks("ts");
			const file = path.join(directory, "example.ts");
			const client = path.join(root, "client/index.ts");
			writeFileSync(
				file,
				program.replace("framegate/client", client).replace("ws://localhost:8080/ws", site.gateway.url),
			);
			const env = { ...process.env, PASSWORD };
			const { stdout } = await run(process.execPath, ["--no-warnings", file], { env });
			assert.equal(stdout, printed);
			const parsed = (lines: string) => {
				const [entry = "", ...replies] = lines.trim().split("\n");
				return [{ ...JSON.parse(entry), command_id: "", timestamp: 0 }, ...replies];
			};
			assert.deepEqual(parsed((await answering).stdout), parsed(command));
			const { stdout: left } = await run(shell, ["-ec", at(look)]);
			assert.equal(left, blocks("text")[2]);
		} finally {
			await site.close();
			rmSync(directory, { recursive: true });
		}
	});
});
