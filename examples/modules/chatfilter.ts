// A filter of chat messages: hides words, and refuses links for users who are not trusted.
import { CallError, defineConfig, defineModule, z } from "framegate/module";

const settings = defineConfig(
	z.object({
		words: z.array(z.string().min(1)).max(1000).default(["darn"]),
		linkRoles: z.array(z.string()).default(["admin"]),
	}),
);

export default defineModule({
	config: settings,
	hooks: {
		beforeMessage: {
			timeoutMs: 100,
			// A filter that is out must not silence everybody.
			onFailure: "allow",
			run: ({ content, user }, { context }) => {
				const { words, linkRoles } = context.config(settings);
				const text = content.text ?? "";
				const mayLink = user.roles.some((role) => linkRoles.includes(role));
				if (!mayLink && (content.kind === "link" || /https?:\/\//i.test(text))) {
					throw new CallError("PERMISSION_DENIED", "links are for trusted users");
				}
				if (content.kind !== "text") return undefined;
				let hidden = text;
				for (const word of words) hidden = hidden.replaceAll(word, "*".repeat(word.length));
				return hidden === text ? undefined : { ...content, text: hidden };
			},
		},
	},
});
