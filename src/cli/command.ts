import { parseArgs } from 'node:util';
import { Failure } from './failure.ts';
import { meantOption } from './meant-option.ts';
import type { Output } from './output.ts';

export interface Option {
  /** Named in the help when the option takes a value; without it the option is a switch. */
  readonly value?: string;
  /** The one letter that stands for it, as in -f. */
  readonly short?: string;
  readonly help: string;
  /** Shown in the help, and used when the option is not given. */
  readonly default?: string;
  /** A variable of the environment that is used in place of the default. */
  readonly environment?: string;
  /** What is used in place of the default when that variable is not set; undefined leaves the default. */
  readonly elsewhere?: () => string | undefined;
  /** All values that it may have. */
  readonly choices?: readonly string[];
  /** Whether it may be given more than once; of an option that may not, the last one counts. */
  readonly repeats?: boolean;
}

export interface Given {
  readonly words: readonly string[];
  /** The option's value or default; throws for one that has neither. */
  text(name: string): string;
  maybe(name: string): string | undefined;
  /** Every value of an option that repeats, or its default. */
  all(name: string): readonly string[];
  /** The value of an option with these choices. */
  choice<Word extends string>(name: string, choices: readonly Word[]): Word;
  integer(name: string, range: { min: number; max: number }): number;
  switched(name: string): boolean;
  /** Whether the option was on the command line. */
  has(name: string): boolean;
}

/** Things that have names or numbers on a running server; a node is what has a log. */
export const NAME_KINDS = [
  'cluster',
  'broker',
  'zone',
  'node',
  'topic',
  'group',
  'connector',
  'plugin',
  'configuration',
  'iam-user',
] as const;
export type NameKind = (typeof NAME_KINDS)[number];

export interface Command {
  /** The words that call it: `clusters create`. */
  readonly name: string;
  readonly summary: string;
  /** The words it takes, for the usage line: `NAME`. */
  readonly takes?: string;
  readonly words?: { readonly min: number; readonly max: number };
  readonly options: Readonly<Record<string, Option>>;
  /**
   * What the word behind these may be, for completion, where `takes` does not tell: names of a kind, some
   * words, or null for neither.
   */
  readonly completes?: (words: readonly string[]) => NameKind | readonly string[] | null;
  /** Printed at the end of the help. */
  readonly more?: string;
  /** The exit status. */
  run(given: Given, output: Output): Promise<number>;
}

const HELP: Option = { short: 'h', help: 'Show this.' };

/** The options of a command with the one that all have. */
export function withHelp({ options }: Command): Readonly<Record<string, Option>> {
  return { ...options, help: HELP };
}

export function parse(command: Command, args: readonly string[]): Given {
  const options: Readonly<Record<string, Option>> = withHelp(command);
  const { values, words } = read(command, options, args);
  const { min = 0, max = 0 } = command.words ?? {};
  if (!values.has('help') && (words.length < min || words.length > max))
    throw wrong(command, `millrace ${command.name} takes ${command.takes ?? 'no further words'}`);
  const maybe = (name: string): string | undefined => values.get(name)?.at(-1) ?? preset(options[name]);
  const text = (name: string): string => {
    const value = maybe(name);
    if (value === undefined) throw wrong(command, `The option --${name} is missing`);
    return value;
  };
  return {
    words,
    maybe,
    all(name) {
      const value = preset(options[name]);
      return values.get(name) ?? (value === undefined ? [] : [value]);
    },
    text,
    choice: (name, choices) => chosen(command, `--${name}`, text(name), choices),
    integer(name, range) {
      const given = text(name);
      const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
      if (!(value >= range.min && value <= range.max))
        throw wrong(command, `--${name} must be a number from ${range.min} to ${range.max}, not "${given}"`);
      return value;
    },
    switched: (name) => values.has(name),
    has: (name) => values.has(name),
  };
}

/** What an option is when it is not given; an empty variable is as good as none. */
export function preset(option: Option | undefined): string | undefined {
  if (!option) return undefined;
  return (option.environment && process.env[option.environment]) || option.elsewhere?.() || option.default;
}

/**
 * The options that are there with their values in order, a switch with an empty text, and the other words.
 */
function read(
  command: Command,
  options: Readonly<Record<string, Option>>,
  args: readonly string[],
): { values: Map<string, string[]>; words: string[] } {
  const { tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, { value, short }]) => [
        name,
        {
          type: value === undefined ? ('boolean' as const) : ('string' as const),
          ...(short === undefined ? {} : { short }),
        },
      ]),
    ),
  });
  const values = new Map<string, string[]>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    const option = options[name];
    if (!option) {
      const meant = meantOption(name, { options: Object.keys(options), takes: command.takes });
      throw wrong(
        command,
        `There is no option ${rawName}${meant === null ? '' : `: did you mean ${meant}?`}`,
        meant === null ? ': see' : ' See',
      );
    }
    if (option.value === undefined && value !== undefined) throw wrong(command, `${rawName} takes no value`);
    if (option.value !== undefined && (value === undefined || value === ''))
      throw wrong(command, `${rawName} needs a value: ${option.value}`, '; see');
    // Before the command has done anything.
    if (option.choices) chosen(command, rawName, value ?? '', option.choices);
    values.set(name, [...(values.get(name) ?? []), value ?? '']);
  }
  return { values, words };
}

function chosen<Word extends string>(
  command: Command,
  option: string,
  value: string,
  choices: readonly Word[],
): Word {
  const word = choices.find((one) => one === value);
  if (word === undefined)
    throw wrong(command, `${option} must be one of ${choices.join(', ')}, not "${value}"`);
  return word;
}

function wrong(command: Command, sentence: string, joint = ': see'): Failure {
  return new Failure(`${sentence}${joint} millrace ${command.name} --help.`, { exit: 'usage' });
}

export function help(command: Command): string {
  const options = Object.entries(withHelp(command)).map(([name, option]) => {
    const left = `${option.short === undefined ? '' : `-${option.short}, `}--${name}${option.value === undefined ? '' : ` ${option.value}`}`;
    const right = [
      option.help,
      ...(option.default === undefined ? [] : [`Default: ${option.default}`]),
      ...(option.environment === undefined ? [] : [`(or the variable ${option.environment})`]),
    ].join(' ');
    return `  ${left.padEnd(22)} ${right}`;
  });
  return [
    `Usage: millrace ${command.name}${command.takes ? ` ${command.takes}` : ''} [options]`,
    '',
    command.summary,
    '',
    'Options:',
    ...options,
    ...(command.more ? ['', command.more] : []),
  ].join('\n');
}
