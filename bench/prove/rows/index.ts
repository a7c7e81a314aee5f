// The rows of the proof, in the order in which they run.
import type { Row } from "../row.ts";
import { cluster } from "./cluster.ts";
import { drops } from "./drops.ts";
import { nodeKill } from "./node-kill.ts";
import { redisPaused } from "./redis-paused.ts";
import { redisStopped } from "./redis-stopped.ts";
import { sentinel } from "./sentinel.ts";

export const rows: readonly Row[] = [drops, nodeKill, redisStopped, redisPaused, cluster, sentinel];
