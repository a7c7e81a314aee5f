// Many rows by a key of two columns, in one statement that every dialect finds by the key: one branch per value of the
// first column, each with a list for the second.
import { type RawBuilder, type SqlBool, sql } from "kysely";

/**
 * For `where`: rows that hold one of the pairs.
 *
 * @param pairs - values for the two columns; a few hundred at most, since SQLite takes no deeper expressions.
 */
export function anyPair(
	columns: readonly [string, string],
	pairs: readonly (readonly [string | number, string])[],
): RawBuilder<SqlBool> {
	const seconds = new Map<string | number, string[]>();
	for (const [one, other] of pairs) {
		const others = seconds.get(one);
		if (others === undefined) seconds.set(one, [other]);
		else others.push(other);
	}
	const [first, second] = columns.map((column) => sql.ref(column));
	const branches = [...seconds].map(([one, others]) => sql`(${first} = ${one} and ${second} in (${sql.join(others)}))`);
	return sql<SqlBool>`(${sql.join(branches, sql` or `)})`;
}
