// Functions of a .proto file of the module's own.
import type { ModuleCall } from "./context.ts";

/** What `import file from "./shop.proto"` gives: the file, and those that it imports. */
export interface ProtoFile {
	readonly path: string;
	readonly text: string;
	/** By the name in its `import`. */
	readonly imports: Readonly<Record<string, ProtoFile>>;
}

export interface MethodOptions<Input extends object, Output extends object> {
	readonly proto: ProtoFile;
	/**
	 * Full name: `shop.v1.Shop.Buy`. Its option `(framegate.v1.route)` gives number (7000 to 7499), permission, cost and ordering, its
	 * `idempotency_level` whether clients may repeat it, `(google.api.http)` paths of REST, and `(framegate.v1.rules)` the rules of fields.
	 */
	readonly method: string;
	/** At most `limits.requestTimeoutMs`, which is the default. */
	readonly timeoutMs?: number;
	/**
	 * Answers a call. Fields are named in lower camel case; numbers of 64 bits are numbers, enums their numbers, bytes a Uint8Array.
	 * What it throws is the error reply, as with `defineFunction`.
	 */
	readonly run: (input: Input, call: ModuleCall) => Output | Promise<Output>;
}

/** A function whose messages are Protocol Buffers, as a module lists it. */
export class ModuleMethod {
	readonly options: MethodOptions<object, object>;
	/** A stack whose second frame is where it was defined, for reports of errors. */
	readonly definedAt: string;

	constructor(options: MethodOptions<object, object>, definedAt: string) {
		this.options = options;
		this.definedAt = definedAt;
	}
}

/**
 * Defines a function whose messages are in a .proto file. Binary frames carry it as Protocol Buffers, text frames and HTTP as JSON, and the
 * Connect protocol and gRPC-Web clients call it by its own name.
 *
 * @typeParam Input, Output - the messages as your compiler of .proto files has them.
 */
export function defineMethod<Input extends object, Output extends object>(
	options: MethodOptions<Input, Output>,
): ModuleMethod {
	return new ModuleMethod(options as unknown as MethodOptions<object, object>, new Error("defined").stack ?? "");
}
