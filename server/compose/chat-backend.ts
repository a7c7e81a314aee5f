// What is behind the chat routes: our own chat, or a logic service that is reached by Kafka, by gRPC, or by both.
import type { Clock } from "../../common/clock.ts";
import type { Hooks } from "../../common/hooks.ts";
import type { PipelineCall, Step } from "../../core/pipeline.ts";
import type { HandlerModule } from "../../core/route.ts";
import { type BoundModule, bindModule } from "../../core/route-table.ts";
import { type ChatServices, chatModule } from "../../handlers/chat.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyMessageType, AnyRouteContract, RelayedBody } from "../../protocol/contract.ts";
import { GatewayError } from "../../protocol/error.ts";
import { chatRoutes } from "../../protocol/gen/schema.ts";
import { ForwardedMessages } from "../../services/chat/forwarded-messages.ts";
import type { MessageForwarder } from "../../services/chat/message-uplink.ts";
import type { MessageSender } from "../../services/chat/messages.ts";
import type { RouteBackend } from "../../upstreams/routes/route-backend.ts";
import type { Config } from "../config/config.ts";
import { type OpenUpstreams, routeCallOf } from "./upstreams.ts";

export interface ChatBackendParts {
	readonly chat: Omit<ChatServices, "presence">;
	readonly presence: ChatServices["presence"];
	/** Undefined without a topic of messages. */
	readonly forwarder: MessageForwarder | undefined;
	readonly upstreams: Pick<OpenUpstreams, "delegate">;
	readonly hooks: Hooks;
	readonly clock: Clock;
	/** As it is now: how long a call may take can change. */
	readonly config: () => Config;
}

/** Served by the gateway whatever is behind the others: who is online is known here. */
const OWN: ReadonlySet<AnyRouteContract> = new Set<AnyRouteContract>([chatRoutes.presence]);
const SENDING: ReadonlySet<AnyRouteContract> = new Set<AnyRouteContract>([
	...[chatRoutes.sendMessage, chatRoutes.sendPrivateMessage],
]);

/**
 * @returns the module of the chat routes, for each route table that is made.
 * @throws Error when the configuration names no topic or service that the backend needs.
 */
export function openChatBackend(parts: ChatBackendParts): () => BoundModule {
	const { chat, presence, upstreams, hooks } = parts;
	const { chat: options } = parts.config();
	if (options.backend === "builtin") {
		const own = bindModule(chatModule, { ...chat, presence });
		return () => own;
	}
	const delegate = options.service === undefined ? undefined : upstreams.delegate(options.service);
	const messages = options.backend === "kafka" ? forwardedMessages(parts, options) : undefined;
	const own = messages === undefined ? OWN : new Set([...OWN, ...SENDING]);
	const services: ChatServices = { ...chat, presence, messages: messages ?? chat.messages };
	const { name, routes } = bindModule(only(chatModule, own), services);
	const others = chatModule.routes.map(({ contract }) => contract).filter((contract) => !own.has(contract));
	const delegated = delegate === undefined ? [] : others.map((contract) => delegatedRoute(contract, delegate, parts));
	return () => {
		// Without a hook a message is in the queue before its handler waits: calls need not run one after the other to keep their order.
		const isUnordered = hooks.beforeMessage === undefined;
		const served = routes.map(({ contract, last }) => {
			return { contract: isUnordered && SENDING.has(contract) ? unordered(contract) : contract, last };
		});
		return { name, routes: [...served, ...delegated] };
	};
}

function unordered(contract: AnyRouteContract): AnyRouteContract {
	return { ...contract, ordering: "none" };
}

function forwardedMessages({ forwarder, hooks, clock }: ChatBackendParts, options: Config["chat"]): MessageSender {
	if (forwarder === undefined) {
		throw new Error("chat.backend is kafka: kafka.brokers and kafka.uplink.messagesTopic are needed");
	}
	return new ForwardedMessages({ forwarder, hooks, clock, options });
}

function only<Services>(
	{ name, routes }: HandlerModule<Services>,
	contracts: ReadonlySet<AnyRouteContract>,
): HandlerModule<Services> {
	return { name, routes: routes.filter(({ contract }) => contracts.has(contract)) };
}

/** The bytes of an upstream's reply, beside what they say. */
const BYTES = Symbol("bytes");
type Relayed = object & { readonly [BYTES]?: Uint8Array };

/** A route of ours that an upstream answers: the bytes of the request go there behind its field rules, and those of the reply come back. */
function delegatedRoute(
	contract: AnyRouteContract,
	delegate: (contract: AnyRouteContract) => RouteBackend,
	{ config }: ChatBackendParts,
): BoundModule["routes"][number] {
	const backend = delegate(contract);
	const last: Step = async function delegated(call) {
		const body = bytesOf(call, contract);
		const { requestTimeoutMs } = config().limits;
		const { bytes } = (await backend.call(routeCallOf(call, { bytes: body }, requestTimeoutMs))) as RelayedBody;
		return relayed(contract.reply, bytes);
	};
	return { contract: { ...contract, reply: relayedReply(contract.reply) }, last };
}

/** As they came. A result that is kept for a key is waited for first, and the frame is another one's by then. */
function bytesOf({ bytes, bodyStart, bodyEnd, request }: PipelineCall, contract: AnyRouteContract): Uint8Array {
	if (bytes.length < bodyEnd) return contract.request.encode(request as object).finish();
	return bytes.slice(bodyStart, bodyEnd);
}

/** Writes the bytes that it has; over HTTP the decoded message is written as JSON. */
function relayedReply(type: AnyMessageType): AnyMessageType {
	return {
		...type,
		encode: (reply: Relayed, writer) => {
			const bytes = reply[BYTES];
			if (bytes === undefined || writer === undefined) return type.encode(reply, writer);
			return bytes.length === 0 ? writer : writer.raw(bytes);
		},
	};
}

function relayed(type: AnyMessageType, bytes: Uint8Array): Relayed {
	const own = bytes.slice();
	try {
		return Object.defineProperty(type.decode(own) as object, BYTES, { value: own });
	} catch {
		throw new GatewayError(ErrorCode.UPSTREAM_FAILED, `the service's answer is not a ${type.typeName}`);
	}
}
