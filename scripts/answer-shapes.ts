/**
 * `node scripts/answer-shapes.ts > src/control/api/answer-shapes.ts`: the answers of those operations of
 * MSK's API that are built, from the service model in AWS's SDK, so that /openapi.json can describe them
 * without the SDK.
 */
import * as sdk from '@aws-sdk/client-kafka';
import { BUILT } from '../src/control/api/built-operations.ts';
import { MODELLED } from '../src/control/api/operations.ts';

/**
 * The SDK's model: `[kind, namespace, name, traits, …]`; a number is a simple type, with a bit for a list or
 * a map of it.
 */
const KIND = { list: 1, structure: 3, operation: 9 } as const;
const SIMPLE: Readonly<Record<number, string>> = {
  0: 'string',
  1: 'number',
  2: 'boolean',
  4: 'timestamp',
  5: 'timestamp',
  9: 'number',
  17: 'number',
  21: 'blob',
};
/** The answer of an operation that answers without a body. */
const NOTHING = 'unit';
const LIST_OF = 64;
const MAP_OF = 128;

/** The text of src/control/api/answer-shapes.ts. */
export function answerShapes(): string {
  const outputs = new Map<string, unknown>();
  for (const schema of Object.values<unknown>(sdk))
    if (Array.isArray(schema) && schema[0] === KIND.operation) outputs.set(schema[2], schema[5]);
  const shapes = new Map<string, string>();
  const answers = MODELLED.filter(([name]) => BUILT.has(name))
    .map(([name]) => [name, resolved(outputs.get(name))] as const)
    .filter(([, output]) => output !== NOTHING)
    .map(([name, output]) => `  ${name}: '${typeOf(output, shapes)}',`);
  return [
    '// biome-ignore-all format: one shape a line.',
    "// Written by scripts/answer-shapes.ts from the model in AWS's SDK; a test holds the two together.",
    '',
    '/** The shape that each built operation of MSK answers with. */',
    'export const ANSWERS: Readonly<Record<string, string>> = {',
    ...answers,
    '};',
    '',
    '/** The members of each shape: a simple type, another shape, or `[…]` for a list and `{…}` for a map of one of these. */',
    'export const SHAPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {',
    ...[...shapes]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, members]) => `  ${name}: { ${members} },`),
    '};',
    '',
  ].join('\n');
}

/** The type of a member, as text. Structures that it refers to are added to `shapes`. */
function typeOf(schema: unknown, shapes: Map<string, string>): string {
  const found = resolved(schema);
  if (typeof found === 'number') {
    if (found >= MAP_OF) return `{${typeOf(found - MAP_OF, shapes)}}`;
    if (found >= LIST_OF) return `[${typeOf(found - LIST_OF, shapes)}]`;
    const simple = SIMPLE[found];
    if (simple === undefined)
      throw new Error(`The SDK's model has a simple type ${found} that is not known.`);
    return simple;
  }
  if (!Array.isArray(found))
    throw new Error(`The SDK's model has a type that is not known: ${String(found)}`);
  if (found[0] === KIND.list) return `[${typeOf(item(found[4]), shapes)}]`;
  if (found[0] !== KIND.structure)
    throw new Error(`The SDK's model has a kind ${found[0]} that is not known.`);
  const [, , name, , names, members] = found;
  if (!shapes.has(name)) {
    // Set before its members are read, because they may refer back to it.
    shapes.set(name, '');
    const texts = members.map((member: unknown, index: number) => {
      const wire = Array.isArray(member) && isTraits(member[1]) ? member[1].jsonName : undefined;
      return `${wire ?? names[index]}: '${typeOf(item(member), shapes)}'`;
    });
    shapes.set(name, texts.join(', '));
  }
  return name;
}

function resolved(schema: unknown): unknown {
  return typeof schema === 'function' ? schema() : schema;
}

/** A schema with traits is a pair of the two. */
function item(member: unknown): unknown {
  return Array.isArray(member) && member.length === 2 ? member[0] : member;
}

function isTraits(value: unknown): value is { readonly jsonName?: string } {
  return typeof value === 'object' && value !== null;
}

if (import.meta.filename === process.argv[1]) process.stdout.write(answerShapes());
