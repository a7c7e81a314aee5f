// What values of enums are called in plain JSON.

/** By full name of the enum, then by name of the value. */
export type EnumAliases = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The alias of a value, or its name without the enum's own before it: `ACTIVE` for `ALARM_STATUS_ACTIVE`. */
export function shortEnumName(
	{ name, fullName }: { readonly name: string; readonly fullName: string },
	valueName: string,
	aliases: EnumAliases,
): string {
	const alias = aliases[fullName.slice(1)]?.[valueName];
	if (alias !== undefined) return alias;
	const prefix = `${name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_`;
	return valueName.startsWith(prefix) ? valueName.slice(prefix.length) : valueName;
}
