// The bus of a product that is one process.
import type { NodeBus, NodeEvent } from "./node-bus.ts";

export class MemoryNodeBus implements NodeBus {
	private readonly listeners = new Set<(event: NodeEvent) => void>();

	async publish(event: NodeEvent): Promise<void> {
		for (const listener of this.listeners) listener(event);
	}

	subscribe(listener: (event: NodeEvent) => void): () => void {
		this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	}

	async close(): Promise<void> {
		this.listeners.clear();
	}
}
