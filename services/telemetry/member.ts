// One connection's part in a view.
import type { LiveSubscriber } from "../../ports/live-audience.ts";
import type { View } from "./view.ts";

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

export interface Member {
	readonly subscriber: LiveSubscriber;
	readonly view: View;
	/** When it was asked for, on the monotonic clock. */
	readonly sinceMs: number;
	state: MemberState;
	/** Batches missed since the last one that was sent. */
	missed: number;
	/** All that it ever missed. */
	dropped: number;
}
