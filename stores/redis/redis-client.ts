// What commands are sent by: to one server, or to the servers of a Cluster.
import type { Cluster, Redis } from "ioredis";

export type RedisClient = Redis | Cluster;
