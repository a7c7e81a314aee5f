// Rows of metrics and of the log: the page of metrics has each metric, and lines of the log have each field.
import assert from "node:assert/strict";
import { get, post } from "../../support/http-client.ts";
import { until } from "../../support/until.ts";
import type { Row } from "./rows.ts";
import type { Subject } from "./subject.ts";

export async function checkMetric(row: Row, { at }: Subject): Promise<void> {
	if (row.claim === "not here") return;
	const { body } = await get(at("/metrics"));
	assert.ok(row.code.here.length > 0, "names no metric");
	for (const name of row.code.here) assert.match(body as string, new RegExp(`^# TYPE ${name} `, "m"));
}

type Line = Readonly<Record<string, unknown>>;

const linesOf = (log: string): Line[] =>
	log
		.split("\n")
		.filter((line) => line.startsWith('{"level"') && line.endsWith("}"))
		.map((line) => JSON.parse(line));

/** A name in one word is a field of a line, several words are how a message begins. */
const isIn = (name: string) => (line: Line) =>
	/^\w+$/.test(name) ? name in line : String(line["msg"]).startsWith(name);

export async function checkLog(row: Row, { log, at, login: { accessToken } }: Subject): Promise<void> {
	if (row.claim === "not here") return;
	assert.ok(row.code.here.length > 0, "names nothing of the log");
	if (row.claim === "same") assert.equal(row.here, row.older);
	const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
	await post(at("/chat/listChatRooms"), { token: accessToken, body: { only_mine: true } }, "", trace);
	await post(at("/template/sync_hello"), { body: {} });
	await until(() => row.code.here.every((name) => linesOf(log()).some(isIn(name))));
}
