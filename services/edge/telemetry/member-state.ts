// The state of a connection's membership in a view.

export const MemberState = {
	/** Its first data has not been sent yet. */
	JOINING: "joining",
	/** Subscribed to the view's topic. */
	LIVE: "live",
	/** Reads too slowly: unsubscribed from the topic until it has read. */
	LAGGING: "lagging",
	GONE: "gone",
} as const;
export type MemberState = (typeof MemberState)[keyof typeof MemberState];
