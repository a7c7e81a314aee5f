// Messages that a module sends unasked.
import type * as z from "zod";

/** An object of named fields: what every input, output and push is. */
export type ObjectSchema = z.ZodObject;

export interface PushOptions<Body extends ObjectSchema> {
	/** Protocol number, 7501 to 7999: clients depend on it. */
	readonly number: number;
	/** Fields that it does not declare are not sent. */
	readonly body: Body;
}

/** A message that clients get unasked. */
export class ModulePush<Body extends ObjectSchema = ObjectSchema> {
	readonly options: PushOptions<Body>;
	/** A stack of where it was defined. */
	readonly definedAt: string;

	constructor(options: PushOptions<Body>, definedAt: string) {
		this.options = options;
		this.definedAt = definedAt;
	}
}

/** Defines a push. It is sent when the module lists it among its `pushes`. */
export function definePush<Body extends ObjectSchema>(options: PushOptions<Body>): ModulePush<Body> {
	return new ModulePush(options, new Error("defined").stack ?? "");
}
