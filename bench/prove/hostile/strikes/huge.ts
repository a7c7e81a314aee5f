// What a field service should not write: hashes of a hundred thousand fields, keys of another type, and JSON by the megabyte.
import type { Strike } from "../strike.ts";

const FIELDS = 100_000;
const FIELDS_AT_ONCE = 10_000;
const HASHES = 8;
const FIRST_HUGE = 1005;
const FIRST_WRONG = 1002;

export const hugeHashes: Strike = {
	name: "huge-hashes",
	title: "hashes of 100,000 fields",
	async strike({ admin }, turn) {
		const channel = FIRST_HUGE + (turn % HASHES);
		for (let first = 0; first < FIELDS; first += FIELDS_AT_ONCE) {
			const fields = Array.from({ length: FIELDS_AT_ONCE }, (_, index) => [first + index, `${turn}.${index}`]);
			await admin.hset(`comsrv:${channel}:T`, ...fields.flat());
		}
		return FIELDS;
	},
	async relent({ admin }) {
		await admin.unlink(...Array.from({ length: HASHES }, (_, index) => `comsrv:${FIRST_HUGE + index}:T`));
	},
};

const MEGABYTE = "x".repeat(1024 * 1024);

export const wrongTypes: Strike = {
	name: "wrong-types",
	title: "keys of another type",
	async strike({ admin }, turn) {
		const keys = Array.from({ length: 10 }, (_, index) => `comsrv:${FIRST_WRONG + index}:T`);
		const keysOfModels = ["modsrv:models", "alarmsrv:index", "rulesrv:rules", "modsrv:model:wrong"];
		const pipeline = admin.pipeline();
		for (const [index, key] of [...keys, ...keysOfModels].entries()) {
			pipeline.unlink(key);
			if ((turn + index) % 3 === 0) pipeline.set(key, MEGABYTE);
			else if ((turn + index) % 3 === 1) pipeline.rpush(key, ...Array.from({ length: 1000 }, () => "item"));
			else pipeline.xadd(key, "*", "field", MEGABYTE);
		}
		await pipeline.exec();
		return keys.length + keysOfModels.length;
	},
	async relent({ admin }) {
		const keys = Array.from({ length: 10 }, (_, index) => `comsrv:${FIRST_WRONG + index}:T`);
		await admin.unlink(...keys, "modsrv:models", "alarmsrv:index", "rulesrv:rules", "modsrv:model:wrong");
	},
};

const RECORDS_AT_ONCE = 50;
/** Below what is read of one, and above it. */
const SIZES = [200_000, 900_000, 4_000_000];

export const hugeJson: Strike = {
	name: "huge-json",
	title: "models, alarms and rules of megabytes",
	async strike({ admin }, turn) {
		const size = SIZES[turn % SIZES.length] ?? 0;
		const padding = JSON.stringify(Array.from({ length: Math.floor(size / 3) }, () => ({})));
		const pipeline = admin.pipeline();
		for (let index = 0; index < RECORDS_AT_ONCE; index++) {
			const id = `huge-${turn % 4}-${index}`;
			const json = `{"id":"${id}","name":"${id}","title":"${id}","level":"High","status":"Active","properties":${padding}}`;
			pipeline.sadd("modsrv:models", id).set(`modsrv:model:${id}`, json);
			pipeline.sadd("rulesrv:rules", id).set(`rulesrv:rule:${id}`, json);
			pipeline.zadd("alarmsrv:index", index, id).hset(`alarmsrv:${id}`, "title", id, "data", json);
			if (size * index * 3 > 60_000_000) break;
		}
		await pipeline.exec();
		await admin.publish("alarmsrv:events", "changed");
		return RECORDS_AT_ONCE;
	},
	async relent({ admin }) {
		await admin.unlink("modsrv:models", "rulesrv:rules", "alarmsrv:index");
		await admin.publish("alarmsrv:events", "changed");
	},
};
