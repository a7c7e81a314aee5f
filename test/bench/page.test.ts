// The HTML of reports: what is drawn is what was given, and no text becomes markup.
import assert from "node:assert/strict";
import { test } from "node:test";
import { htmlPage, type PlotSection, plotsIn, type Section } from "../../bench/html/page.ts";

const page = (sections: readonly Section[]): string => htmlPage({ title: "T", machine: "M", sections });
const plot: PlotSection = {
	kind: "plot",
	title: "cost </script><b>",
	x: { label: "connections", scale: "log" },
	y: { label: "CPU (µs)" },
	series: [
		{
			name: "framegate",
			points: [
				[100, 1.5],
				[18_000, 2.25],
			],
		},
		{ name: "a & b", points: [[100, 3]] },
	],
};

test("the plots of a page are those that were given, in their order", () => {
	const other: PlotSection = { ...plot, title: "other" };
	const found = plotsIn(page([plot, { kind: "text", title: "t", paragraphs: ["p"] }, other]));
	const expected = [plot, other].map(({ title, x, y, series }) => ({ title, x, y, series }));
	assert.deepEqual(found, expected);
});

test("the figures of a plot are beneath it, to be read without a script", () => {
	const html = page([plot]);
	assert.match(html, /<th>connections<\/th><th>framegate<\/th><th>a &amp; b<\/th>/);
	assert.match(html, /<td>100<\/td><td>1.5<\/td><td>3<\/td>/);
	assert.match(html, /<td>18,000<\/td><td>2.25<\/td><td><\/td>/);
});

test("no text becomes markup", () => {
	const evil = '</script><img src=x onerror="x">';
	const html = page([
		{ ...plot, title: evil, note: evil, series: [{ name: evil, points: [[1, 1]] }] },
		{ kind: "table", title: evil, note: evil, columns: [evil], rows: [[evil]] },
		{ kind: "text", title: evil, paragraphs: [evil] },
	]);
	assert.doesNotMatch(html, /<img/);
	assert.equal(html.split("</script").length - 1, 2, "the data, and what draws it");
	assert.equal(plotsIn(html)[0]?.title, evil);
});

test("it needs no network", () => {
	const html = page([plot]);
	assert.doesNotMatch(html, /<(?:link|script|img)[^>]+(?:src|href)=/);
	assert.doesNotMatch(html, /@import|url\(/);
	assert.doesNotMatch(page([]), /<script/);
});

test("what cannot be drawn truly is refused", () => {
	const given = (points: readonly [number, number][], changes: Partial<PlotSection> = {}) =>
		page([{ ...plot, ...changes, series: [{ name: "s", points }] }]);
	assert.throws(() => given([]), /no points/);
	assert.throws(() => given([[1, Number.NaN]]), /not a number/);
	assert.throws(() => given([[0, 1]]), /not above 0/);
	assert.throws(() => given([[1, 0]], { y: { label: "y", scale: "log" } }), /not above 0/);
	assert.throws(() => given([[100, 1]], { x: { label: "x", scale: "percentile" } }), /out of range/);
	const twice: [number, number][] = [
		[2, 1],
		[2, 2],
	];
	assert.throws(() => given(twice), /does not rise/);
});
