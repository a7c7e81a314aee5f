// Numbers as values of options.
import { InvalidArgumentError } from "commander";

/** @throws InvalidArgumentError for what is no whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (Number.isInteger(value) && value >= min && value <= max) return value;
		throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}`);
	};
}
