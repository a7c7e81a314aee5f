// What generators have to know of each message type: its fields as they are on the wire, with the rules of a valid one.
import protobuf from "protobufjs";
import type { FieldRule } from "../../protocol/contract.ts";
import reflection from "../../protocol/gen/reflection.json" with { type: "json" };
import { authRoutes, chatRoutes, messageTypes, notificationRoutes, routeContracts } from "../../protocol/gen/schema.ts";

export interface FieldPlan {
	readonly id: number;
	/** As JSON names it. */
	readonly name: string;
	/** `AlarmAckRequest.alarmId` */
	readonly path: string;
	/** A scalar type of the language, or `message` or `enum`. */
	readonly kind: string;
	readonly isList: boolean;
	readonly isMap: boolean;
	readonly rule: FieldRule | undefined;
	/** A valid request has it, although no rule says so: of a control, 0 is a value, and none is refused. */
	readonly isExpected: boolean;
	/** Of the oneof that it belongs to; "" when to none. */
	readonly oneof: string;
	/** Made when asked for, as types may hold themselves. */
	readonly message: () => MessagePlan;
	readonly enumNames: readonly string[];
	readonly enumNumbers: readonly number[];
}

export interface MessagePlan {
	readonly typeName: string;
	readonly fields: readonly FieldPlan[];
}

export interface RoutePlan {
	readonly number: number;
	readonly name: string;
	readonly request: MessagePlan;
}

/**
 * Routes that cost the gateway several times what the others do, as they hash passwords, sign tokens or read whatever a
 * user has: drawn evenly, they take half the time of a run.
 */
export const COSTLY: ReadonlySet<number> = new Set(
	[
		authRoutes.login,
		authRoutes.register,
		authRoutes.refreshToken,
		authRoutes.forgotPassword,
		chatRoutes.createChatRoom,
		chatRoutes.listChatRooms,
		chatRoutes.listConversations,
		notificationRoutes.listNotifications,
	].map(({ number }) => number),
);
/** Fields without which a request is refused by what it is about. */
const EXPECTED: ReadonlySet<string> = new Set(
	["WritePointRequest", "SelectPointRequest", "OperatePointRequest"].map((name) => `${name}.value`),
);
/** How many times any other route is drawn for once that one of these is. */
const OTHERS_TO_ONE_COSTLY = 8;

export class Plans {
	/** To draw from: every route is in it, most of them several times. */
	readonly routes: readonly RoutePlan[];
	private readonly root = protobuf.Root.fromJSON(reflection);
	private readonly plans = new Map<string, MessagePlan>();

	constructor() {
		this.root.resolveAll();
		this.routes = [...routeContracts.values()].flatMap(({ number, name, request }) => {
			const times = COSTLY.has(number) ? 1 : OTHERS_TO_ONE_COSTLY;
			return new Array<RoutePlan>(times).fill({ number, name, request: this.of(request.typeName) });
		});
	}

	of(typeName: string): MessagePlan {
		const known = this.plans.get(typeName);
		if (known !== undefined) return known;
		const rules = messageTypes.get(typeName)?.rules ?? [];
		const fields = this.root.lookupType(typeName).fieldsArray.map((field) => {
			return this.field(
				field,
				rules.find(({ property }) => property === field.name),
			);
		});
		const plan = { typeName, fields };
		this.plans.set(typeName, plan);
		return plan;
	}

	private field(field: protobuf.Field, rule: FieldRule | undefined): FieldPlan {
		const { resolvedType, partOf } = field;
		const path = `${field.parent?.name}.${field.name}`;
		const isMessage = resolvedType instanceof protobuf.Type;
		const values = resolvedType instanceof protobuf.Enum ? resolvedType.values : {};
		return {
			id: field.id,
			name: field.name,
			path,
			kind: isMessage ? "message" : resolvedType === null ? field.type : "enum",
			isList: field.repeated,
			isMap: field.map,
			rule,
			isExpected: EXPECTED.has(path),
			// A proto3 `optional` field is in a oneof of its own.
			oneof: partOf !== null && partOf.fieldsArray.length > 1 ? partOf.name : "",
			message: () => this.of(isMessage ? resolvedType.fullName.slice(1) : ""),
			enumNames: Object.keys(values),
			enumNumbers: Object.values(values),
		};
	}
}
