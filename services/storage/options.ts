// Options of storage: the section `storage` of the configuration. Quotas of members, and the space that is reserved for
// the audit trail and control.
import { bytes, milliseconds, section } from "../../common/option-fields.ts";
import { defaultsOf, type OptionsOf } from "../../common/options.ts";

const MEBIBYTE = 1_048_576;
const MAX_BYTES = 1024 * 1024 * 1024 * MEBIBYTE;

export const storageSection = section({
	userBytesPerDay: bytes({
		description:
			"Bytes that one user may store per day (UTC): messages, rooms, memberships, games, each with the size of its rows. " +
			"Beyond it RATE_LIMITED until the next day. 0: no limit.",
		min: 0,
		max: MAX_BYTES,
		default: 64 * MEBIBYTE,
	}),
	maxBytes: bytes({
		description:
			"Bytes stored by all users that are still kept; beyond it members' writes get UNAVAILABLE. 0: no limit.",
		min: 0,
		max: MAX_BYTES,
		default: 20 * 1024 * MEBIBYTE,
	}),
	reserveBytes: bytes({
		description:
			"Free bytes on the disk of an SQLite file below which members' writes get UNAVAILABLE and the process is not ready; " +
			"at most a tenth of the file system. The audit trail, control and deletions go on. 0: none.",
		min: 0,
		max: MAX_BYTES,
		default: 64 * MEBIBYTE,
	}),
	ballastBytes: bytes({
		description:
			"Bytes reserved in a file beside an SQLite file, and released for the audit trail and control when the disk is full. 0: none.",
		min: 0,
		max: 1024 * MEBIBYTE,
		default: 16 * MEBIBYTE,
	}),
	probeIntervalMs: milliseconds({
		description: "Shortest interval between two write probes of the database by `/ready`; in between it reads.",
		min: 0,
		max: 600_000,
		default: 5000,
	}),
});

export type StorageOptions = OptionsOf<typeof storageSection>;

export const storageDefaults: StorageOptions = defaultsOf(storageSection);
