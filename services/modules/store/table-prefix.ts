// Gives every table, index and constraint that a module names a prefix of the module, so that it has a schema of its own within the
// gateway's, on databases that have no schemas, too. This keeps modules from each other's tables and the gateway's by mistake, not by
// intent: a text of SQL that is written out is only searched for names of the gateway's tables.
import {
	type AlterTableNode,
	type CheckConstraintNode,
	type CreateIndexNode,
	type CreateTableNode,
	type DropConstraintNode,
	type ForeignKeyConstraintNode,
	IdentifierNode,
	type KyselyPlugin,
	type OperationNode,
	OperationNodeTransformer,
	type PluginTransformQueryArgs,
	type PluginTransformResultArgs,
	type PrimaryKeyConstraintNode,
	type QueryResult,
	type RawNode,
	type RootOperationNode,
	type SchemableIdentifierNode,
	TableNode,
	type UniqueConstraintNode,
	type UnknownRow,
	WithSchemaPlugin,
} from "kysely";
import { tableOptions } from "../../../stores/sql/migration-table.ts";
import { tableNames } from "../../../stores/sql/schema.ts";
import type { SqlDialect } from "../statement-runner.ts";

/** What kysely's own plugin marks tables with that are named in a statement, and neither an alias nor a common table expression. */
const MARK = "\0module";
const NAME = /^[a-z][a-z0-9_]*$/;
/** PostgreSQL truncates longer names, to a name that another one may have. */
const MAX_NAME = 63;
const OWN_TABLES = new RegExp(`\\b(?:${[...tableNames, "kysely_migration(?:_lock)?"].join("|")})\\b`, "i");

/** Of a module's tables. Modules have no `__` before a table's name that could be another one's: names of tables have none. */
export function tablePrefix(module: string): string {
	return `${module}__`;
}

/** @returns what a table of the module is called in the database. @throws Error when it cannot be called so. */
export function prefixedName(module: string, name: string): string {
	const prefix = tablePrefix(module);
	// A subquery has been through this already.
	if (name.startsWith(prefix)) return prefixedName(module, name.slice(prefix.length));
	const full = prefix + name;
	if (!NAME.test(name) || name.includes("__")) {
		throw new Error(
			`SQL: ${name}: a table, index or constraint has lower-case letters, digits and single _ in its name`,
		);
	}
	if (full.length > MAX_NAME) throw new Error(`SQL: ${full} is longer than ${MAX_NAME} characters`);
	return full;
}

/** The plugins of a module's database, in their order. */
export function tablePrefixPlugins(module: string, dialect: SqlDialect): readonly KyselyPlugin[] {
	return [new WithSchemaPlugin(MARK), new TablePrefixPlugin(new PrefixTransformer(module, dialect))];
}

class TablePrefixPlugin implements KyselyPlugin {
	private readonly transformer: PrefixTransformer;

	constructor(transformer: PrefixTransformer) {
		this.transformer = transformer;
	}

	transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
		return this.transformer.transformNode(node, queryId);
	}

	async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
		return result;
	}
}

type Named = { readonly name?: IdentifierNode };

class PrefixTransformer extends OperationNodeTransformer {
	private readonly module: string;
	private readonly dialect: SqlDialect;

	constructor(module: string, dialect: SqlDialect) {
		super();
		this.module = module;
		this.dialect = dialect;
	}

	/** As the gateway's own tables: MySQL's default collations call é and e the same letter. */
	protected override transformCreateTable(node: CreateTableNode, ...rest: [never]): CreateTableNode {
		const table = super.transformCreateTable(node, ...rest);
		if (this.dialect !== "mysql" || table.endModifiers !== undefined) return table;
		return { ...table, endModifiers: [tableOptions(this.dialect).toOperationNode()] };
	}

	protected override transformSchemableIdentifier(node: SchemableIdentifierNode): SchemableIdentifierNode {
		const { schema, identifier } = node;
		if (schema === undefined) return node;
		if (schema.name !== MARK) throw new Error(`SQL: ${schema.name}.${identifier.name}: a module has no other schema`);
		return { kind: "SchemableIdentifierNode", identifier: this.prefixed(identifier) };
	}

	protected override transformRaw(
		node: RawNode,
		queryId: Parameters<OperationNodeTransformer["transformNode"]>[1],
	): RawNode {
		for (const text of node.sqlFragments) checkText(text);
		const parameters = node.parameters.map((parameter) => this.rawParameter(parameter));
		return super.transformRaw({ ...node, parameters }, queryId);
	}

	/** What is named in a text of SQL: `sql.table` is a table of the module, `sql.id` and `sql.ref` are columns. */
	private rawParameter(parameter: OperationNode): OperationNode {
		if (IdentifierNode.is(parameter)) checkText(parameter.name);
		if (!TableNode.is(parameter) || parameter.table.schema !== undefined) return parameter;
		return TableNode.createWithSchema(MARK, parameter.table.identifier.name);
	}

	protected override transformAlterTable(node: AlterTableNode, ...rest: [never]): AlterTableNode {
		const { renameTo } = node;
		const named = renameTo && TableNode.createWithSchema(MARK, renameTo.table.identifier.name);
		return super.transformAlterTable(named === undefined ? node : { ...node, renameTo: named }, ...rest);
	}

	protected override transformCreateIndex(node: CreateIndexNode, ...rest: [never]): CreateIndexNode {
		return this.named(super.transformCreateIndex(node, ...rest));
	}

	protected override transformPrimaryKeyConstraint(node: PrimaryKeyConstraintNode, ...rest: [never]) {
		return this.named(super.transformPrimaryKeyConstraint(node, ...rest));
	}

	protected override transformUniqueConstraint(node: UniqueConstraintNode, ...rest: [never]) {
		return this.named(super.transformUniqueConstraint(node, ...rest));
	}

	protected override transformForeignKeyConstraint(node: ForeignKeyConstraintNode, ...rest: [never]) {
		return this.named(super.transformForeignKeyConstraint(node, ...rest));
	}

	protected override transformCheckConstraint(node: CheckConstraintNode, ...rest: [never]) {
		return this.named(super.transformCheckConstraint(node, ...rest));
	}

	protected override transformDropConstraint(node: DropConstraintNode, ...rest: [never]): DropConstraintNode {
		const dropped = super.transformDropConstraint(node, ...rest);
		return { ...dropped, constraintName: this.prefixed(dropped.constraintName) };
	}

	/** Names of indexes and constraints are those of a whole schema, as tables' are. */
	private named<Node extends Named>(node: Node): Node {
		return node.name === undefined ? node : { ...node, name: this.prefixed(node.name) };
	}

	private prefixed({ name }: IdentifierNode): IdentifierNode {
		return IdentifierNode.create(prefixedName(this.module, name));
	}
}

function checkText(text: string): void {
	const found = OWN_TABLES.exec(text)?.[0];
	if (found !== undefined) {
		throw new Error(
			`SQL: ${found} is a table of the gateway; a column of that name is named by sql.ref, a table of the module by sql.table`,
		);
	}
	if (text.includes(";")) throw new Error("SQL: a text of SQL is one statement, without `;`");
}
