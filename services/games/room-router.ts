// Finds the process that owns a room and has it answer: this one, or another over NodeRpc. A room whose owner died is taken
// over on the way.

import { setLast } from "../../common/bounded-map.ts";
import { originOf } from "../../common/fair-queue.ts";
import type { Logger } from "../../common/logger.ts";
import type { NodeRpc } from "../../messaging/node-rpc.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import { GetGameStateResponse } from "../../protocol/gen/schema.ts";
import type { Passwords } from "../accounts/passwords.ts";
import type { HeldRoom } from "./held-room.ts";
import type { GamesOptions } from "./options.ts";
import { decodeCommand, encodeCommand } from "./room-codec.ts";
import type { JoinCommand, RoomCommand, RoomReply } from "./room-command.ts";
import type { RoomDirectory } from "./room-directory.ts";
import { NotOwner, wrongPassword } from "./room-errors.ts";
import type { RoomOwner } from "./room-owner.ts";

const MAX_ATTEMPTS = 4;
const MAX_REMEMBERED = 10_000;
const RETRY_AFTER_MS = 500;

/** First byte of an answer between processes. */
const Answer = { REPLY: 0, NOT_OWNER: 1 } as const;

export interface RouterServices {
	readonly roomOwner: RoomOwner;
	readonly rpc: NodeRpc;
	readonly directory: RoomDirectory;
	readonly passwords: Passwords;
	readonly logger: Logger;
}

export class RoomRouter {
	private readonly services: RouterServices;
	private readonly options: GamesOptions;
	/** Which other process owned a room when it was last asked; oldest first. */
	private readonly owners = new Map<string, string>();

	constructor(services: RouterServices, options: GamesOptions) {
		this.services = services;
		this.options = options;
		services.rpc.serve((payload) => this.serve(payload));
	}

	/**
	 * @throws GatewayError what the room refuses; NOT_FOUND; UNAVAILABLE or TIMEOUT, after which it is unknown whether it
	 *   happened.
	 */
	async send(roomId: string, command: RoomCommand): Promise<RoomReply> {
		for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
			try {
				const held = this.services.roomOwner.held(roomId);
				return held === undefined ? await this.runRemote(roomId, command) : await this.runLocal(held, command);
			} catch (error) {
				if (!(error instanceof NotOwner)) throw error;
				this.owners.delete(roomId);
			}
		}
		throw unavailable("the room", RETRY_AFTER_MS);
	}

	private async runLocal(room: HeldRoom, command: RoomCommand): Promise<RoomReply> {
		if ("node" in command) this.services.roomOwner.recordNode(command.node);
		return await room.run(command.type === "join" ? await this.verified(room, command) : command);
	}

	/** Hashing is slow, and not done in the room's turn: what was verified is compared with what the room has then. */
	private async verified(room: HeldRoom, command: JoinCommand): Promise<JoinCommand> {
		const { info, members } = room.state;
		const { passwordHash } = info;
		const needsNone = passwordHash === "" || members.has(command.userId) || info.banned.includes(command.userId);
		if (needsNone) return { ...command, verifiedHash: passwordHash };
		if (command.password === "") throw wrongPassword();
		if (!(await this.services.passwords.verify(passwordHash, command.password, originOf(command.userId))))
			throw wrongPassword();
		return { ...command, verifiedHash: passwordHash };
	}

	private async runRemote(roomId: string, command: RoomCommand): Promise<RoomReply> {
		const { roomOwner, rpc, directory } = this.services;
		const remembered = this.owners.get(roomId);
		if (remembered !== undefined) return await this.forward(remembered, roomId, command);
		const { owner, token } = await roomOwner.locate(roomId);
		if (owner === rpc.nodeId || !(await directory.isLive(owner))) {
			await roomOwner.take(roomId, token);
			throw new NotOwner();
		}
		this.remember(roomId, owner);
		return await this.forward(owner, roomId, command);
	}

	private async forward(owner: string, roomId: string, command: RoomCommand): Promise<RoomReply> {
		let answer: Uint8Array;
		try {
			answer = await this.services.rpc.call(owner, encodeCommand(roomId, command), this.options.forwardTimeoutMs);
		} catch (error) {
			// It may be gone; the next request looks again.
			const isLinkFailure =
				error instanceof GatewayError && (error.code === ErrorCode.UNAVAILABLE || error.code === ErrorCode.TIMEOUT);
			if (isLinkFailure) this.owners.delete(roomId);
			throw error;
		}
		if (answer[0] === Answer.NOT_OWNER) throw new NotOwner();
		return GetGameStateResponse.decode(answer.subarray(1));
	}

	private async serve(payload: Uint8Array): Promise<Uint8Array> {
		const { roomId, command } = decodeCommand(payload);
		const held = this.services.roomOwner.held(roomId);
		if (held === undefined) return Uint8Array.of(Answer.NOT_OWNER);
		try {
			const reply = GetGameStateResponse.encode(await this.runLocal(held, command)).finish();
			const answer = new Uint8Array(1 + reply.length);
			answer[0] = Answer.REPLY;
			answer.set(reply, 1);
			return answer;
		} catch (error) {
			if (error instanceof NotOwner) return Uint8Array.of(Answer.NOT_OWNER);
			throw error;
		}
	}

	private remember(roomId: string, owner: string): void {
		setLast(this.owners, roomId, owner, MAX_REMEMBERED);
	}
}
