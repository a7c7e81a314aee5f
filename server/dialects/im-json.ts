// The JSON dialect of clients of an IM gateway: `{"type": "send-message", "message_id": …, "data": {…}, "timestamp": …}`. Their messages
// become requests of the chat block, and its replies and pushes become theirs; rules, rights and limits are those of the routes.
import type { Connection } from "../../core/connection.ts";
import type { TextDialect } from "../../core/text-dialect.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyMessageType } from "../../protocol/contract.ts";
import { authRoutes, chatRoutes, Envelope } from "../../protocol/gen/schema.ts";
import type { JsonRequest } from "../../protocol/json.ts";
import { AskedRequests } from "./asked-requests.ts";
import { writeImPush } from "./im-json-pushes.ts";
import { writeConnected, writeImError, writeImReply, writeProblem } from "./im-json-replies.ts";
import { IM_TYPES, type ImRequest, INEXACT, isInexact, readImMessage } from "./im-json-requests.ts";

export interface ImJsonOptions {
	/** Wall time, Unix milliseconds. */
	readonly now: () => number;
	/** Rooms are those of the gateway's own chat: connections are subscribed to those of their user. */
	readonly hasRooms: boolean;
	/** No other dialect has messages with a `type`. */
	readonly isAlone: boolean;
}

/** The reply to a token, which is sent when the connection is subscribed to the rooms of its user. */
interface Opening {
	readonly connected: string;
	/** The message that has brought the token; undefined for one in the address. */
	readonly request: ImRequest | undefined;
}

/** Rooms that a connection is subscribed to, the latest first: what one page of them holds. */
const MAX_ROOMS = 200;
const MAX_ID_LENGTH = 128;

interface Asked {
	readonly contract: ImRequest["contract"];
	/** Undefined: asked by the dialect itself. */
	readonly request: ImRequest | undefined;
}

export class ImJsonDialect implements TextDialect {
	readonly encoding = "im-json";
	readonly framesBody = false;
	private readonly options: ImJsonOptions;
	private readonly states = new WeakMap<Connection, AskedRequests<Asked>>();
	private readonly openings = new WeakMap<Connection, Opening>();

	constructor(options: ImJsonOptions) {
		this.options = options;
	}

	read(connection: Connection, value: unknown): readonly JsonRequest[] | string | undefined {
		if (typeof value !== "object" || value === null || "protocol" in value) return undefined;
		// A connection that uses the dialect stays with it: without a type, it is a message of it in which that is missing.
		if (!("type" in value) && connection.encoding !== this.encoding) return undefined;
		const { type, message_id: id, data } = value as Readonly<Record<string, unknown>>;
		if (!this.isOurs(connection, type, id)) return undefined;
		const messageId = idOf(id);
		const name = typeof type === "string" ? type : "";
		const read = isInexact(id) ? { field: "message_id", text: INEXACT } : readImMessage(name, messageId, data);
		if ("field" in read) {
			const problem = { code: "BAD_REQUEST", text: `${read.field}: ${read.text}`, field: read.field, retryAfterMs: 0 };
			return writeProblem(problem, { messageId, clientMsgId: "" }, this.options.now());
		}
		return [this.ask(connection, { contract: read.contract, request: read }, read.body)];
	}

	/** Rooms publish on a channel each, to which these clients don't know that they have to subscribe. */
	opening(connection: Connection): readonly JsonRequest[] {
		if (!this.hasRooms(connection)) return [];
		return [this.ask(connection, { contract: chatRoutes.listConversations, request: undefined }, { limit: MAX_ROOMS })];
	}

	write(
		connection: Connection | undefined,
		frame: Uint8Array,
		bodyType: AnyMessageType | undefined,
	): string | undefined {
		const nowMs = this.options.now();
		const envelope = Envelope.decode(frame);
		if (!envelope.seq) {
			// What was refused before anything was asked, such as the token of the address.
			if (envelope.error) return writeImError(envelope, undefined, nowMs);
			if (envelope.protocol === authRoutes.connect.number) {
				return this.connected(connection, writeConnected(envelope, "", nowMs), undefined);
			}
			return bodyType === undefined ? undefined : writeImPush(envelope, bodyType, nowMs);
		}
		const asked = connection && this.states.get(connection)?.answered(envelope.seq, envelope.protocol ?? 0);
		if (connection === undefined || asked === undefined) return undefined;
		const { request } = asked;
		if (request === undefined) return this.opened(connection, envelope, nowMs);
		const text = writeImReply(envelope, request, nowMs);
		const isConnected = asked.contract === authRoutes.connect && !envelope.error;
		return isConnected ? this.connected(connection, text, request) : text;
	}

	private hasRooms({ identity }: Connection): boolean {
		return this.options.hasRooms && identity?.key === undefined;
	}

	/** A client that has this reply misses nothing from then on: where there are rooms, it is sent when they are subscribed to. */
	private connected(
		connection: Connection | undefined,
		connected: string,
		request: ImRequest | undefined,
	): string | undefined {
		if (connection === undefined || !this.hasRooms(connection)) return connected;
		this.openings.set(connection, { connected, request });
		return undefined;
	}

	/** The reply to `opening`. */
	private opened(connection: Connection, envelope: Envelope, nowMs: number): string | undefined {
		const opening = this.openings.get(connection);
		this.openings.delete(connection);
		// Who may not chat has no rooms. After another failure the client has to come again, or would miss what is said there.
		const isOpen = !envelope.error || envelope.code === ErrorCode.PERMISSION_DENIED;
		return isOpen ? opening?.connected : opening && writeImError(envelope, opening.request?.message, nowMs);
	}

	/** A connection that uses the dialect stays with it; otherwise the message has to be one of it for certain. */
	private isOurs({ encoding }: Connection, type: unknown, id: unknown): boolean {
		if (this.options.isAlone || encoding === this.encoding || id !== undefined) return true;
		return typeof type === "string" && type !== "ping" && IM_TYPES.has(type);
	}

	private ask(connection: Connection, asked: Asked, body: object): JsonRequest {
		const state = this.states.get(connection) ?? new AskedRequests<Asked>();
		this.states.set(connection, state);
		return { protocol: asked.contract.number, seq: state.ask(asked), traceId: "", body };
	}
}

/** Ids come as texts or numbers; they go back as texts. They are kept: a mere slice would keep all that it was cut from. */
function idOf(value: unknown): string {
	if ((typeof value !== "string" && typeof value !== "number") || isInexact(value)) return "";
	const text = String(value);
	return text.length <= MAX_ID_LENGTH ? text : Buffer.from(text.slice(0, MAX_ID_LENGTH)).toString();
}
