// What happened to the connection, on a time line and as a list: opened, closed and why, connected again, recovered.

import { useApp, useStore, useText } from "../../components/context.tsx";
import { clockTime } from "../../components/frame-list.tsx";
import { closeCodeName } from "../../connection/reconnect.ts";
import type { SessionEvent } from "../../connection/session.ts";
import type { TimelineEntry } from "../../state/app.ts";
import type { Translate } from "../../text/texts.ts";

type Tone = "good" | "bad" | "plain";

const TONES: Readonly<Record<SessionEvent["kind"], Tone>> = {
	connecting: "plain",
	open: "good",
	refreshed: "good",
	loggedIn: "good",
	closed: "bad",
	waiting: "plain",
	recovered: "good",
	gap: "bad",
	reset: "bad",
	subscribed: "good",
	reconnectAsked: "plain",
};

export function TimelineView() {
	const t = useText();
	const entries = useStore(useApp().timeline);
	return (
		<section class="panel" aria-labelledby="timeline-title">
			<h2 id="timeline-title">{t("timeline")}</h2>
			{entries.length === 0 ? (
				<p class="empty">{t("noEvents")}</p>
			) : (
				<TimeAxis entries={entries} label={t("timeline")} />
			)}
			<ol class="events">
				{[...entries].reverse().map(({ id, atMs, event }) => (
					<li key={id} class={`event ${TONES[event.kind]}`}>
						<span class="mono">{clockTime(atMs)}</span>
						<span>
							<bdi>{eventText(event, t)}</bdi>
							{event.kind === "closed" ? <span class="hint"> {closeMeaning(event.code, t)}</span> : null}
						</span>
					</li>
				))}
			</ol>
		</section>
	);
}

function eventText(event: SessionEvent, t: Translate): string {
	switch (event.kind) {
		case "closed":
			return t("event.closed", { code: event.code, name: closeCodeName(event.code) ?? "", reason: event.reason });
		case "loggedIn":
			return t("event.loggedIn", { user: event.user });
		case "waiting":
		case "reconnectAsked":
			return t(`event.${event.kind}`, { delayMs: event.delayMs });
		case "recovered":
		case "gap":
			return t(`event.${event.kind}`, { channel: event.channel, missed: event.missed });
		case "reset":
		case "subscribed":
			return t(`event.${event.kind}`, { channel: event.channel });
		default:
			return t(`event.${event.kind}`);
	}
}

function closeMeaning(code: number, t: Translate): string {
	const name = closeCodeName(code);
	return t(name === undefined ? "close.none" : `close.${name}`);
}

const WIDTH = 1000;
const HEIGHT = 64;
const EDGE = 12;

/** Phases as bars, events as marks on them, from the first event to the last. */
function TimeAxis({ entries, label }: { readonly entries: readonly TimelineEntry[]; readonly label: string }) {
	const first = entries[0]?.atMs ?? 0;
	const span = Math.max(1, (entries.at(-1)?.atMs ?? 0) - first);
	const place = (atMs: number): number => EDGE + ((atMs - first) / span) * (WIDTH - 2 * EDGE);
	return (
		<svg class="axis" role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
			<line class="axis-line" x1={EDGE} x2={WIDTH - EDGE} y1={HEIGHT / 2} y2={HEIGHT / 2} />
			{openSpans(entries).map(([from, to]) => (
				<rect
					key={from}
					class="axis-open"
					x={place(from)}
					y={HEIGHT / 2 - 6}
					width={Math.max(2, place(to) - place(from))}
					height={12}
					rx={3}
				/>
			))}
			{entries.map(({ id, atMs, event }) => (
				<line
					key={id}
					class={`axis-mark ${TONES[event.kind]}`}
					x1={place(atMs)}
					x2={place(atMs)}
					y1={10}
					y2={HEIGHT - 10}
				/>
			))}
		</svg>
	);
}

/** From when to when there was a connection. */
export function openSpans(entries: readonly TimelineEntry[]): [number, number][] {
	const spans: [number, number][] = [];
	let openAtMs: number | undefined;
	for (const { atMs, event } of entries) {
		if (event.kind === "open") openAtMs ??= atMs;
		if (event.kind === "closed" && openAtMs !== undefined) {
			spans.push([openAtMs, atMs]);
			openAtMs = undefined;
		}
	}
	const last = entries.at(-1)?.atMs;
	if (openAtMs !== undefined && last !== undefined) spans.push([openAtMs, last]);
	return spans;
}
