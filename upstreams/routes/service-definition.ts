// A gRPC service of the operator as its files define it: methods, and how their messages look as JSON.
import { readFileSync } from "node:fs";
import {
	createFileRegistry,
	type DescMessage,
	type DescMethod,
	type DescService,
	fromBinary,
	type Registry,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type DefinedRules, rulesOfRegistry } from "./field-rules.ts";
import { descriptorsOfProto } from "./proto-descriptors.ts";
import { rulesOfProto } from "./proto-rules.ts";

/** Where definitions are. */
export interface DefinitionFiles {
	/** What `protoc --include_imports --descriptor_set_out` or `buf build -o` wrote. */
	readonly descriptorSet?: string | undefined;
	/** A `.proto` file instead. */
	readonly proto?: string | undefined;
	/** Folders of what that imports. */
	readonly includes: readonly string[];
}

/** What the files say of all messages. */
export interface Definitions {
	/** For `google.protobuf.Any` in JSON. */
	readonly registry: Registry;
	readonly rules: DefinedRules;
}

export interface ServiceDefinition extends Definitions {
	readonly service: DescService;
}

/** @throws Error that names the file and what is wrong with it. */
export function loadService(files: DefinitionFiles, typeName: string): ServiceDefinition {
	const definitions = definitionsOf(files);
	const service = definitions.registry.getService(typeName);
	if (service !== undefined) return { service, ...definitions };
	throw new Error(`${fileOf(files)}: there is no service ${typeName}`);
}

/** @throws Error that names the file and what is wrong with it. */
export function loadMessage(files: DefinitionFiles, typeName: string): Definitions & { readonly message: DescMessage } {
	const definitions = definitionsOf(files);
	const message = definitions.registry.getMessage(typeName);
	if (message !== undefined) return { message, ...definitions };
	throw new Error(`${fileOf(files)}: there is no message ${typeName}`);
}

function fileOf({ descriptorSet, proto }: DefinitionFiles): string {
	return descriptorSet ?? proto ?? "";
}

function definitionsOf(files: DefinitionFiles): Definitions {
	const { descriptorSet, proto, includes } = files;
	try {
		if (descriptorSet !== undefined) {
			const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptorSet)));
			return { registry, rules: rulesOfRegistry(registry) };
		}
		if (proto === undefined) throw new Error("neither descriptorSet nor proto is given");
		const { root, descriptors } = descriptorsOfProto(proto, includes);
		return { registry: createFileRegistry(descriptors), rules: rulesOfProto(root) };
	} catch (error) {
		throw new Error(`${fileOf(files)}: ${error instanceof Error ? error.message : String(error)}`);
	}
}

export function pathOf({ parent, name }: DescMethod): string {
	return `/${parent.typeName}/${name}`;
}
