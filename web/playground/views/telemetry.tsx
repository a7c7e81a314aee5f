// Live values of field devices, with the course of the last ones.
import { useState } from "preact/hooks";
import { problemText } from "../../components/call-problem.ts";
import { useApp, useStore, useText } from "../../components/context.tsx";
import { Sparkline } from "../../components/sparkline.tsx";
import { CallError } from "../../connection/session.ts";
import { knownRoute } from "../../protocol/catalog.ts";
import { olderMessage } from "../../protocol/older-messages.ts";
import type { PointSeries } from "../../state/telemetry.ts";

const MAX_DRAWN = 120;

export function TelemetryView() {
	const t = useText();
	const points = [...useStore(useApp().telemetry).values()].sort(byPlace).slice(0, MAX_DRAWN);
	return (
		<section class="panel" aria-labelledby="telemetry-title">
			<h2 id="telemetry-title">{t("telemetry")}</h2>
			<SubscribeForm />
			{points.length === 0 ? (
				<p class="empty">{t("noPoints")}</p>
			) : (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to be reached by the keyboard.
				<section class="scroll" tabIndex={0} aria-labelledby="telemetry-title">
					<table>
						<thead>
							<tr>
								<th scope="col">{t("point")}</th>
								<th scope="col">{t("value")}</th>
								<th scope="col">{t("course")}</th>
								<th scope="col">{t("quality")}</th>
							</tr>
						</thead>
						<tbody>
							{points.map((point) => (
								<PointRow key={point.key} point={point} />
							))}
						</tbody>
					</table>
				</section>
			)}
		</section>
	);
}

function byPlace(one: PointSeries, other: PointSeries): number {
	return one.channel - other.channel || one.type.localeCompare(other.type) * -1 || one.point - other.point;
}

function PointRow({ point }: { readonly point: PointSeries }) {
	const t = useText();
	const { channel, type, point: id, value, quality, series } = point;
	const name = `${channel} ${type} ${id}`;
	const range =
		series.length < 2 ? "" : `${t("lowest")} ${Math.min(...series)}, ${t("highest")} ${Math.max(...series)}`;
	return (
		<tr>
			<th scope="row" class="mono">
				{name}
			</th>
			<td class="mono number">{value}</td>
			<td>
				<Sparkline values={series} label={`${name}: ${range}`} />
			</td>
			<td class={quality === "good" ? "" : "code"}>{quality}</td>
		</tr>
	);
}

function SubscribeForm() {
	const t = useText();
	const app = useApp();
	const { dialect } = useStore(app.connection);
	const [channels, setChannels] = useState("1001, 1002");
	const [intervalMs, setIntervalMs] = useState("1000");
	const [problem, setProblem] = useState("");
	const numbers = channels.split(/[,\s]+/).filter((text) => text !== "");
	const attempt = async (action: () => Promise<unknown>): Promise<void> => {
		setProblem("");
		try {
			await action();
		} catch (error) {
			setProblem(problemText(error, t));
		}
	};
	const sendOlder = async (
		type: "subscribe" | "unsubscribe",
		data: Record<string, number | number[]>,
	): Promise<void> => {
		const text = olderMessage(type, `${type}_${Date.now()}`, Date.now(), data);
		if (!app.sendText(text)) throw new CallError("notConnected");
	};
	const subscribe = (): Promise<unknown> =>
		dialect === "ems"
			? sendOlder("subscribe", { channels: numbers.map(Number), interval: Number(intervalMs) })
			: app.call(knownRoute("edgeTelemetry.subscribe"), { channels: numbers, intervalMs });
	const unsubscribe = (): Promise<unknown> =>
		dialect === "ems" ? sendOlder("unsubscribe", {}) : app.call(knownRoute("edgeTelemetry.unsubscribe"), {});
	return (
		<form
			class="row wrap subscribe"
			onSubmit={(event) => {
				event.preventDefault();
				void attempt(subscribe);
			}}
		>
			<div class="field grow">
				<label for="telemetry-channels">{t("channels")}</label>
				<p class="hint" id="telemetry-channels-hint">
					{t("channelsHelp")}
				</p>
				<input
					id="telemetry-channels"
					aria-describedby="telemetry-channels-hint"
					value={channels}
					onInput={({ currentTarget }) => setChannels(currentTarget.value)}
				/>
			</div>
			<div class="field">
				<label for="telemetry-interval">{t("interval")}</label>
				<input
					id="telemetry-interval"
					inputMode="numeric"
					value={intervalMs}
					onInput={({ currentTarget }) => setIntervalMs(currentTarget.value)}
				/>
			</div>
			<div class="row wrap">
				<button type="submit" class="primary">
					{t("subscribe")}
				</button>
				<button type="button" onClick={() => void attempt(unsubscribe)}>
					{t("unsubscribe")}
				</button>
			</div>
			<p class="problem" role="alert">
				{problem}
			</p>
		</form>
	);
}
