// Routes and pushes as `npm run generate` writes them: with as few words as possible, since they come in every browser's bundle.
import type { AnyWireMessage, WireMessage, WirePush, WireRoute } from "./wire.ts";

const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/**
 * @param name - `module.function`.
 * @param marks - `i` idempotent, `r` without side effects (reads), `c` needs a connection.
 */
export function route<Request, RequestProperties, Reply, ReplyProperties>(
	number: number,
	name: string,
	request: WireMessage<Request, RequestProperties>,
	reply: WireMessage<Reply, ReplyProperties>,
	marks = "",
	permission = "session",
): WireRoute<Request, RequestProperties, Reply, ReplyProperties> {
	const [module = "", method = ""] = name.split(".");
	return {
		number,
		name,
		request,
		reply,
		idempotent: marks.includes("i"),
		hasSideEffects: !marks.includes("r"),
		needsConnection: marks.includes("c"),
		permission,
		rpcPath: `/framegate.v1.${upperFirst(module)}Service/${upperFirst(method)}`,
	};
}

/** @param message - whose name is the push's. */
export function push<Message, Properties>(
	number: number,
	message: WireMessage<Message, Properties>,
): WirePush<Message, Properties> {
	return { number, name: (message as AnyWireMessage).typeName.replace(/^framegate\.v1\./, ""), message };
}
