// A box whose field services keep everything in a Redis.

import type { Logger } from "../../../common/logger.ts";
import type { Probe } from "../../../common/probe.ts";
import type { Box, BoxCondition, BoxSource } from "../boxes/box.ts";
import { RedisBoxAlarms } from "./alarms-redis.ts";
import { BoxChannels } from "./box-channels.ts";
import { BoxLink, type BoxLinkOptions } from "./box-link.ts";
import { RedisBoxCommands, type RedisBoxCommandsOptions } from "./commands-redis.ts";
import { boxDialect, type DialectName } from "./dialect.ts";
import { RedisBoxModels } from "./models-redis.ts";
import { RedisBoxPoints, type RedisBoxPointsOptions } from "./points-redis.ts";
import { RedisBoxRules, type RedisBoxRulesOptions } from "./rules-redis.ts";

export interface RedisBoxOptions {
	readonly link: BoxLinkOptions;
	readonly dialect: DialectName;
	readonly points?: RedisBoxPointsOptions;
	readonly commands?: Partial<RedisBoxCommandsOptions>;
	readonly rules?: Partial<RedisBoxRulesOptions>;
}

export class RedisBox implements Box {
	readonly name: string;
	readonly sources: readonly BoxSource[];
	readonly points: RedisBoxPoints;
	readonly commands: RedisBoxCommands;
	readonly alarms: RedisBoxAlarms;
	readonly models: RedisBoxModels;
	readonly rules: RedisBoxRules;
	readonly probe: Probe;
	private readonly link: BoxLink;
	private readonly channels: BoxChannels;

	/** Connects in the background. @throws Error when the URL is malformed or names a Cluster. */
	constructor(options: RedisBoxOptions, logger: Logger) {
		const dialect = boxDialect(options.dialect);
		this.name = options.link.name;
		this.sources = dialect.sources;
		this.link = new BoxLink(options.link, logger);
		this.channels = new BoxChannels(this.link);
		this.points = new RedisBoxPoints(this.link, dialect, options.points ?? {}, logger);
		this.commands = new RedisBoxCommands(this.link, dialect, this.channels, options.commands);
		this.alarms = new RedisBoxAlarms(this.link, dialect, this.channels);
		this.models = new RedisBoxModels(this.link, dialect);
		this.rules = new RedisBoxRules(this.link, dialect, this.channels, options.rules);
		this.probe = this.link.probe;
	}

	get condition(): BoxCondition {
		return this.link.condition;
	}

	onCondition(listener: (condition: BoxCondition) => void): void {
		this.link.onCondition(listener);
	}

	async close(): Promise<void> {
		this.points.close();
		this.rules.close();
		this.channels.close();
		await this.link.close();
	}
}
