// Texts of notifications, one template per type, with {variables}.
import { fieldError } from "../../protocol/error.ts";

export interface NotificationTemplate {
	readonly title: string;
	readonly text: string;
}

/** Types that the product itself sends; configuration may override their texts and add others. */
export const builtInTemplates: Readonly<Record<string, NotificationTemplate>> = {
	"chat.invited": { title: "Invitation", text: "{inviter} invites you to {room}." },
	"system.notice": { title: "{title}", text: "{text}" },
};

/** `{{` is a brace. */
const PLACEHOLDER = /\{\{|\{([A-Za-z][\w.]{0,63})\}/g;
const MAX_RENDERED = 10_000;

/**
 * Puts values in the places of variables.
 *
 * @throws GatewayError VALIDATION_FAILED naming the variable that has no value, or when the text becomes too long.
 */
export function render(template: string, variables: Readonly<Record<string, string>>): string {
	const text = template.replace(PLACEHOLDER, (match, name: string | undefined) => {
		if (name === undefined || match === "{{") return "{";
		if (!Object.hasOwn(variables, name)) throw fieldError(`variables.${name}`, "has no value");
		return variables[name] ?? "";
	});
	if (text.length > MAX_RENDERED)
		throw fieldError("variables", `must not make a text longer than ${MAX_RENDERED} characters`);
	return text;
}
