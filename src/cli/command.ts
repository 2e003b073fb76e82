import { parseArgs } from 'node:util';
import { Failure } from './failure.ts';
import type { Output } from './output.ts';

export interface Option {
  /** Named in the help when the option takes a value; without it the option is a switch. */
  readonly value?: string;
  readonly help: string;
  /** Shown in the help, and used when the option is not given. */
  readonly default?: string;
}

export interface Given {
  readonly words: readonly string[];
  /** The option's value or default; throws for one that has neither. */
  text(name: string): string;
  maybe(name: string): string | undefined;
  integer(name: string, range: { min: number; max: number }): number;
  switched(name: string): boolean;
  /** It was on the command line. */
  has(name: string): boolean;
}

export interface Command {
  /** The words that call it: `clusters create`. */
  readonly name: string;
  readonly summary: string;
  /** The words it takes, for the usage line: `NAME`. */
  readonly takes?: string;
  readonly words?: { readonly min: number; readonly max: number };
  readonly options: Readonly<Record<string, Option>>;
  /** Printed at the end of the help. */
  readonly more?: string;
  /** The exit status. */
  run(given: Given, output: Output): Promise<number>;
}

const HELP: Option = { help: 'Show this.' };

export function parse(command: Command, args: readonly string[]): Given {
  const options: Readonly<Record<string, Option>> = { ...command.options, help: HELP };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(options).map(([name, { value }]) => [
          name,
          { type: value === undefined ? ('boolean' as const) : ('string' as const) },
        ]),
      ),
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const [sentence = ''] = error.message.split('. ');
    throw new Failure(`${sentence}: see millrace ${command.name} --help.`);
  }
  const { values, positionals: words } = parsed;
  const { min = 0, max = 0 } = command.words ?? {};
  if (!values.help && (words.length < min || words.length > max))
    throw new Failure(
      `millrace ${command.name} takes ${command.takes ?? 'no further words'}: see millrace ${command.name} --help.`,
    );
  const maybe = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : options[name]?.default;
  };
  const text = (name: string): string => {
    const value = maybe(name);
    if (value === undefined) throw new Failure(`The option --${name} is missing.`);
    return value;
  };
  return {
    words,
    maybe,
    text,
    integer(name, range) {
      const given = text(name);
      const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
      if (!(value >= range.min && value <= range.max))
        throw new Failure(`--${name} must be a number from ${range.min} to ${range.max}, not "${given}".`);
      return value;
    },
    switched: (name) => values[name] === true,
    has: (name) => values[name] !== undefined,
  };
}

export function help(command: Command): string {
  const options = Object.entries({ ...command.options, help: HELP }).map(([name, option]) => {
    const left = `--${name}${option.value === undefined ? '' : ` ${option.value}`}`;
    const right = option.default === undefined ? option.help : `${option.help} Default: ${option.default}`;
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
