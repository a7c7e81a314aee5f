// The input for one value of a field: text, number, switch, choice or bytes.
import type { FieldDescription } from "../../protocol/description.ts";
import { enumNamed, type Json, textOf } from "../protocol/catalog.ts";
import { BytesInput } from "./bytes-input.tsx";
import { useText } from "./context.tsx";

export interface ValueInputProps {
	readonly id: string;
	readonly label: string;
	readonly describedBy: string;
	readonly isInvalid: boolean;
	readonly field: FieldDescription;
	readonly value: Json | undefined;
	/** undefined: not set. */
	readonly onChange: (value: Json | undefined) => void;
}

/** From here on a text is written in several lines. */
const LONG_TEXT = 1000;

export function ValueInput(props: ValueInputProps) {
	const { field, id, label, describedBy, isInvalid, value, onChange } = props;
	if (field.type === "bytes") {
		const change = (text: string): void => onChange(text === "" ? undefined : text);
		return <BytesInput {...{ id, label, describedBy, isInvalid }} value={textOf(value)} onChange={change} />;
	}
	if (field.type === "bool" || field.type === "enum") return <ChoiceInput {...props} />;
	const common = { id, "aria-describedby": describedBy, "aria-invalid": isInvalid, value: textOf(value) };
	if (field.type !== "string") {
		return (
			<input
				{...common}
				inputMode={field.type === "double" ? "decimal" : "numeric"}
				autocomplete="off"
				onInput={({ currentTarget }) => onChange(numberOf(field, currentTarget.value))}
			/>
		);
	}
	const change = (text: string): void => onChange(text === "" && field.oneof === undefined ? undefined : text);
	if ((field.rules?.maxLen ?? 0) > LONG_TEXT && !field.rules?.secret) {
		return <textarea {...common} rows={3} onInput={({ currentTarget }) => change(currentTarget.value)} />;
	}
	return (
		<input
			{...common}
			{...inputType(field.rules?.secret === true)}
			autocomplete="off"
			spellcheck={false}
			onInput={({ currentTarget }) => change(currentTarget.value)}
		/>
	);
}

/** As properties, since the typings know each type by itself. */
export const inputType = (isSecret: boolean): { type: "password" } | { type: "text" } =>
	isSecret ? { type: "password" } : { type: "text" };

/** 64-bit integers stay texts; what is no number stays what it is, and the rules find it. */
function numberOf(field: FieldDescription, text: string): Json | undefined {
	if (text.trim() === "") return undefined;
	const is64 = field.type === "int64" || field.type === "uint64";
	const number = Number(text);
	return is64 || Number.isNaN(number) ? text : number;
}

function ChoiceInput({ field, id, describedBy, isInvalid, value, onChange }: ValueInputProps) {
	const t = useText();
	const names = field.type === "bool" ? ["true", "false"] : enumNamed(field.of ?? "").map(({ name }) => name);
	const toValue = (text: string): Json | undefined => {
		if (text === "") return undefined;
		return field.type === "bool" ? text === "true" : text;
	};
	return (
		<select
			id={id}
			aria-describedby={describedBy}
			aria-invalid={isInvalid}
			value={textOf(value)}
			onChange={({ currentTarget }) => onChange(toValue(currentTarget.value))}
		>
			<option value="">{t("unset")}</option>
			{names.map((name) => (
				<option key={name} value={name}>
					{name}
				</option>
			))}
		</select>
	);
}
