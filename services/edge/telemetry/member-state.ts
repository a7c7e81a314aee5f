// Where a connection stands in a view.

export const MemberState = {
	/** Its first data has not been sent yet. */
	JOINING: "joining",
	/** On the view's topic. */
	LIVE: "live",
	/** Reads too slowly: off the topic until it has read. */
	LAGGING: "lagging",
	GONE: "gone",
} as const;
export type MemberState = (typeof MemberState)[keyof typeof MemberState];
