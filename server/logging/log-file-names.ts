// Names of log files: `logs/framegate_2026-12-01.log`, continued by `logs/framegate_2026-12-01.1.log`, compressed to `….log.gz`.
import path from "node:path";

export const LOG_CATEGORIES = ["request", "error", "auth", "system"] as const;
export type LogCategory = (typeof LOG_CATEGORIES)[number];

/** A log file that is there. */
export interface LogFileName {
	/** As its name has it: when it was begun. */
	readonly date: string;
	/** "" where there is one for all lines. */
	readonly category: string;
	/** 0 for the first file of a period. */
	readonly index: number;
	readonly isCompressed: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNITS: Readonly<Record<string, number>> = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS };
const DATE = /\{date\}|\{time:YYYY-MM-DD\}/g;
const CATEGORY = "{category}";

/** @param text - such as `30 days`, as the configuration has checked it. @returns milliseconds. */
export function spanMs(text: string): number {
	const [count = "", unit = ""] = text.split(" ");
	return Number(count) * (UNITS[unit.replace(/s$/, "")] ?? Number.NaN);
}

/** The names of the files of one log. */
export class LogFileNames {
	readonly directory: string;
	readonly hasCategories: boolean;
	private readonly template: string;
	private readonly periodMs: number;
	private readonly pattern: RegExp;

	/**
	 * @param template - as `log.file.path`.
	 * @param periodMs - how long one file is written.
	 */
	constructor(template: string, periodMs: number) {
		this.template = template;
		this.periodMs = periodMs;
		this.directory = path.dirname(template);
		this.hasCategories = template.includes(CATEGORY);
		const { name, ext } = path.parse(template);
		const quoted = (text: string) => text.replace(/[\\^$.*+?()[\]|]/g, "\\$&");
		const withCategory = quoted(name).replaceAll(CATEGORY, `(?<category>${LOG_CATEGORIES.join("|")})`);
		const body = withCategory.replace(DATE, String.raw`(?<date>\d{4}-\d\d-\d\d(?:T\d\d)?)`);
		this.pattern = new RegExp(String.raw`^${body}(?:\.(?<index>\d+))?${quoted(ext)}(?<gz>\.gz)?$`);
	}

	/** @returns which file the lines of this time belong into; equal for times of one file. */
	periodOf(nowMs: number): number {
		return Math.floor(nowMs / this.periodMs);
	}

	/** The date in the names of a period's files. */
	dateOf(period: number): string {
		const begun = new Date(period * this.periodMs).toISOString();
		return begun.slice(0, this.periodMs % DAY_MS === 0 ? "2026-12-01".length : "2026-12-01T05".length);
	}

	/** @param index - 0 for the first file of a period. */
	pathOf(period: number, index: number, category: LogCategory): string {
		const { dir, name, ext } = path.parse(
			this.template.replaceAll(CATEGORY, category).replace(DATE, this.dateOf(period)),
		);
		return path.join(dir, `${name}${index === 0 ? "" : `.${index}`}${ext}`);
	}

	/** @returns undefined for a file that is none of these. */
	parse(fileName: string): LogFileName | undefined {
		const found = this.pattern.exec(fileName)?.groups;
		if (found === undefined) return undefined;
		const { date = "", category = "", index = "0", gz } = found;
		return { date, category, index: Number(index), isCompressed: gz !== undefined };
	}
}
