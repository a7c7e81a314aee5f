// Which parts of a plant are visible: checked by every operation that reads a point or an alarm, or writes a point, so
// that a channel that is closed to one operation is closed to all. Channels are open or closed for all users;
// permissions decide which users may read at all.  Where channels are closed, what cannot be placed is not shown:
// values of a model that no mapping places, and rules of which it is not known what they read. Alarms are the
// exception, as one that is not seen may be worse than one that is: only those whose source names a closed channel are
// left out.
import type { BoxAlarm } from "./boxes/box-alarms.ts";
import type { BoxMapping, BoxModel, BoxModelValues, BoxRule, NamedReading } from "./boxes/box-models.ts";

/** `comsrv:1001:T:3`, `inst/12`, `channel 1001`, `ch-1001`. */
const NAMED_CHANNEL = /(?:\b(?:comsrv|inst)[:._/-]|\b(?:ch|chan|channel)(?:_?id)?[ :=._#/-]{0,3})(\d{1,10})(?!\d)/gi;
/** A source that begins with the number of the channel: `1001`, `1001:T:3`. */
const LEADING_CHANNEL = /^\s*(\d{1,10})(?:[:._/-]|\s*$)/;
/** Members of a rule's definition that name channels; lists of them as well. */
const CHANNEL_MEMBER = /"(?:channels?|channel_?ids?|instances?|instance_?ids?)"\s*:\s*(\[[^\]]{0,4096}\]|"?\d{1,10})/gi;
const NUMBERS = /\d{1,10}/g;

export class EdgePolicy {
	private readonly ranges: readonly (readonly [number, number])[];

	/** @param ranges - channels that are open, as `1001` and `1001-1999`; empty: all are. */
	constructor(ranges: readonly string[] = []) {
		this.ranges = ranges.map((range) => {
			const [from = "", to = from] = range.split("-");
			return [Number(from), Number(to)] as const;
		});
	}

	/** Whether some channels are closed. */
	get isRestricted(): boolean {
		return this.ranges.length > 0;
	}

	/** Whether a channel, or an instance of the model service, may be read and written. */
	isOpen(channel: number): boolean {
		return !this.isRestricted || this.ranges.some(([from, to]) => channel >= from && channel <= to);
	}

	/** A model with the points of it that may be seen; undefined when it has points, and none may be. */
	model(model: BoxModel): BoxModel | undefined {
		if (!this.isRestricted) return model;
		const isSeen = ({ channel }: BoxMapping) => this.isOpen(channel);
		const measurements = model.measurements.filter(isSeen);
		const actions = model.actions.filter(isSeen);
		const isHidden = measurements.length + actions.length === 0 && model.measurements.length + model.actions.length > 0;
		return isHidden ? undefined : { ...model, measurements, actions };
	}

	/** @param seen - what `model` made of the model. */
	values(seen: BoxModel, { measurements, actions }: BoxModelValues): BoxModelValues {
		if (!this.isRestricted) return { measurements, actions };
		const placed = (mappings: readonly BoxMapping[], readings: readonly NamedReading[]) => {
			const names = new Set(mappings.map(({ name }) => name));
			return readings.filter(({ name }) => names.has(name));
		};
		return { measurements: placed(seen.measurements, measurements), actions: placed(seen.actions, actions) };
	}

	alarm({ source }: Pick<BoxAlarm, "source">): boolean {
		if (!this.isRestricted) return true;
		const leading = LEADING_CHANNEL.exec(source)?.[1];
		if (leading !== undefined && !this.isOpen(Number(leading))) return false;
		return this.areOpen(source.matchAll(NAMED_CHANNEL));
	}

	/** Whether a rule reads and writes open channels only. */
	rule({ definitionJson }: Pick<BoxRule, "definitionJson">): boolean {
		if (!this.isRestricted) return true;
		if (definitionJson === "") return false;
		for (const [, numbers = ""] of definitionJson.matchAll(CHANNEL_MEMBER)) {
			for (const [number] of numbers.matchAll(NUMBERS)) if (!this.isOpen(Number(number))) return false;
		}
		return this.areOpen(definitionJson.matchAll(NAMED_CHANNEL));
	}

	private areOpen(matches: Iterable<RegExpExecArray>): boolean {
		for (const [, channel] of matches) if (!this.isOpen(Number(channel))) return false;
		return true;
	}
}
