// The arithmetic of docs/operations/bounds.md: configuration keys count with their defaults, linked names are constants of
// a source file, numbers may have a unit of bytes.
import { configKeys } from "../../server/config/keys.ts";
import { page } from "../docs/markdown.ts";

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
/** A linked constant, a key, a number with or without a unit, or a sign. */
const TOKEN =
	/\[`([A-Za-z_]\w*)`\]\(([^)]+)\)|`([a-zA-Z]+(?:\.[a-zA-Z]+)+)`|([\d,]+(?:\.\d+)?)(?: (B|KiB|MiB|GiB)\b)?|([×÷+−()])/gy;

type Token = number | string;

/**
 * Computes a bound.
 *
 * @param text - `limits.maxConnections` × 16 KiB
 * @param folder - of the page, from the top of the repository: what links start from.
 * @throws Error that names what is unknown.
 */
export function evaluate(text: string, folder: string): number {
	const tokens = tokensOf(text, folder);
	let at = 0;
	const factor = (): number => {
		const token = tokens[at++];
		if (typeof token === "number") return token;
		if (token !== "(") throw new Error(`${text}: expected a value, found ${token ?? "the end"}`);
		const value = sum();
		if (tokens[at++] !== ")") throw new Error(`${text}: a bracket is not closed`);
		return value;
	};
	const product = (): number => {
		let value = factor();
		while (tokens[at] === "×" || tokens[at] === "÷") value = tokens[at++] === "×" ? value * factor() : value / factor();
		return value;
	};
	const sum = (): number => {
		let value = product();
		while (tokens[at] === "+" || tokens[at] === "−")
			value = tokens[at++] === "+" ? value + product() : value - product();
		return value;
	};
	const value = sum();
	if (at !== tokens.length) throw new Error(`${text}: ${tokens[at]} is not expected`);
	return value;
}

function tokensOf(text: string, folder: string): Token[] {
	const tokens: Token[] = [];
	const pattern = new RegExp(TOKEN);
	for (let rest = 0; rest < text.length; rest = pattern.lastIndex) {
		while (text[rest] === " ") rest++;
		pattern.lastIndex = rest;
		const match = pattern.exec(text);
		if (match === null) throw new Error(`${text}: cannot read "${text.slice(rest, rest + 30)}"`);
		const [, constant, link = "", key, digits, unit, sign = ""] = match;
		if (constant !== undefined) tokens.push(constantOf(constant, `${folder}/${link}`));
		else if (key !== undefined) tokens.push(defaultOf(key));
		else if (digits !== undefined) tokens.push(Number(digits.replaceAll(",", "")) * (UNITS[unit ?? "B"] ?? Number.NaN));
		else tokens.push(sign);
	}
	return tokens;
}

function defaultOf(key: string): number {
	const info = configKeys.find((candidate) => candidate.key === key);
	if (typeof info?.default !== "number") throw new Error(`${key} is no key with a number as its default`);
	return info.default;
}

/** Read from the source, so that a constant need not be exported to be counted. */
function constantOf(name: string, path: string): number {
	const source = page(path);
	const definition = new RegExp(
		`(?:\\bconst ${name}(?:: number)? =|(?<![\\w.])${name}:|\\?\\?) ([\\d_]+(?: \\* [\\d_]+)*)[;,]`,
		"g",
	);
	const found = [...source.matchAll(definition)].filter(([whole]) => whole.includes(name));
	const [match] = found;
	if (match === undefined || found.length > 1)
		throw new Error(`${path} defines ${name} ${found.length} times as a number`);
	return (match[1] ?? "")
		.split(" * ")
		.map((part) => Number(part.replaceAll("_", "")))
		.reduce((product, part) => product * part, 1);
}

/** 9.77 GiB, 156.3 MiB, 100.0 KiB: as the page writes sizes. */
export function inBytes(value: number): string {
	for (const [unit, digits] of [
		["TiB", 2],
		["GiB", 2],
		["MiB", 1],
	] as const) {
		const size = UNITS[unit] ?? 1;
		if (value >= size) return `${grouped(value / size, digits)} ${unit}`;
	}
	return `${grouped(value / 1024, 1)} KiB`;
}

function grouped(value: number, digits: number): string {
	return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
