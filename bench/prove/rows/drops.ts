// Clients that lose their connections at random get every message once and in order, and those that were away for longer
// than the recovery window are told so.
import type { Member } from "../member.ts";
import type { Context, Outcome, Row } from "../row.ts";
import { atLeast, atMost, judge, LOAD_STEPS, underLoad } from "../under-load.ts";

export const drops: Row<"standalone"> = {
	name: "drops",
	title: "connections lost at random",
	needs: { redis: "standalone", nodes: 2 },
	steps: LOAD_STEPS,
	run: loseConnections,
};

/** On whatever Redis the context has. */
export async function loseConnections(context: Context): Promise<Outcome> {
	let away: readonly Member[] = [];
	const trial = await underLoad(context, async (crowd) => {
		away = await crowd.keepAway();
	});
	const others = trial.crowd.members.filter((member) => !away.includes(member));
	const sum = (members: readonly Member[], of: (member: Member) => number): number =>
		members.reduce((total, member) => total + of(member), 0);
	const told = away.filter(({ log }) => log.refusedRecoveries > 0).length;
	return judge(
		context,
		trial,
		[
			atMost(
				"holes within the window",
				sum(others, ({ log }) => log.holes),
				0,
			),
			atMost("messages published again", trial.figures.repeats, 0),
			atLeast("members kept away beyond the window and told recovered=false", told, context.plan.keptAway),
			atMost("holes beyond the window that were told more than once", sum(away, ({ log }) => log.holes) - told, 0),
		],
		{ keptAway: away.length },
	);
}
