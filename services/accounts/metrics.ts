// Metrics of accounts.
import {
	counter,
	gauge,
	labelledCounter,
	labelledGauge,
	type MetricDefinition,
	type Sample,
} from "../../common/metrics.ts";
import type { IssuerCounts } from "./issuers/token-issuer.ts";

export interface AccountFigures {
	/** Password checks that wait now, and those refused since the start because too many waited. */
	readonly passwords: { readonly queued: number; readonly rejections: number };
	readonly issuers: readonly IssuerFigures[];
	readonly issuerUsers: { readonly created: number };
	readonly guests: { readonly counts: { readonly created: number; readonly joined: number } };
}

export interface IssuerFigures {
	readonly options: { readonly name: string };
	readonly counts: Readonly<IssuerCounts>;
	/** Undefined for an issuer with a secret. */
	readonly keys: IssuerKeyFigures | undefined;
}

interface IssuerKeyFigures {
	readonly size: number;
	readonly ageMs: number | undefined;
	readonly fetches: { readonly ok: number; readonly failed: number };
}

export function accountMetrics({
	passwords,
	issuers,
	issuerUsers,
	guests,
}: AccountFigures): readonly MetricDefinition[] {
	return [
		gauge("framegate_password_checks_waiting", "Password checks that wait.", () => passwords.queued),
		counter(
			"framegate_password_checks_refused_total",
			"Password checks refused because too many waited.",
			() => passwords.rejections,
		),
		counter("framegate_guests_created_total", "Guests created.", () => guests.counts.created),
		counter("framegate_guests_joined_total", "Guests that joined an account.", () => guests.counts.joined),
		counter("framegate_issuer_users_created_total", "Users created for tokens of issuers.", () => issuerUsers.created),
		labelledCounter(
			"framegate_issuer_tokens_total",
			"Tokens of issuers that were verified, by issuer and result.",
			["issuer", "result"],
			() => issuers.flatMap(({ options, counts }) => byResult(options.name, { ...counts })),
		),
		labelledCounter(
			"framegate_issuer_key_fetches_total",
			"Fetches of the keys of issuers, by issuer and result.",
			["issuer", "result"],
			() => issuers.flatMap(({ options, keys }) => byResult(options.name, keys?.fetches ?? {})),
		),
		labelledGauge(
			"framegate_issuer_keys",
			"Keys that tokens of an issuer are verified with; 0: none can be.",
			["issuer"],
			() => issuers.flatMap(({ options, keys }): Sample[] => (keys ? [[{ issuer: options.name }, keys.size]] : [])),
		),
		labelledGauge(
			"framegate_issuer_keys_age_seconds",
			"Time since the keys of an issuer were fetched.",
			["issuer"],
			() =>
				issuers.flatMap(({ options, keys }): Sample[] =>
					keys?.ageMs === undefined ? [] : [[{ issuer: options.name }, keys.ageMs / 1000]],
				),
		),
	];
}

function byResult(issuer: string, counts: Readonly<Record<string, number>>): Sample[] {
	return Object.entries(counts).map(([result, count]) => [{ issuer, result }, count]);
}
