// The last values of a point as a line.

const WIDTH = 120;
const HEIGHT = 28;
const EDGE = 2;

interface SparklineProps {
	readonly values: readonly number[];
	readonly label: string;
}

export function Sparkline({ values, label }: SparklineProps) {
	if (values.length < 2) return <span class="hint">—</span>;
	return (
		<svg
			class="sparkline"
			role="img"
			aria-label={label}
			viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
			width={WIDTH}
			height={HEIGHT}
		>
			<polyline points={pointsOf(values)} />
		</svg>
	);
}

/** Coordinates of the values, from edge to edge; a line in the middle where all are the same. */
export function pointsOf(values: readonly number[]): string {
	const lowest = Math.min(...values);
	const span = Math.max(...values) - lowest;
	const step = (WIDTH - 2 * EDGE) / Math.max(1, values.length - 1);
	return values
		.map((value, index) => {
			const share = span === 0 ? 0.5 : (value - lowest) / span;
			return `${(EDGE + index * step).toFixed(1)},${(HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE)).toFixed(1)}`;
		})
		.join(" ");
}
