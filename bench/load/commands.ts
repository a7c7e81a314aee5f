// What the bench tells a load process, and what that answers. Messages travel over Node's own IPC channel.

/** How replies are checked: an envelope with code OK, or the very bytes that were sent. */
export type Check = "envelope" | "echo";

export interface OpenCommand {
	readonly kind: "open";
	/** Names the connections in later commands. */
	readonly group: string;
	readonly port: number;
	readonly connections: number;
	readonly check: Check;
	/** What each connection sends once upgraded; it is open when the reply has come. Empty: open when upgraded. */
	readonly first: readonly Uint8Array[];
	/** How many connections may be under way at once. */
	readonly window: number;
}

export type Command =
	| OpenCommand
	/** Every connection keeps `outstanding` requests under way until `stop`. */
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

export interface Results {
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
