// The scenarios of the proof, in the order in which they run.
import type { Scenario } from "../scenario.ts";
import { applicationChannelScenarios } from "./application-channels.ts";
import { cluster } from "./cluster.ts";
import { drops } from "./drops.ts";
import { floods } from "./floods.ts";
import { hostileScenarios } from "./hostile.ts";
import { hostileStoreScenarios } from "./hostile-stores.ts";
import { kafkaScenarios } from "./kafka.ts";
import { malformed } from "./malformed.ts";
import { nodeKill } from "./node-kill.ts";
import { redisClientPause } from "./redis-client-pause.ts";
import { redisKilled } from "./redis-killed.ts";
import { redisPaused } from "./redis-paused.ts";
import { redisStopped } from "./redis-stopped.ts";
import { rollingRestart } from "./rolling-restart.ts";
import { rollingUpgrade } from "./rolling-upgrade.ts";
import { sentinel } from "./sentinel.ts";
import { dropsControl, nodeKillControl } from "./socketio.ts";
import { sqlCrashed } from "./sql-crashed.ts";
import { sqlPaused } from "./sql-paused.ts";
import { stalledReader } from "./stalled-reader.ts";
import { tokens } from "./tokens.ts";

export const scenarios: readonly Scenario[] = [
	drops,
	dropsControl,
	nodeKill,
	nodeKillControl,
	rollingRestart,
	rollingUpgrade,
	stalledReader,
	redisStopped,
	redisKilled,
	redisPaused,
	redisClientPause,
	sqlPaused,
	sqlCrashed,
	cluster,
	sentinel,
	malformed,
	...applicationChannelScenarios,
	...kafkaScenarios,
	tokens,
	floods,
	...hostileScenarios,
	...hostileStoreScenarios,
];
