// A field of bytes, written in hexadecimal, base64 or as text.
import { useState } from "preact/hooks";
import { base64FromBytes, bytesFromBase64, bytesFromHex, hexFromBytes } from "../protocol/bytes.ts";
import { useText } from "./context.tsx";

const ENCODINGS = ["hex", "base64", "utf-8"] as const;
type Encoding = (typeof ENCODINGS)[number];

function parsed(text: string, encoding: Encoding): Uint8Array | undefined {
	if (encoding === "hex") return bytesFromHex(text);
	return encoding === "base64" ? bytesFromBase64(text) : new TextEncoder().encode(text);
}

function written(bytes: Uint8Array, encoding: Encoding): string {
	if (encoding === "hex") return hexFromBytes(bytes);
	return encoding === "base64" ? base64FromBytes(bytes) : new TextDecoder().decode(bytes);
}

/** What stands for a text that is not of its encoding: it is no base64 either, so that the rules find it. */
const INVALID = "?";

interface BytesInputProps {
	readonly id: string;
	readonly label: string;
	readonly describedBy: string;
	readonly isInvalid: boolean;
	/** base64; "" for none. */
	readonly value: string;
	readonly onChange: (value: string) => void;
}

export function BytesInput({ id, label, describedBy, isInvalid, value, onChange }: BytesInputProps) {
	const t = useText();
	const [encoding, setEncoding] = useState<Encoding>("hex");
	const [draft, setDraft] = useState<string | undefined>(undefined);
	const bytes = bytesFromBase64(value);
	const text = draft ?? (bytes === undefined ? "" : written(bytes, encoding));
	return (
		<div class="row">
			<input
				id={id}
				class="mono grow"
				value={text}
				spellcheck={false}
				aria-describedby={describedBy}
				aria-invalid={isInvalid}
				onInput={({ currentTarget }) => {
					setDraft(currentTarget.value);
					const next = parsed(currentTarget.value, encoding);
					onChange(next === undefined ? INVALID : base64FromBytes(next));
				}}
				onBlur={() => {
					if (value !== INVALID) setDraft(undefined);
				}}
			/>
			<select
				aria-label={`${label}: ${t("encoding")}`}
				value={encoding}
				onChange={({ currentTarget }) => {
					setDraft(undefined);
					setEncoding(ENCODINGS.find((name) => name === currentTarget.value) ?? "hex");
				}}
			>
				{ENCODINGS.map((name) => (
					<option key={name} value={name}>
						{name}
					</option>
				))}
			</select>
		</div>
	);
}
