// What programs without the generated codec know of the protocol: every route, push, message and enum with its rules and its
// comment, as data. `npm run generate` writes gen/description.json from the .proto files; the forms, the codec and the code samples
// of web/ are made of it. Names of messages and enums are without the package: `LoginRequest`, `SessionRevoked.Reason`.
import type { FieldRule, Ordering } from "./contract.ts";

/** The rules of a field that are data alone. */
export type DescribedRules = Pick<
	FieldRule,
	"required" | "minLen" | "maxLen" | "pattern" | "min" | "max" | "minItems" | "maxItems" | "secret"
> & {
	/** With an enum: only its defined values are taken. */
	readonly definedOnly?: boolean;
};

export const SCALAR_TYPES = ["string", "bytes", "bool", "int32", "uint32", "int64", "uint64", "double"] as const;
export type ScalarType = (typeof SCALAR_TYPES)[number];

export interface FieldDescription {
	/** Property name, as in JSON: `deviceId`. */
	readonly name: string;
	/** Name in the .proto file, used in violations: `device_id`. */
	readonly protoName: string;
	readonly id: number;
	readonly type: ScalarType | "enum" | "message";
	/** Name of the enum or message. */
	readonly of?: string;
	readonly cardinality: FieldRule["cardinality"];
	/** Of the keys, with cardinality `map`. */
	readonly keyType?: ScalarType;
	/** Absent and zero are two things. */
	readonly optional?: boolean;
	/** The group of which one field may be set. */
	readonly oneof?: string;
	readonly rules?: DescribedRules;
	readonly comment?: string;
}

export interface MessageDescription {
	readonly fields: readonly FieldDescription[];
	/** Groups of which one field must be set. */
	readonly requiredOneofs?: readonly string[];
	readonly comment?: string;
}

export interface EnumValueDescription {
	readonly name: string;
	readonly number: number;
	readonly comment?: string;
}

export interface RouteDescription {
	readonly number: number;
	/** `auth.login`. */
	readonly name: string;
	/** Full name of the service: `framegate.v1.AuthService`. */
	readonly service: string;
	readonly method: string;
	readonly request: string;
	readonly reply: string;
	readonly permission: string;
	readonly cost: number;
	readonly ordering: Ordering;
	readonly idempotent: boolean;
	/** It is about a connection: over HTTP it is refused. */
	readonly needsConnection: boolean;
	readonly comment?: string;
}

export interface PushDescription {
	readonly number: number;
	readonly name: string;
	readonly message: string;
	readonly comment?: string;
}

export interface Description {
	readonly routes: readonly RouteDescription[];
	readonly pushes: readonly PushDescription[];
	readonly messages: Readonly<Record<string, MessageDescription>>;
	readonly enums: Readonly<Record<string, readonly EnumValueDescription[]>>;
}
