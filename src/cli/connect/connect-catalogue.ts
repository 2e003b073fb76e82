import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { table } from '../output.ts';

export const connectCatalogue: Command = {
  name: 'connect catalogue',
  summary:
    'List the classes that connectors can have, those that are built in and those of plugins. With a CLASS, show its properties.',
  takes: '[CLASS]',
  words: { min: 0, max: 1 },
  completes: () => null,
  options: {
    all: { help: 'Also converters, transforms and predicates of plugins.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const [type] = given.words;
    if (type !== undefined && given.switched('all'))
      throw new Failure('Say one of CLASS and --all.', { exit: 'usage' });
    const plugins = ['connect', 'connector-plugins'];
    const listed =
      type === undefined
        ? await api.list(plugins, { connectorsOnly: !given.switched('all') })
        : await api.list([...plugins, type, 'config']);
    if (given.switched('json')) {
      output.line(JSON.stringify(listed));
      return 0;
    }
    const rows = listed.map((one) => fields(one));
    const lines =
      type === undefined
        ? table([['CLASS', 'TYPE', 'VERSION'], ...rows.map((one) => texts(one, 'class', 'type', 'version'))])
        : table([
            ['PROPERTY', 'TYPE', 'DEFAULT', 'MEANS'],
            ...rows.map((one) => [
              ...texts(one, 'name', 'type'),
              one.required === true ? 'must be given' : text(one.default_value),
              text(one.documentation),
            ]),
          ]);
    for (const line of lines) output.line(line);
    return 0;
  },
};

function texts(one: Readonly<Record<string, unknown>>, ...names: readonly string[]): string[] {
  return names.map((name) => text(one[name]));
}

function text(value: unknown): string {
  return String(value ?? '');
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
