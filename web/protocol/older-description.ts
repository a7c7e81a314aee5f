// What a front end of the older EMS gateway sends (docs/reference/edge-json.md), described as the messages of the .proto files are, so
// that the same forms are made of it.
import type { Description, FieldDescription } from "../../protocol/description.ts";

type Field = Omit<FieldDescription, "name" | "protoName" | "id" | "cardinality"> & { readonly isList?: true };

/** These messages have one name for a field, and no numbers. */
function fieldsOf(fields: Readonly<Record<string, Field>>): readonly FieldDescription[] {
	return Object.entries(fields).map(([name, { isList, ...field }], index) => {
		return { ...field, name, protoName: name, id: index + 1, cardinality: isList ? "many" : "one" };
	});
}

const source: Field = { type: "string", comment: "The source of the channels; the first one by default." };

export const olderMessages: Description["messages"] = {
	"ems.subscribe": {
		fields: fieldsOf({
			channels: { type: "uint32", isList: true, rules: { required: true, maxItems: 10_000 } },
			data_types: { type: "enum", of: "ems.DataType", isList: true, comment: "T and S by default." },
			interval: { type: "uint32", comment: "Milliseconds; 1000 by default." },
			source,
		}),
	},
	"ems.unsubscribe": {
		fields: fieldsOf({
			channels: { type: "uint32", isList: true, rules: { maxItems: 1000 }, comment: "Without any: all." },
		}),
	},
	"ems.control": {
		fields: fieldsOf({
			channel_id: { type: "uint32", rules: { required: true } },
			point_id: { type: "uint32", rules: { required: true } },
			value: { type: "double", optional: true },
			data_type: { type: "enum", of: "ems.ControlType", comment: "In place of command_type." },
			command_type: { type: "enum", of: "ems.CommandType", comment: "set_value by default." },
			reason: { type: "string" },
			command_id: { type: "string", comment: "The same one again is the same command." },
			source,
		}),
	},
	"ems.ping": { fields: [] },
};

const valuesOf = (...names: readonly string[]) => names.map((name, index) => ({ name, number: index + 1 }));

export const olderEnums: Description["enums"] = {
	"ems.DataType": valuesOf("T", "S", "C", "A", "M"),
	"ems.ControlType": valuesOf("C", "A"),
	"ems.CommandType": valuesOf("set_value", "setpoint", "adjust", "control", "switch"),
};
