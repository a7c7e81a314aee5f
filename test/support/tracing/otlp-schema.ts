// The messages of OTLP's trace export as a strict reader needs them: names, numbers and types of opentelemetry-proto 1.9 (trace_service.proto,
// trace.proto, common.proto, resource.proto). What is not here is not in the schema, and is refused.

export type FieldType =
	| "string"
	| "bytes"
	| "bool"
	| "int64"
	| "uint32"
	| "fixed32"
	| "fixed64"
	| "double"
	| { readonly message: string }
	| { readonly enum: readonly number[] };

export interface Field {
	readonly name: string;
	readonly type: FieldType;
	readonly isRepeated?: boolean;
	/** Of several fields with the same name, one at most is there. */
	readonly oneof?: string;
}

const many = (name: string, message: string): Field => ({ name, type: { message }, isRepeated: true });
const one = (name: string, message: string): Field => ({ name, type: { message } });
const value = (name: string, type: FieldType): Field => ({ name, type, oneof: "value" });
const scalar = (name: string, type: FieldType): Field => ({ name, type });

export const OTLP: Readonly<Record<string, Readonly<Record<number, Field>>>> = {
	ExportTraceServiceRequest: { 1: many("resourceSpans", "ResourceSpans") },
	ResourceSpans: {
		1: one("resource", "Resource"),
		2: many("scopeSpans", "ScopeSpans"),
		3: scalar("schemaUrl", "string"),
	},
	Resource: { 1: many("attributes", "KeyValue"), 2: scalar("droppedAttributesCount", "uint32") },
	ScopeSpans: { 1: one("scope", "InstrumentationScope"), 2: many("spans", "Span"), 3: scalar("schemaUrl", "string") },
	InstrumentationScope: {
		1: scalar("name", "string"),
		2: scalar("version", "string"),
		3: many("attributes", "KeyValue"),
		4: scalar("droppedAttributesCount", "uint32"),
	},
	Span: {
		1: scalar("traceId", "bytes"),
		2: scalar("spanId", "bytes"),
		3: scalar("traceState", "string"),
		4: scalar("parentSpanId", "bytes"),
		5: scalar("name", "string"),
		6: scalar("kind", { enum: [0, 1, 2, 3, 4, 5] }),
		7: scalar("startTimeUnixNano", "fixed64"),
		8: scalar("endTimeUnixNano", "fixed64"),
		9: many("attributes", "KeyValue"),
		10: scalar("droppedAttributesCount", "uint32"),
		11: many("events", "Event"),
		12: scalar("droppedEventsCount", "uint32"),
		13: many("links", "Link"),
		14: scalar("droppedLinksCount", "uint32"),
		15: one("status", "Status"),
		16: scalar("flags", "fixed32"),
	},
	Event: {
		1: scalar("timeUnixNano", "fixed64"),
		2: scalar("name", "string"),
		3: many("attributes", "KeyValue"),
		4: scalar("droppedAttributesCount", "uint32"),
	},
	Link: {
		1: scalar("traceId", "bytes"),
		2: scalar("spanId", "bytes"),
		3: scalar("traceState", "string"),
		4: many("attributes", "KeyValue"),
		5: scalar("droppedAttributesCount", "uint32"),
		6: scalar("flags", "fixed32"),
	},
	Status: { 2: scalar("message", "string"), 3: scalar("code", { enum: [0, 1, 2] }) },
	KeyValue: { 1: scalar("key", "string"), 2: one("value", "AnyValue") },
	AnyValue: {
		1: value("stringValue", "string"),
		2: value("boolValue", "bool"),
		3: value("intValue", "int64"),
		4: value("doubleValue", "double"),
		5: value("arrayValue", { message: "ArrayValue" }),
		6: value("kvlistValue", { message: "KeyValueList" }),
		7: value("bytesValue", "bytes"),
	},
	ArrayValue: { 1: many("values", "AnyValue") },
	KeyValueList: { 1: many("values", "KeyValue") },
};
