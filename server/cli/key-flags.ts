// Values of the options of `framegate key create`.
import { InvalidArgumentError } from "commander";

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m`, `24h`, `90d`. @throws InvalidArgumentError. */
export function lifeTime(text: string): number {
	const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
	if (count === undefined || Number(count) === 0) {
		throw new InvalidArgumentError("must be a time such as 30m, 24h or 90d");
	}
	return Number(count) * (UNITS[unit] as number);
}

/** `200/400`: a second, and at once. @throws InvalidArgumentError. */
export function keyRate(text: string): { readonly perSecond: number; readonly burst: number } {
	const [, perSecond, burst] = /^(\d{1,7})\/(\d{1,7})$/.exec(text) ?? [];
	const rate = { perSecond: Number(perSecond), burst: Number(burst) };
	if (rate.perSecond >= 1 && rate.burst >= 1 && Math.max(rate.perSecond, rate.burst) <= 1_000_000) return rate;
	throw new InvalidArgumentError("must be tokens a second and how many at once, such as 200/400");
}
