// The reply to the last call of a route.
import type { Reply } from "../connection/session.ts";
import { replyCodeName } from "../protocol/catalog.ts";
import { useText } from "./context.tsx";

export interface Outcome {
	readonly reply: Reply | undefined;
	/** "" when it was served. */
	readonly problem: string;
}

export function ReplyView({ outcome }: { readonly outcome: Outcome | undefined }) {
	const t = useText();
	const reply = outcome?.reply;
	return (
		<section aria-labelledby="reply-title" aria-live="polite">
			<h3 id="reply-title">{t("reply")}</h3>
			{outcome === undefined ? <p class="empty">{t("noReply")}</p> : null}
			{outcome === undefined || outcome.problem === "" ? null : <p class="problem">{outcome.problem}</p>}
			{reply === undefined ? null : (
				<>
					<p class="facts">
						<span class={reply.content.code === "" ? "code good" : "code"}>
							{reply.content.code === "" ? "OK" : replyCodeName(reply.content.code)}
						</span>{" "}
						<span class="mono">{reply.durationMs.toFixed(1)} ms</span>
					</p>
					{/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to be reached by the keyboard. */}
					<pre class="block" tabIndex={0} data-testid="reply">
						{JSON.stringify(reply.content.error ?? reply.content.body, undefined, 2)}
					</pre>
				</>
			)}
		</section>
	);
}
