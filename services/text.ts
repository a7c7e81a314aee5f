// What text may hold that others are going to read, and that a database has to take.

/** Control characters but for tabs and line ends, and halves of surrogate pairs. */
const UNFIT = /[^\P{Cc}\t\n\r]|\p{Surrogate}/u;

/** What a name of one line cannot hold: line ends too, and characters that turn the direction of what stands around it. */
const UNFIT_IN_NAME = /\p{Cc}|\p{Surrogate}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** @returns what is wrong with a text of any length; undefined when nothing is. */
export function problemOfText(text: string): string | undefined {
	return UNFIT.test(text) ? "holds control characters" : undefined;
}

/** @returns what is wrong with the name of something; undefined when nothing is. */
export function problemOfName(text: string): string | undefined {
	if (text.trim() === "") return "is empty";
	return UNFIT_IN_NAME.test(text) ? "holds characters that a name must not hold" : undefined;
}
