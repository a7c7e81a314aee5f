// What was sent and received, newest first; one of the frames in full.
import { useState } from "preact/hooks";
import { replyCodeName } from "../protocol/catalog.ts";
import type { FrameEntry } from "../state/app.ts";
import { useApp, useStore, useText } from "./context.tsx";
import { FrameDetail } from "./frame-detail.tsx";

/** Frames that are drawn. */
const MAX_DRAWN = 80;

export const clockTime = (ms: number): string => {
	const date = new Date(ms);
	const pad = (value: number, length = 2): string => String(value).padStart(length, "0");
	return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
};

export function FrameList() {
	const t = useText();
	const app = useApp();
	const frames = useStore(app.frames);
	const [showsAutomatic, setShowsAutomatic] = useState(true);
	const [openId, setOpenId] = useState<number | undefined>(undefined);
	const shown = frames.filter(({ isAutomatic }) => showsAutomatic || !isAutomatic);
	const drawn = shown.slice(-MAX_DRAWN).reverse();
	return (
		<section class="panel" aria-label={t("frames")}>
			<div class="row spread">
				<h2>{t("frames")}</h2>
				<button type="button" class="quiet" onClick={() => app.clearFrames()}>
					{t("clear")}
				</button>
			</div>
			<label class="check">
				<input type="checkbox" checked={showsAutomatic} onChange={() => setShowsAutomatic(!showsAutomatic)} />
				{t("showAutomatic")}
			</label>
			{drawn.length === 0 ? <p class="empty">{t("noFrames")}</p> : null}
			<ol class="frames">
				{drawn.map((frame) => (
					<li key={frame.id}>
						<FrameRow
							frame={frame}
							isOpen={frame.id === openId}
							onToggle={() => setOpenId(frame.id === openId ? undefined : frame.id)}
						/>
					</li>
				))}
			</ol>
		</section>
	);
}

interface FrameRowProps {
	readonly frame: FrameEntry;
	readonly isOpen: boolean;
	readonly onToggle: () => void;
}

function FrameRow({ frame, isOpen, onToggle }: FrameRowProps) {
	const t = useText();
	const { content, direction, data, atMs } = frame;
	const bytes = typeof data === "string" ? new TextEncoder().encode(data).length : data.length;
	const code = content?.code ?? "";
	return (
		<>
			<button type="button" class={`frame ${direction}`} aria-expanded={isOpen} onClick={onToggle}>
				<span class="frame-direction">
					<span aria-hidden="true">{direction === "in" ? "↓" : "↑"}</span>
					<span class="visually-hidden">{t(direction === "in" ? "received" : "sent")}</span>
				</span>
				<span class="frame-name">
					{content === undefined || content.name === "" ? t("noEnvelope") : content.name}
					{code === "" ? null : <strong class="code"> {replyCodeName(code)}</strong>}
				</span>
				<span class="frame-facts mono">
					{content && content.seq > 0 ? `#${content.seq} ` : ""}
					{bytes} B {clockTime(atMs)}
				</span>
			</button>
			{isOpen ? <FrameDetail frame={frame} /> : null}
		</>
	);
}
