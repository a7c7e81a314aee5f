// protocol/README.md and docs/reference/codes.md say what the code says.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { CloseCode, closeReason, replyCodes } from "../../protocol/codes.ts";
import reflection from "../../protocol/gen/reflection.json" with { type: "json" };
import { pushContracts, routeContracts } from "../../protocol/gen/schema.ts";
import { JsonTranscoder, jsonEnvelope } from "../../protocol/json.ts";
import { FRAME_JSON_BOUNDS } from "../../protocol/json-bounds.ts";
import { MAX_SENT_BYTES } from "../../protocol/message-bounds.ts";
import { configReference } from "../../server/config/reference.ts";
import { chatDefaults } from "../../services/chat/options.ts";
import { gamesDefaults } from "../../services/games/options.ts";
import { goldenFrames } from "../protocol/golden.ts";
import { codeBlocks, page, section, table } from "./markdown.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const protocolPage = page("protocol/README.md");
const codesPage = page("docs/reference/codes.md");
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const shortName = (typeName: string): string => typeName.replace("framegate.v1.", "");
const yesNo = (value: boolean): string => (value ? "yes" : "no");

suite("protocol/README.md", () => {
	test("lists the fields of the envelope", () => {
		const type = protobuf.Root.fromJSON(reflection).lookupType("framegate.v1.Envelope");
		const expected = type.fieldsArray.map((field) => [String(field.id), snake(field.name), shortName(field.type)]);
		const listed = table(section(protocolPage, "Envelope")).map((row) => [row["number"], row["field"], row["type"]]);
		assert.deepEqual(listed, expected);
	});

	test("lists every route with what clients need to know of it", () => {
		const expected = [...routeContracts.values()]
			.sort((a, b) => a.number - b.number)
			.map((route) => ({
				number: String(route.number),
				name: route.name,
				request: shortName(route.request.typeName),
				reply: shortName(route.reply.typeName),
				permission: route.permission,
				cost: String(route.cost),
				ordering: route.ordering,
				repeatable: yesNo(route.idempotent),
			}));
		assert.deepEqual(table(section(protocolPage, "Requests")), expected);
	});

	test("lists every push", () => {
		const expected = [...pushContracts.values()]
			.sort((a, b) => a.number - b.number)
			.map((push) => [String(push.number), push.name]);
		const listed = table(section(protocolPage, "Pushes"));
		assert.deepEqual(
			listed.map((row) => [row["number"], row["name"]]),
			expected,
		);
		for (const row of listed) assert.ok(row["meaning"], row["name"]);
	});

	test("lists the limits with their defaults", () => {
		const settings = new Map(configReference().map((row) => [row.key, row.default.replaceAll("`", "")]));
		type Setting = string | number | { readonly perSecond: number; readonly burst: number } | undefined;
		const domains = { chat: chatDefaults, games: gamesDefaults } as unknown as Record<string, Record<string, Setting>>;
		const rateOf = (key: string) => {
			const [perSecond, burst] = [settings.get(`${key}.perSecond`), settings.get(`${key}.burst`)];
			return perSecond === undefined ? undefined : { perSecond: Number(perSecond), burst: Number(burst) };
		};
		const defaultOf = (key: string): Setting => {
			const [group = "", name = ""] = key.split(".");
			return domains[group]?.[name] ?? rateOf(key) ?? settings.get(key);
		};
		const text = (value: Setting): string =>
			typeof value === "object" ? `${value.perSecond}/s, ${value.burst} at once` : String(value);
		const expectedOf = (setting: string): string => {
			const [first = "", second] = [...setting.matchAll(/([\w.]*\w\.\w+)/g)].map(([, key]) => key as string);
			const points = settings.get(`${first}.points`);
			if (points !== undefined) return `${points} within ${Number(settings.get(`${first}.windowMs`)) / 60_000} min`;
			if (second !== undefined) return `${text(defaultOf(first))}/s, ${text(defaultOf(second))} at once`;
			return `${text(defaultOf(first))}${first.endsWith("Ms") ? " ms" : ""}`;
		};
		const rows = table(section(protocolPage, "Limits"));
		for (const { setting = "", default: listed } of rows) assert.equal(listed, expectedOf(setting), setting);
		// A client that may be refused by a rate or a count of attempts can look it up.
		const listed = rows.map(({ setting }) => setting);
		const counted = [...settings.keys()].flatMap((key) => /^(?:(auth\.attempts\.\w+)\.points)$/.exec(key)?.[1] ?? []);
		for (const key of [
			...counted,
			"rates.connection",
			"rates.user",
			"rates.ip",
			"rates.global",
			"rates.connectsPerIp",
		]) {
			assert.ok(listed.includes(key), key);
		}
	});

	test("says which WebSocket libraries take less than the largest message", () => {
		const rows = table(section(protocolPage, "Limits of WebSocket libraries"));
		for (const { library = "", "takes by default": takes = "", set = "" } of rows) {
			const bytes = Number(/^(\d+) bytes/.exec(takes)?.[1] ?? Number.POSITIVE_INFINITY);
			assert.equal(set.startsWith("nothing"), bytes >= MAX_SENT_BYTES, library);
			for (const [number] of set.matchAll(/\d{4,}/g)) assert.equal(Number(number), MAX_SENT_BYTES, library);
		}
		const named = rows.map(({ library }) => library).join();
		for (const library of [
			"coder/websocket",
			"URLSessionWebSocketTask",
			"Python: websockets",
			"OkHttp",
			"tungstenite",
		]) {
			assert.ok(named.includes(library), library);
		}
		assert.ok(protocolPage.includes(`max_sent_message_bytes\` of SessionInfo, ${MAX_SENT_BYTES} bytes`));
	});

	test("says that close codes and protocol numbers share a range", () => {
		const text = section(protocolPage, "Pushes");
		const [, number = "", push, close = ""] =
			/(\d{4}) is the push (\w+) in an\s+envelope, and (\w+) in a close frame/.exec(text) ?? [];
		assert.equal(pushContracts.get(Number(number))?.name, push);
		assert.equal(Object.entries(CloseCode).find(([name]) => name === close)?.[1], Number(number));
	});

	test("no number of a push is one of a request, as both may have seq 0", () => {
		for (const number of pushContracts.keys()) assert.ok(number % 1000 > 500);
		for (const number of routeContracts.keys()) assert.ok(number % 1000 <= 500);
	});

	test("shows a frame as it is", () => {
		const [shown = ""] = codeBlocks(section(protocolPage, "Envelope"), "");
		const golden = goldenFrames().get("auth.heartbeat request");
		assert.equal(shown.replace(/\s/g, ""), Buffer.from(golden?.bytes ?? []).toString("hex"));
		assert.match(section(protocolPage, "Envelope"), new RegExp(`is ${golden?.bytes.length} bytes`));
	});

	test("shows JSON that is understood", () => {
		const transcoder = new JsonTranscoder();
		const blocks = codeBlocks(section(protocolPage, "JSON"), "json");
		assert.equal(blocks.length, 3);
		for (const block of blocks) {
			const envelope = jsonEnvelope(JSON.parse(block));
			const route = routeContracts.get(envelope?.protocol ?? 0);
			assert.ok(envelope && route, block);
			const type = envelope.seq === 1 ? route.request : route.reply;
			const bytes = transcoder.bodyFromJson(type, envelope.body);
			// Nothing in it was ignored as unknown.
			const fields = Object.keys((envelope.body as object | undefined) ?? {}).length;
			assert.equal(Object.keys(transcoder.bodyToJson(type, bytes) as object).length, fields, block);
		}
	});

	test("quotes limits as they are by default", () => {
		const defaults = new Map(configReference().map((row) => [row.key, Number(row.default.replaceAll("`", ""))]));
		const quoted: readonly [key: string, text: RegExp, unit: number][] = [
			["limits.maxMessageBytes", /\((\d+) KiB unless/, 1024],
			["limits.authTimeoutMs", /within (\d+) seconds \(unless/, 1000],
			["limits.idleTimeoutMs", /too long \((\d+) s unless/, 1000],
			["limits.maxInFlight", /may have (\d+) requests in flight/, 1],
			["limits.maxPendingBytesPerConnection", /and (\d+) KiB of them/, 1024],
			["limits.maxInFlightBeforeLogin", /(\d+) of them and \d+ KiB that wait/, 1],
			["limits.maxPendingBytesBeforeLogin", /of them and (\d+) KiB that wait/, 1024],
			["limits.maxErrorsPerMinute", /more than (\d+) errors of the/, 1],
		];
		for (const [key, text, unit] of quoted)
			assert.equal(Number(text.exec(protocolPage)?.[1]) * unit, defaults.get(key), key);
		const { maxDepth, maxValues } = FRAME_JSON_BOUNDS;
		assert.ok(protocolPage.includes(`nested ${maxDepth} deep and hold ${maxValues.toLocaleString("en")} values`));
		assert.equal(defaults.get("limits.tokenGraceMs"), 60_000, "is kept for a minute");
		assert.equal(defaults.get("limits.maxConnectionsPerSession"), 8, "eight on one node");
	});

	test("links to files that exist", () => {
		for (const [source, text] of [
			["protocol/README.md", protocolPage],
			["docs/reference/codes.md", codesPage],
		] as const) {
			for (const [, target = ""] of text.matchAll(/\]\(([^)]+)\)/g)) {
				if (/^https?:/.test(target)) continue;
				const file = path.join(root, path.dirname(source), target.replace(/#.*/, ""));
				assert.ok(existsSync(file), `${source} links to ${target}`);
			}
		}
	});
});

suite("docs/reference/codes.md", () => {
	test("lists every reply code", () => {
		const expected = replyCodes.map(({ code, name, retryable, httpStatus }) => ({
			number: String(code),
			name,
			retryable: yesNo(retryable),
			HTTP: String(httpStatus),
		}));
		const listed = table(section(codesPage, "Reply codes"));
		assert.deepEqual(
			listed.map(({ meaning: _, ...row }) => row),
			expected,
		);
		for (const row of listed) assert.ok(row["meaning"], row["name"]);
	});

	test("lists every close code", () => {
		const expected = Object.entries(CloseCode).map(([name, code]) => [String(code), name, yesNo(code < 4500)]);
		const listed = table(section(codesPage, "Close codes"));
		assert.deepEqual(
			listed.map((row) => [row["code"], row["name"], row["reconnect"]]),
			expected,
		);
		for (const row of listed) assert.ok(row["meaning"], row["name"]);
	});

	test("quotes close reasons as they are sent", () => {
		assert.ok(codesPage.includes(`\`${closeReason(CloseCode.DRAIN, { retryAfterMs: 1500 })}\``));
		assert.ok(codesPage.includes(`\`${closeReason(CloseCode.BAD_FRAME, { text: "no envelope" })}\``));
	});
});
