import { behind } from '../kernel/client-properties.ts';
import type { ConfigProblem } from '../kernel/config.ts';
import type { PartSpec } from '../kernel/transform.ts';
import { PREDICATES } from '../predicates/predicates.ts';
import { aliases, partSpecOf } from './transform-chain.ts';
import { TRANSFORMS } from './transforms.ts';

type Texts = Readonly<Record<string, string>>;

/**
 * What is wrong with the transforms and predicates of a connector's configuration: everything behind
 * `transforms.` and `predicates.`.
 */
export function transformProblems(texts: Texts): readonly ConfigProblem[] {
  const predicates = aliases(texts, 'predicates');
  const transforms = aliases(texts, 'transforms');
  return [
    ...duplicates(texts, 'transforms'),
    ...duplicates(texts, 'predicates'),
    ...transforms.flatMap((alias) => [
      ...partProblems(TRANSFORMS, 'transforms', alias, texts),
      ...conditionProblems(alias, predicates, texts),
    ]),
    ...predicates.flatMap((alias) => partProblems(PREDICATES, 'predicates', alias, texts)),
  ];
}

/** The names of all properties that they have. */
export function transformNames(texts: Texts): readonly string[] {
  return [
    'transforms',
    'predicates',
    ...aliases(texts, 'transforms').flatMap((alias) => {
      const spec = partSpecOf(TRANSFORMS, texts[`transforms.${alias}.type`] ?? '');
      return ['type', 'predicate', 'negate', ...Object.keys(spec?.properties ?? {})].map(
        (name) => `transforms.${alias}.${name}`,
      );
    }),
    ...aliases(texts, 'predicates').flatMap((alias) => {
      const spec = partSpecOf(PREDICATES, texts[`predicates.${alias}.type`] ?? '');
      return ['type', ...Object.keys(spec?.properties ?? {})].map((name) => `predicates.${alias}.${name}`);
    }),
  ];
}

function duplicates(texts: Texts, of: 'transforms' | 'predicates'): readonly ConfigProblem[] {
  const text = texts[of] ?? '';
  const list = text.trim() === '' ? [] : text.split(',').map((alias) => alias.trim());
  return list.length === new Set(list).size
    ? []
    : [problem(of, `[${list.join(', ')}]`, 'Duplicate alias provided')];
}

function partProblems<Part>(
  specs: readonly PartSpec<Part>[],
  of: 'transforms' | 'predicates',
  alias: string,
  texts: Texts,
): readonly ConfigProblem[] {
  const prefix = `${of}.${alias}.`;
  const type = texts[`${prefix}type`];
  if (type === undefined)
    return [
      {
        property: `${prefix}type`,
        message: `Missing required configuration "${prefix}type" which has no default value.`,
      },
    ];
  const spec = partSpecOf(specs, type);
  if (!spec)
    return [
      problem(
        `${prefix}type`,
        type,
        `Class ${type} could not be found: built in are ${specs.map(({ className }) => className).join(', ')}`,
      ),
    ];
  return spec.problems(behind(prefix, texts)).map(({ property, message }) => ({
    property: `${prefix}${property}`,
    // A message of several properties does not begin with the name of one.
    message: message.includes(property)
      ? message.replace(property, `${prefix}${property}`)
      : `${prefix}${property}: ${message}`,
  }));
}

/** Of `predicate` and `negate`, which every transform has. */
function conditionProblems(
  alias: string,
  predicates: readonly string[],
  texts: Texts,
): readonly ConfigProblem[] {
  const prefix = `transforms.${alias}.`;
  const predicate = texts[`${prefix}predicate`];
  const negate = texts[`${prefix}negate`];
  const problems: ConfigProblem[] = [];
  if (predicate !== undefined && !predicates.includes(predicate))
    problems.push(problem(`${prefix}predicate`, predicate, 'predicates does not name it'));
  if (negate !== undefined && predicate === undefined)
    problems.push({
      property: `${prefix}negate`,
      message: `Config '${prefix}negate' was provided but there is no config '${prefix}predicate' defining a predicate to be negated.`,
    });
  if (negate !== undefined && !['true', 'false'].includes(negate.toLowerCase()))
    problems.push(problem(`${prefix}negate`, negate, 'Expected value to be either true or false'));
  return problems;
}

function problem(property: string, value: string, why: string): ConfigProblem {
  return { property, message: `Invalid value ${value} for configuration ${property}: ${why}.` };
}
