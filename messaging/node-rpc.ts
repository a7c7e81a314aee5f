// A request of one gateway process to another, and the reply. At most once: without a reply it is unknown what happened.
// Implementations: stores/memory, stores/redis.

/** Answers a request; what it throws as a GatewayError is thrown at the caller. */
export type NodeRequestHandler = (payload: Uint8Array) => Promise<Uint8Array>;

export interface NodeRpc {
	/** Names this process, uniquely for its life. */
	readonly nodeId: string;
	/** Set once. */
	serve(handler: NodeRequestHandler): void;
	/**
	 * @throws GatewayError UNAVAILABLE when the other process is gone, too many calls are in flight, or the link is down;
	 *   TIMEOUT when it did not answer in time; whatever the other process threw.
	 */
	call(nodeId: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
	/** Sends something to another process that answers nothing; it may get lost. Those to one process arrive in order. */
	notify(nodeId: string, payload: Uint8Array): void;
	/** Receives what others notify of. Set once; must not throw. */
	onNotice(handler: (payload: Uint8Array) => void): void;
	close(): Promise<void>;
}
