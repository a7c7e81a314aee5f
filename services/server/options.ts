// Options of what makes a repeat harmless: the section `idempotency` of the configuration.
import { bytes, milliseconds, section } from "../../common/option-fields.ts";

const MIB = 1_048_576;

export const idempotencySection = section({
	publishKeptMs: milliseconds({
		description:
			"How long the key of a publication is known, on its channel: a repeat within this time is not published again.",
		min: 10_000,
		max: 86_400_000,
		default: 300_000,
	}),
	resultKeptMs: milliseconds({
		description: "How long the result of any other call with a key is kept.",
		min: 60_000,
		max: 7 * 86_400_000,
		default: 86_400_000,
	}),
	backendBytes: bytes({
		description:
			"What the keys of one API key may take, of publications (320 bytes each, and the name of the channel) and of results (512 bytes " +
			"each, and five quarters of the result), per process; beyond it calls with a key get RATE_LIMITED until earlier keys are forgotten.",
		min: 65_536,
		max: 4096 * MIB,
		default: 96 * MIB,
	}),
	userBytes: bytes({
		description: "The same of one user.",
		min: 4096,
		max: 1024 * MIB,
		default: MIB,
	}),
	totalBytes: bytes({
		description: "The same of all together; users have half of it at most. Without redis.url, 64 MiB at most.",
		min: MIB,
		max: 16_384 * MIB,
		default: 256 * MIB,
	}),
});
