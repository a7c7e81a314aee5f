// Calls between nodes of one process: the product without Redis calls itself only; tests make several nodes of one network.

import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError, unavailable } from "../protocol/error.ts";
import type { NodeRequestHandler, NodeRpc } from "./node-rpc.ts";

const RETRY_AFTER_MS = 500;

/** What nodes of one network can reach. */
export class MemoryRpcNetwork {
	readonly handlers = new Map<string, NodeRequestHandler>();
	readonly noticed = new Map<string, (payload: Uint8Array) => void>();
}

export class MemoryNodeRpc implements NodeRpc {
	readonly nodeId: string;
	private readonly network: MemoryRpcNetwork;
	private readonly maxInFlight: number;
	private inFlight = 0;

	constructor(nodeId: string, network = new MemoryRpcNetwork(), maxInFlight = 10_000) {
		this.nodeId = nodeId;
		this.network = network;
		this.maxInFlight = maxInFlight;
	}

	serve(handler: NodeRequestHandler): void {
		this.network.handlers.set(this.nodeId, handler);
	}

	async call(nodeId: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
		const handler = this.network.handlers.get(nodeId);
		if (handler === undefined || this.inFlight >= this.maxInFlight) throw unavailable("the other node", RETRY_AFTER_MS);
		this.inFlight++;
		let timer: NodeJS.Timeout | undefined;
		const deadline = new Promise<never>((_resolve, reject) => {
			const late = () => reject(new GatewayError(ErrorCode.TIMEOUT, "the other node did not answer in time"));
			timer = setTimeout(late, timeoutMs);
		});
		try {
			return await Promise.race([handler(payload), deadline]);
		} catch (error) {
			throw GatewayError.from(error);
		} finally {
			clearTimeout(timer);
			this.inFlight--;
		}
	}

	notify(nodeId: string, payload: Uint8Array): void {
		const handler = this.network.noticed.get(nodeId);
		if (handler !== undefined) setImmediate(() => handler(payload));
	}

	onNotice(handler: (payload: Uint8Array) => void): void {
		this.network.noticed.set(this.nodeId, handler);
	}

	async close(): Promise<void> {
		this.network.noticed.delete(this.nodeId);
		this.network.handlers.delete(this.nodeId);
	}
}
