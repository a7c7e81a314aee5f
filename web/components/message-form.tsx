// A form for any message, made of its description: nested messages, lists, maps and groups of which one field may be set.
import type { FieldDescription } from "../../protocol/description.ts";
import { isObject, type Json, type JsonObject, messageNamed, textOf } from "../protocol/catalog.ts";
import type { Violation } from "../protocol/rules.ts";
import { useText } from "./context.tsx";
import { hintOf, violationText } from "./field-hints.ts";
import { ValueInput } from "./value-input.tsx";

interface FormProps {
	/** Begins the ids of its inputs. */
	readonly id: string;
	readonly message: string;
	readonly value: JsonObject;
	readonly onChange: (value: JsonObject) => void;
	/** Path of this message in the whole one; "" or with a dot behind it. */
	readonly path?: string;
	readonly violations: readonly Violation[];
}

interface FieldProps {
	readonly form: FormProps;
	readonly field: FieldDescription;
}

export function MessageForm(form: FormProps) {
	const { fields } = messageNamed(form.message);
	return (
		<div class="fields">
			{fields.map((field) => (
				<Field key={field.name} form={form} field={field} />
			))}
		</div>
	);
}

/** The message with another value of one field. A field of a group takes the place of the others. */
function changed({ message, value }: FormProps, field: FieldDescription, next: Json | undefined): JsonObject {
	const { [field.name]: _, ...rest } = value;
	if (next === undefined) return rest;
	const rivals =
		field.oneof === undefined ? [] : messageNamed(message).fields.filter(({ oneof }) => oneof === field.oneof);
	const kept = Object.entries(rest).filter(([name]) => !rivals.some((rival) => rival.name === name));
	return { ...Object.fromEntries(kept), [field.name]: next };
}

function Field({ form, field }: FieldProps) {
	if (field.cardinality === "map") return <MapField form={form} field={field} />;
	if (field.cardinality === "many") return <ListField form={form} field={field} />;
	if (field.type === "message") return <NestedField form={form} field={field} />;
	const path = `${form.path ?? ""}${field.name}`;
	return (
		<Labelled form={form} field={field} path={path}>
			{(input) => (
				<ValueInput
					{...input}
					field={field}
					value={form.value[field.name]}
					onChange={(next) => form.onChange(changed(form, field, next))}
				/>
			)}
		</Labelled>
	);
}

interface LabelledProps extends FieldProps {
	readonly path: string;
	readonly children: (input: {
		id: string;
		label: string;
		describedBy: string;
		isInvalid: boolean;
	}) => preact.ComponentChild;
}

function Labelled({ form, field, path, children }: LabelledProps) {
	const id = `${form.id}-${path}`;
	return (
		<div class="field">
			<label for={id}>{field.protoName}</label>
			{children({
				id,
				label: field.protoName,
				describedBy: `${id}-hint`,
				isInvalid: form.violations.some((violation) => violation.path === path),
			})}
			<Hints form={form} field={field} path={path} id={`${id}-hint`} />
		</div>
	);
}

function Hints({ form, field, path, id }: FieldProps & { readonly path: string; readonly id: string }) {
	const t = useText();
	const broken = form.violations.filter((violation) => violation.path === path);
	return (
		<p class="hint" id={id}>
			{broken.map((violation) => (
				<strong class="violation" key={violation.rule}>
					{field.protoName} {violationText(violation, t)}{" "}
				</strong>
			))}
			<span class="mono">{hintOf(field, t)}</span>
			{field.comment === undefined ? null : <span lang="en"> {field.comment}</span>}
		</p>
	);
}

function NestedField({ form, field }: FieldProps) {
	const t = useText();
	const path = `${form.path ?? ""}${field.name}`;
	const value = form.value[field.name];
	const isSet = isObject(value);
	const id = `${form.id}-${path}`;
	return (
		<fieldset class="nested">
			<legend>
				<label class="check">
					<input
						type="checkbox"
						id={id}
						checked={isSet}
						aria-describedby={`${id}-hint`}
						onChange={() => form.onChange(changed(form, field, isSet ? undefined : {}))}
					/>
					{field.protoName}
					<span class="visually-hidden"> {t("set")}</span>
				</label>
			</legend>
			<Hints form={form} field={field} path={path} id={`${id}-hint`} />
			{isSet ? (
				<MessageForm
					{...form}
					message={field.of ?? ""}
					path={`${path}.`}
					value={value}
					onChange={(next) => form.onChange(changed(form, field, next))}
				/>
			) : null}
		</fieldset>
	);
}

function ListField({ form, field }: FieldProps) {
	const t = useText();
	const path = `${form.path ?? ""}${field.name}`;
	const id = `${form.id}-${path}`;
	const list = form.value[field.name];
	const items: readonly Json[] = Array.isArray(list) ? list : [];
	const setItems = (next: readonly Json[]): void => {
		form.onChange(changed(form, field, next.length === 0 ? undefined : next));
	};
	const setItem = (index: number, item: Json | undefined): void => setItems(items.with(index, item ?? emptyOf(field)));
	return (
		<fieldset class="nested">
			<legend>{field.protoName}</legend>
			<Hints form={form} field={field} path={path} id={`${id}-hint`} />
			{items.map((item, index) => {
				const itemPath = `${path}[${index}]`;
				return (
					<div class="row item" key={index}>
						{field.type === "message" ? (
							<div class="grow">
								<MessageForm
									{...form}
									message={field.of ?? ""}
									path={`${itemPath}.`}
									value={isObject(item) ? item : {}}
									onChange={(next) => setItem(index, next)}
								/>
							</div>
						) : (
							<ListItem {...{ form, field, item, path: itemPath }} onChange={(next) => setItem(index, next)} />
						)}
						<button
							type="button"
							class="quiet"
							aria-label={`${t("remove")} ${field.protoName} ${index + 1}`}
							onClick={() => setItems(items.filter((_, place) => place !== index))}
						>
							×
						</button>
					</div>
				);
			})}
			<button
				type="button"
				class="quiet"
				aria-label={`${t("add")}: ${field.protoName}`}
				onClick={() => setItems([...items, emptyOf(field)])}
			>
				+ {t("add")}
			</button>
		</fieldset>
	);
}

interface ListItemProps extends FieldProps {
	readonly item: Json;
	readonly path: string;
	readonly onChange: (item: Json | undefined) => void;
}

function ListItem({ form, field, item, path, onChange }: ListItemProps) {
	const id = `${form.id}-${path}`;
	const isInvalid = form.violations.some((violation) => violation.path === path);
	return (
		<div class="grow">
			<label class="visually-hidden" for={id}>
				{`${field.protoName} ${path}`}
			</label>
			<ValueInput
				{...{ id, field, isInvalid, onChange }}
				label={field.protoName}
				describedBy={`${form.id}-${form.path ?? ""}${field.name}-hint`}
				value={item}
			/>
		</div>
	);
}

function emptyOf(field: FieldDescription): Json {
	if (field.type === "message") return {};
	return field.type === "bool" ? false : "";
}

function MapField({ form, field }: FieldProps) {
	const t = useText();
	const path = `${form.path ?? ""}${field.name}`;
	const id = `${form.id}-${path}`;
	const map = form.value[field.name];
	const entries = isObject(map) ? Object.entries(map) : [];
	const setEntries = (next: readonly (readonly [string, Json])[]): void => {
		form.onChange(changed(form, field, next.length === 0 ? undefined : Object.fromEntries(next)));
	};
	return (
		<fieldset class="nested">
			<legend>{field.protoName}</legend>
			<Hints form={form} field={field} path={path} id={`${id}-hint`} />
			{entries.map(([key, item], index) => (
				<div class="row item" key={index}>
					<input
						aria-label={`${field.protoName}: key ${index + 1}`}
						value={key}
						onInput={({ currentTarget }) => setEntries(entries.with(index, [currentTarget.value, item]))}
					/>
					<input
						aria-label={`${field.protoName}: value ${index + 1}`}
						class="grow"
						value={textOf(item)}
						onInput={({ currentTarget }) => setEntries(entries.with(index, [key, currentTarget.value]))}
					/>
					<button
						type="button"
						class="quiet"
						aria-label={`${t("remove")} ${field.protoName} ${index + 1}`}
						onClick={() => setEntries(entries.filter((_, place) => place !== index))}
					>
						×
					</button>
				</div>
			))}
			<button
				type="button"
				class="quiet"
				aria-label={`${t("add")}: ${field.protoName}`}
				onClick={() => setEntries([...entries, [`key${entries.length + 1}`, ""]])}
			>
				+ {t("add")}
			</button>
		</fieldset>
	);
}
