// Message types made of parsed .proto files while the process runs: for routes that a module declares in a file of its own. protobufjs
// compiles their codec when it is first used.
import protobuf from "protobufjs";
import type { AnyMessageType, FieldRule } from "./contract.ts";
import "./runtime.ts";
import { correctDecoder } from "./fieldless-message.ts";
import { fieldRule, fullName, holdsBytes, oneofRules } from "./reflection-facts.ts";

/** Types of one root: each message has one. */
export class ReflectedMessages {
	private readonly types = new Map<protobuf.Type, AnyMessageType>();

	/** @param reflected - resolved. */
	typeOf(reflected: protobuf.Type): AnyMessageType {
		const known = this.types.get(reflected);
		if (known !== undefined) return known;
		correctDecoder(reflected);
		const rules: FieldRule[] = [];
		const type: AnyMessageType = {
			typeName: fullName(reflected),
			reflected,
			holdsBytes: holdsBytes(reflected),
			rules,
			oneofs: oneofRules(reflected),
			encode: (message, writer) => reflected.encode(message as object, writer),
			decode: (reader, length) => reflected.decode(reader, length),
		};
		// Messages may contain themselves.
		this.types.set(reflected, type);
		rules.push(...reflected.fieldsArray.flatMap((field) => this.ruleOf(field)));
		return type;
	}

	private ruleOf(field: protobuf.Field): FieldRule[] {
		const rule = fieldRule(field);
		if (rule === undefined) return [];
		const { resolvedType } = field;
		return [resolvedType instanceof protobuf.Type ? { ...rule, type: this.typeOf(resolvedType) } : rule];
	}
}
