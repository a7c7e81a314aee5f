// Draws the plots of a page; runs in the browser, in the page itself. Logarithms are taken here and ticks set here, so that
// every axis shows round figures whatever its scale.
/// <reference lib="dom" />
import uPlot from "uplot";
import type { Axis, Plot } from "./page.ts";

const HEIGHT_PX = 380;
const FONT = "13px system-ui, sans-serif";
/** Up to so many different x have a tick each. */
const FEW = 12;
const COLORS = 6;
const percentiles = [0, 50, 90, 99, 99.9, 99.99, 99.999];

interface Ruler {
	readonly place: (value: number) => number;
	readonly ticks: readonly number[];
	readonly range: readonly [number, number];
}

const placeOn: Record<NonNullable<Axis["scale"]>, (value: number) => number> = {
	linear: (value) => value,
	log: Math.log10,
	percentile: (value) => -Math.log10(1 - value / 100),
};

function roundSteps(low: number, high: number): number[] {
	const rough = (high - low) / 6 || 1;
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) as number);
	const first = Math.floor(low / step);
	return Array.from({ length: Math.ceil(high / step) - first + 1 }, (_, index) => (first + index) * step);
}

function decades(low: number, high: number): number[] {
	const ticks: number[] = [];
	for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
		for (const factor of [1, 2, 5]) ticks.push(factor * 10 ** power);
	}
	const from = ticks.findLastIndex((tick) => tick <= low);
	const to = ticks.findIndex((tick) => tick >= high);
	const within = ticks.slice(Math.max(from, 0), to + 1);
	return within.length <= FEW ? within : within.filter((tick) => Number.isInteger(Math.log10(tick)));
}

/** @param fromZero - a linear axis begins at 0, as lengths that begin elsewhere mislead. */
function ruler({ scale = "linear" }: Axis, values: readonly number[], fromZero: boolean): Ruler {
	const place = placeOn[scale];
	const distinct = [...new Set(values)].sort((a, b) => a - b);
	const low = distinct[0] as number;
	const high = distinct.at(-1) as number;
	const span = (ticks: readonly number[], margin: number): Ruler => {
		const ends = [...ticks, low, high].map(place);
		const pad = margin * (Math.max(...ends) - Math.min(...ends) || 1);
		return { place, ticks, range: [Math.min(...ends) - pad, Math.max(...ends) + pad] };
	};
	if (scale === "percentile")
		return span(
			percentiles.filter((tick) => tick <= high),
			0.01,
		);
	if (scale === "log") return fromZero || distinct.length > FEW ? span(decades(low, high), 0) : span(distinct, 0.04);
	return span(roundSteps(fromZero ? 0 : low, high), 0);
}

const show = (value: number): string =>
	value.toLocaleString("en", Math.abs(value) >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 });
const showX = (value: number, { scale }: Axis): string =>
	value.toLocaleString("en", { maximumFractionDigits: 4 }) + (scale === "percentile" ? " %" : "");

function draw(plot: Plot, into: HTMLElement): uPlot {
	const xs = [...new Set(plot.series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
	const ys = plot.series.map(({ points }) => {
		const at = new Map(points);
		return xs.map((x) => at.get(x) ?? null);
	});
	const across = ruler(plot.x, xs, false);
	const up = ruler(
		plot.y,
		plot.series.flatMap(({ points }) => points.map(([, y]) => y)),
		true,
	);
	const color = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name);
	const axis = (of: Axis, { place, ticks }: Ruler, text: (value: number) => string): uPlot.Axis => ({
		label: of.label,
		labelFont: FONT,
		font: FONT,
		stroke: () => color("--ink"),
		grid: { stroke: () => color("--line"), width: 1 },
		ticks: { stroke: () => color("--line"), width: 1 },
		splits: () => ticks.map(place),
		filter: (_, splits) => splits,
		values: () => ticks.map(text),
	});
	const options: uPlot.Options = {
		width: into.clientWidth,
		height: HEIGHT_PX,
		scales: { x: { time: false, range: () => [...across.range] }, y: { range: () => [...up.range] } },
		axes: [
			{ ...axis(plot.x, across, (value) => showX(value, plot.x)), size: 44, labelSize: 24 },
			{ ...axis(plot.y, up, show), size: 64, labelSize: 24 },
		],
		series: [
			{
				label: plot.x.label,
				value: (_u, _v, _s, index) => (index === null ? "–" : showX(xs[index] as number, plot.x)),
			},
			...plot.series.map(
				({ name, points }, index): uPlot.Series => ({
					label: name,
					stroke: () => color(`--s${index % COLORS}`),
					width: 2,
					dash:
						index === 0
							? []
							: ([
									[8, 4],
									[3, 3],
									[12, 4, 3, 4],
									[1, 4],
									[6, 2],
								][(index - 1) % 5] as number[]),
					spanGaps: true,
					points: { show: points.length <= FEW, size: 7 },
					value: (_u, _v, seriesIndex, at) => {
						const value = at === null ? null : ys[seriesIndex - 1]?.[at];
						return value === null || value === undefined ? "–" : show(value);
					},
				}),
			),
		],
	};
	const placed = ys.map((column) => column.map((y) => (y === null ? null : up.place(y))));
	return new uPlot(options, [xs.map(across.place), ...placed], into);
}

const plots = JSON.parse(document.getElementById("plots")?.textContent ?? "[]") as Plot[];
const drawn = plots.map((plot, index) => {
	const into = document.getElementById(`plot-${index}`) as HTMLElement;
	return { into, chart: draw(plot, into) };
});
addEventListener("resize", () => {
	for (const { into, chart } of drawn) chart.setSize({ width: into.clientWidth, height: HEIGHT_PX });
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
	for (const { chart } of drawn) chart.redraw(false);
});
