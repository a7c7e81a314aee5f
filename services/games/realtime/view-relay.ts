// Brings views to the connections of players: those of this process at once, those of others in one message a round to each.
import type { UserFrames } from "../../../messaging/live-audience.ts";
import type { NodeRpc } from "../../../messaging/node-rpc.ts";
import { WireReader } from "../../../protocol/codec/wire-reader.ts";
import { WireWriter } from "../../../protocol/codec/wire-writer.ts";

/** Waiting for one node; beyond it frames are dropped, and their clients ask for the state. */
const MAX_NODE_BYTES = 524_288;

export class ViewRelay {
	/** Bytes of frames for connections of this process and of others, since the start. */
	sentBytes = 0;
	/** Frames that found no room, since the start. */
	dropped = 0;
	private readonly rpc: NodeRpc;
	private readonly frames: UserFrames;
	private readonly waiting = new Map<string, WireWriter>();

	constructor(rpc: NodeRpc, frames: UserFrames) {
		this.rpc = rpc;
		this.frames = frames;
		rpc.onNotice((payload) => this.receive(payload));
	}

	/** @param node - the process that has connections of these users. */
	send(node: string, channel: string, userIds: readonly string[], frame: Uint8Array): void {
		this.sentBytes += frame.length * userIds.length;
		if (node === this.rpc.nodeId) {
			this.frames.push(channel, userIds, frame);
			return;
		}
		let writer = this.waiting.get(node);
		if (writer === undefined) {
			writer = new WireWriter();
			this.waiting.set(node, writer);
		}
		if (writer.len + frame.length > MAX_NODE_BYTES) {
			this.dropped += userIds.length;
			return;
		}
		writer.string(channel).uint32(userIds.length);
		for (const userId of userIds) writer.string(userId);
		writer.bytes(frame);
	}

	/** What waits for other nodes goes out. */
	flush(): void {
		if (this.waiting.size === 0) return;
		for (const [node, writer] of this.waiting) this.rpc.notify(node, writer.finish());
		this.waiting.clear();
	}

	private receive(payload: Uint8Array): void {
		const reader = new WireReader(payload);
		while (reader.pos < reader.end) {
			const channel = reader.string();
			const userIds: string[] = [];
			for (let left = reader.uint32(); left > 0; left--) userIds.push(reader.string());
			this.frames.push(channel, userIds, reader.takeBytes());
		}
	}
}
