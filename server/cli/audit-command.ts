// `framegate audit`: the audit trail, read from the database beside a running gateway.
import process from "node:process";
import type { AuditEntry } from "../../services/edge/control/audit-trail.ts";
import { SqlAuditTrail } from "../../services/edge/control/store/audit-trail-sql.ts";
import { openDatabase } from "../../stores/sql/database.ts";
import { loadConfig } from "../config/load.ts";
import { CommandError, exitCodes } from "./failure.ts";
import type { CommonFlags } from "./flags.ts";
import { commandLogger } from "./open-accounts.ts";
import { formatTable } from "./table.ts";

export interface AuditFlags extends CommonFlags {
	readonly since: string;
	readonly user?: string;
	readonly limit: string;
	readonly json?: boolean;
}

const MAX_LIMIT = 10_000;
const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Lists the latest entries that match, oldest of them first. */
export async function listAudit(flags: AuditFlags): Promise<void> {
	const query = { sinceMs: parseSince(flags.since, Date.now()), username: flags.user, limit: parseLimit(flags.limit) };
	const config = loadConfig({ file: flags.config });
	const { url, timeoutMs } = config.database;
	const options = { url, maxConnections: 1, connectTimeoutMs: timeoutMs };
	const database = openDatabase(options, await commandLogger(config));
	try {
		const entries = await new SqlAuditTrail(database).list(query);
		process.stdout.write(flags.json === true ? jsonLines(entries) : table(entries));
	} finally {
		await database.close();
	}
}

/** @returns Unix milliseconds. @throws CommandError (usage) when it is no time. */
export function parseSince(text: string, nowMs: number): number {
	const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
	if (count !== undefined) return nowMs - Number(count) * (unitMs[unit] ?? 0);
	const atMs = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
	if (Number.isNaN(atMs)) throw new CommandError(`--since ${text}: neither a date nor like 24h`, exitCodes.usage);
	return atMs;
}

function parseLimit(text: string): number {
	const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
	if (limit >= 1 && limit <= MAX_LIMIT) return limit;
	throw new CommandError(`--limit ${text}: must be a number from 1 to ${MAX_LIMIT}`, exitCodes.usage);
}

function jsonLines(entries: readonly AuditEntry[]): string {
	return entries.map(({ atMs, ...rest }) => `${JSON.stringify({ at: timeOf(atMs), ...rest })}\n`).join("");
}

function table(entries: readonly AuditEntry[]): string {
	const rows = entries.map((entry) => {
		const { atMs, username, ip, operation, target, value, outcome, commandId, reason, detail } = entry;
		const cells = [username, ip, operation, target, value === undefined ? "" : String(value), outcome];
		return [timeOf(atMs), ...[...cells, commandId, reason, detail].map(cell)];
	});
	const header = ["at", "user", "ip", "operation", "target", "value", "outcome", "command", "reason", "detail"];
	return formatTable(header, rows);
}

/** What users wrote must not move the cursor or colour the terminal. */
function cell(text: string): string {
	return text === "" ? "-" : text.replaceAll(/\p{Cc}/gu, "\uFFFD");
}

function timeOf(atMs: number): string {
	return new Date(atMs).toISOString();
}
