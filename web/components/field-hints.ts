// What a form says beside a field: its rules in words, and which of them is broken.
import type { FieldDescription } from "../../protocol/description.ts";
import type { Violation } from "../protocol/rules.ts";
import type { Translate } from "../text/texts.ts";

/** `uint32 · required · 0 to 100`. */
export function hintOf(field: FieldDescription, t: Translate): string {
	const { rules = {} } = field;
	const type = field.of ?? field.type;
	const kind = field.cardinality === "many" ? `${type}[]` : field.cardinality === "map" ? `map<${type}>` : type;
	const lengthHint = field.type === "bytes" ? ("hint.bytes" as const) : ("hint.length" as const);
	return [
		kind,
		...(rules.required ? [t("hint.required")] : []),
		...(rules.maxLen === undefined ? [] : [t(lengthHint, { min: rules.minLen ?? 0, max: rules.maxLen })]),
		...(rules.min === undefined && rules.max === undefined
			? []
			: [t("hint.range", { min: rules.min ?? "…", max: rules.max ?? "…" })]),
		...(rules.maxItems === undefined ? [] : [t("hint.items", { min: rules.minItems ?? 0, max: rules.maxItems })]),
	].join(" · ");
}

export const violationText = ({ rule, limit }: Violation, t: Translate): string => t(`rule.${rule}`, { limit });
