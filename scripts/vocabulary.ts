// The words that the project does not use, since the field has a standard term (docs/glossary.md). Every text file is read:
// identifiers are split into their words, and comments, log lines, descriptions and pages are read as they are.

/** Retired word → what to write instead. Words are compared in lower case, after camel case was split. */
const RETIRED: Readonly<Record<string, string>> = {
	...retired(
		"publish, notify, report, return",
		"tell",
		"tells",
		"told",
		"telling",
		"untold",
		"teller",
		"tellers",
		"tellings",
	),
	...retired("receive, on…", "hear", "hears", "heard", "hearing", "unheard"),
	...retired("subscribe", "follow", "followed", "follower", "followers", "followable", "unfollow", "unfollowed"),
	...retired("gap", "hole", "holes"),
	...retired("again", "anew"),
	...retired("operation", "deed", "deeds"),
	...retired("timeout, deadline", "patience"),
	...retired("the client, the caller, the subscriber", "whoever", "whomever"),
	...retired("error, rejection", "refusal", "refusals"),
	...retired("event, change, update", "news"),
	...retired("clients", "crowd", "crowds"),
	...retired("new owner", "heir"),
	...retired("banned member", "outcast"),
	...retired("remove, unsubscribe", "expel", "expelled"),
};

const PHRASES: readonly (readonly [RegExp, string])[] = [
	[/\bunder way\b/i, "in flight, pending"],
	[/\b(?:is|are|was|were|be|been|still) away\b/i, "unavailable, unreachable"],
	[/\b(?:box|process)' /, "box's, process's"],
	[/\blets? (?:in|out)\b/i, "subscribe, unsubscribe"],
];

/**
 * Words that stay until the next major version, with the files that have to name them: fields on the wire, members of the client
 * library.
 */
const KEPT: readonly (readonly [RegExp, RegExp])[] = [
	[/\b(?:not[_-]followed|notFollowed|alarms-told)\b/g, /./],
	// RuleStateRequest.follow.
	[/\bfollow\b/g, /edge[-_]model|edge-pages|closed-channels|reply-fixtures|edge\/gateway\/alarms\.test/],
	[/\bfollowAlarms\b/g, /^client\/|^docs\/reference\/client\.md$|^test\/client\/|^test\/services\/edge\//],
	// An option of dependency-cruiser.
	[/\bdoNotFollow\b/g, /^\.dependency-cruiser\.mjs$/],
	// The table of names that have changed.
	[/maxTold|patienceMs|\w+_(?:un)?told_total|AlarmsUntold/g, /^docs\/operations\/upgrade\.md$/],
	// This list, and the page that says what the words mean.
	[/\w+/g, /^scripts\/vocabulary\.ts$|^test\/scripts\/vocabulary|^test\/deploy\/scripts\/vocabulary/],
];

function retired(instead: string, ...words: string[]): Record<string, string> {
	return Object.fromEntries(words.map((word) => [word, instead]));
}

/** @returns a line for each retired word: `path:line: word → what to write`. */
export function retiredWords(path: string, text: string): string[] {
	const kept = KEPT.flatMap(([pattern, files]) => (files.test(path) ? [pattern] : []));
	return text.split("\n").flatMap((line, index) => {
		const place = `${path}:${index + 1}`;
		const plain = kept.reduce((rest, pattern) => rest.replaceAll(pattern, ""), line);
		const words =
			plain
				.replace(/([a-z0-9])([A-Z])/g, "$1 $2")
				.toLowerCase()
				.match(/[a-z]+/g) ?? [];
		const found = [...new Set(words)].flatMap((word) => {
			return Object.hasOwn(RETIRED, word) ? [`${place}: ${word} → ${RETIRED[word]}`] : [];
		});
		const phrases = PHRASES.flatMap(([pattern, instead]) => {
			const match = pattern.exec(plain);
			return match === null ? [] : [`${place}: ${match[0].trim()} → ${instead}`];
		});
		return [...found, ...phrases];
	});
}
