// Options of notifications: the section `notifications` of the configuration.
import * as z from "zod";
import { field, integer, milliseconds, section } from "../../common/option-fields.ts";
import { defaultsOf, type OptionsOf } from "../../common/options.ts";
import { builtInTemplates } from "./templates.ts";

const template = z.strictObject({ title: z.string().max(1000), text: z.string().max(10_000) });
const builtIn = Object.keys(builtInTemplates).map((type) => `\`${type}\``);

export const notificationsSection = section({
	templates: field(
		z
			.record(z.string().regex(/^[a-z][a-z0-9._-]{0,63}$/, "expected a type such as shop.order_sent"), template)
			.default({}),
		{
			description:
				'Texts by type of notification, with variables: `{"shop.sent": {title: "On its way", text: "{item} left us."}}`. ' +
				`They replace the built-in ones of ${builtIn.join(" and ")}, or add types.`,
		},
	),
	batch: integer({
		description: "Users notified in one transaction.",
		min: 1,
		max: 2000,
		default: 500,
	}),
	concurrency: integer({
		description: "Notification pushes that are in flight at once; further ones wait.",
		min: 1,
		max: 10_000,
		default: 32,
	}),
	keptMs: milliseconds({
		description: "How long notifications are kept.",
		min: 60_000,
		default: 90 * 86_400_000,
	}),
});

export type NotificationsOptions = OptionsOf<typeof notificationsSection>;

export const notificationsDefaults: NotificationsOptions = defaultsOf(notificationsSection);
