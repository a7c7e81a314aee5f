// The commands that the bench sends to a load process, and their results. Messages travel over Node's own IPC channel.
import type { DialectName } from "./dialects.ts";

/** How replies are checked: an envelope with code OK, the very bytes that were sent, or HTTP status 200 and the first reply's length. */
export type Check = "envelope" | "echo" | "http";

export interface OpenCommand {
	readonly kind: "open";
	/** Names the connections in later commands. */
	readonly group: string;
	readonly port: number;
	readonly connections: number;
	readonly check: Check;
	/** What each connection sends once upgraded; it is open when the reply has come. Empty: open when upgraded. None over HTTP. */
	readonly first: readonly Uint8Array[];
	/** How many connections may be opening at once. */
	readonly window: number;
}

/** Connects the members of rooms. */
export interface ConnectCommand {
	readonly kind: "connect";
	readonly group: string;
	readonly port: number;
	readonly dialect: DialectName;
	readonly members: readonly {
		readonly room: string;
		/** What it sends once upgraded. */
		readonly first?: Uint8Array;
		/** Of another node than the others'. */
		readonly port?: number;
	}[];
	/** How many connections may be opening at once. */
	readonly window: number;
}

/** Makes members publish in turn, at a fixed rate; answers when everything has been sent. */
export interface PublishCommand {
	readonly kind: "publish";
	readonly group: string;
	/** Indexes of members. */
	readonly publishers: readonly number[];
	/** What each of them publishes, with a blank stamp; fewer are used in turn. */
	readonly messages: readonly Uint8Array[];
	readonly perSecond: number;
	readonly seconds: number;
}

/** Opens clients that watch telemetry. */
export interface WatchCommand {
	readonly kind: "watch";
	readonly group: string;
	readonly port: number;
	readonly path: string;
	readonly connections: number;
	/** What each connection sends once upgraded; it is open when the reply has come. Empty: open when upgraded. */
	readonly first: readonly Uint8Array[];
	/** How each of them subscribes, or one for all; nothing is sent where there are no bytes. */
	readonly subscribe: readonly Uint8Array[];
	readonly intervalMs: number;
	/** What each of them gets in each interval. */
	readonly pointsPerTick: number;
	/** Otherwise batches are not decoded: they only warm the server up. */
	readonly isChecked: boolean;
	/** Batches are numbered, and each number must come. */
	readonly isSequenced: boolean;
	/** How many connections may be opening at once. */
	readonly window: number;
}

export type Command =
	| OpenCommand
	| WatchCommand
	/** Lets watchers subscribe one after the other, so many a second; answers when each has its first data. */
	| { readonly kind: "subscribe"; readonly group: string; readonly perSecond: number }
	/** From now on what comes counts. */
	| { readonly kind: "observe"; readonly group: string }
	/** What came since `observe`. */
	| { readonly kind: "observed"; readonly group: string }
	| { readonly kind: "leave"; readonly group: string }
	/** Every connection keeps `outstanding` requests in flight until `stop`. */
	| { readonly kind: "start"; readonly group: string; readonly payload: Uint8Array; readonly outstanding: number }
	| { readonly kind: "count"; readonly group: string }
	/** Answers when every reply has come. */
	| { readonly kind: "stop"; readonly group: string }
	/** Sends at a fixed rate, whatever comes back, and answers when every reply has come. */
	| {
			readonly kind: "openLoop";
			readonly group: string;
			readonly payload: Uint8Array;
			readonly perSecond: number;
			readonly seconds: number;
	  }
	| ConnectCommand
	| PublishCommand
	/** Resets the counters of received messages. */
	| { readonly kind: "startCounting"; readonly group: string }
	/** What was received since `startCounting`. */
	| { readonly kind: "received"; readonly group: string; readonly withLatency: boolean }
	| { readonly kind: "disconnect"; readonly group: string }
	| { readonly kind: "close"; readonly group: string };

export interface OpenResult {
	/** On the machine's monotonic clock, comparable between processes. */
	readonly startedAtNs: number;
	readonly servedAtNs: number;
	/** Microseconds from the first packet of a connection until it was served; compressed HDR histogram, base64. */
	readonly histogram: string;
	readonly errors: number;
	readonly firstError: string;
}

export interface CountResult {
	readonly messages: number;
	readonly errors: number;
	readonly firstError: string;
}

export interface OpenLoopResult extends CountResult {
	/** Microseconds from the intended sending of a message until its reply; compressed HDR histogram, base64. */
	readonly histogram: string;
	/** Microseconds that messages were sent late; part of the latency as well. */
	readonly lateness: string;
	/** Messages without a reply when the run was given up. */
	readonly missing: number;
}

export interface PublishResult {
	readonly sent: number;
	/** Microseconds that messages were sent late; part of the latency as well. */
	readonly lateness: string;
	readonly errors: number;
	readonly firstError: string;
}

export interface ReceivedResult {
	readonly delivered: number;
	/** Replies to the publishers, where the server sends any. */
	readonly replies: number;
	/** Microseconds from the intended sending to each delivery; empty unless asked for. */
	readonly histogram: string;
	/** The first message that was received, unchanged. */
	readonly sample: Uint8Array;
	readonly errors: number;
	readonly firstError: string;
}

export interface SubscribeResult {
	/** Microseconds from a request to subscribe until all of the first data was there. */
	readonly firstData: string;
	readonly errors: number;
	readonly firstError: string;
}

export interface ObservedResult {
	/** One of the batches, as it came; empty when there was none after the first data. */
	readonly sample: Uint8Array;
	readonly points: number;
	/** Complete sets of points. */
	readonly ticks: number;
	/** Microseconds by which the time between two sets missed the interval. */
	readonly jitter: string;
	readonly errors: number;
	readonly firstError: string;
}

export interface Results {
	readonly watch: OpenResult;
	readonly subscribe: SubscribeResult;
	readonly observe: ObservedResult;
	readonly observed: ObservedResult;
	readonly leave: ObservedResult;
	readonly connect: OpenResult;
	readonly publish: PublishResult;
	readonly startCounting: ReceivedResult;
	readonly received: ReceivedResult;
	readonly disconnect: ReceivedResult;
	readonly open: OpenResult;
	readonly start: CountResult;
	readonly count: CountResult;
	readonly stop: CountResult;
	readonly openLoop: OpenLoopResult;
	readonly close: CountResult;
}

export interface Answer {
	readonly id: number;
	readonly result?: unknown;
	readonly failure?: string;
}
