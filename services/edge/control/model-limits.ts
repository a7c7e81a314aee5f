// Ranges of the values that points may be given, from the models of a box; cached, not read for each command.

import { batches } from "../../../common/batches.ts";
import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import type { Box } from "../boxes/box.ts";
import type { CommandTarget } from "../boxes/box-commands.ts";
import type { ValueRange } from "../boxes/box-models.ts";
import { pointKeyText } from "../boxes/box-points.ts";

type Ranges = ReadonlyMap<string, readonly ValueRange[]>;

interface Known {
	readonly ranges: Promise<Ranges>;
	readonly untilMs: number;
}

const MODELS_AT_ONCE = 100;
const none: readonly ValueRange[] = [];

export class ModelLimits {
	private readonly clock: Clock;
	private readonly logger: Logger;
	private readonly keptMs: number;
	private readonly maxModels: number;
	/** One for each box. */
	private readonly known = new Map<Box, Known>();

	constructor(
		{ clock, logger }: { readonly clock: Clock; readonly logger: Logger },
		{ limitsKeptMs, maxModels }: { readonly limitsKeptMs: number; readonly maxModels: number },
	) {
		this.clock = clock;
		this.logger = logger;
		this.keptMs = limitsKeptMs;
		this.maxModels = maxModels;
	}

	/** Ranges of all models that map the point. @throws GatewayError UNAVAILABLE when the box does not answer. */
	async of(box: Box, target: CommandTarget): Promise<readonly ValueRange[]> {
		// Models refer to the channels of the field services, which are the first family.
		if (target.family !== box.sources[0]?.family) return none;
		return (await this.ranges(box)).get(pointOf(target)) ?? none;
	}

	private ranges(box: Box): Promise<Ranges> {
		const nowMs = this.clock.monotonic();
		const known = this.known.get(box);
		if (known !== undefined && known.untilMs > nowMs) return known.ranges;
		const ranges = this.read(box);
		this.known.set(box, { ranges, untilMs: nowMs + this.keptMs });
		// Without limits nothing is written; the next command asks again.
		ranges.catch(() => {
			if (this.known.get(box)?.ranges === ranges) this.known.delete(box);
		});
		return ranges;
	}

	private async read(box: Box): Promise<Ranges> {
		const found = new Map<string, ValueRange[]>();
		const ids = await box.models.ids("", this.maxModels + 1);
		if (ids.length > this.maxModels) {
			this.logger.warn({ box: box.name, models: this.maxModels }, "the box has more models; their limits are ignored");
		}
		for (const batch of batches(ids.slice(0, this.maxModels), MODELS_AT_ONCE)) {
			const models = await box.models.get(batch);
			for (const { channel, pointId, type, range } of models.flatMap((model) => model?.actions ?? [])) {
				if (range === undefined) continue;
				const text = pointOf({ family: box.sources[0]?.family ?? "", channel, type, pointId });
				const ranges = found.get(text);
				if (ranges === undefined) found.set(text, [range]);
				else ranges.push(range);
			}
		}
		return found;
	}
}

function pointOf(target: CommandTarget): string {
	return `${pointKeyText(target)}:${target.pointId}`;
}
