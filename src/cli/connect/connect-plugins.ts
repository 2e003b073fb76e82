import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { confirm } from '../confirm.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION, YES_OPTION } from '../options.ts';
import type { Output } from '../output.ts';
import { table } from '../output.ts';
import { findPlugin, listPlugins } from './custom-plugins.ts';

const POLL_MS = 250;

export const connectPlugins: Command = {
  name: 'connect plugins',
  summary:
    'List all custom plugins. With a NAME, show what Kafka Connect finds in the plugin, create it or delete it.',
  takes: '[NAME]',
  words: { min: 0, max: 1 },
  completes: (words) => (words.length === 0 ? 'plugin' : null),
  options: {
    from: {
      value: 'BUCKET/KEY',
      help: 'Create it from this object of S3, or from the file buckets/BUCKET/KEY in the data folder.',
    },
    delete: { help: 'Delete it.' },
    ...YES_OPTION,
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const [name] = given.words;
    const from = given.maybe('from');
    const isDeletion = given.switched('delete');
    if (name === undefined && (from !== undefined || isDeletion))
      throw new Failure('Name the plugin: millrace connect plugins NAME.', { exit: 'usage' });
    if (from !== undefined && isDeletion)
      throw new Failure('Say one of --from and --delete.', { exit: 'usage' });
    if (name === undefined) return list(api, given.switched('json'), output);
    if (from !== undefined) await make(api, name, from, output);
    const { arn } = await findPlugin(api, name);
    if (!isDeletion) return show(api, arn, given.switched('json'), output);
    await confirm(given, `This deletes the plugin ${name}.`, name);
    const { customPluginState: state } = await api.send('DELETE', ['v1', 'custom-plugins', arn]);
    output.line(given.switched('json') ? JSON.stringify({ name, arn, state }) : `${name} is deleted.`);
    return 0;
  },
};

async function list(api: ApiClient, json: boolean, output: Output): Promise<number> {
  const plugins = await listPlugins(api);
  if (json) output.line(JSON.stringify(plugins.map(({ raw }) => raw)));
  else if (plugins.length === 0)
    output.line(
      'There is no custom plugin: make one with "millrace connect plugins NAME --from BUCKET/KEY".',
    );
  else
    for (const line of table([
      ['NAME', 'STATE', 'CREATED'],
      ...plugins.map((one) => [one.name, one.state, one.createdAt]),
    ]))
      output.line(line);
  return 0;
}

async function make(api: ApiClient, name: string, from: string, output: Output): Promise<void> {
  const [, bucket, fileKey] = /^([^/]+)\/(.+)$/.exec(from) ?? [];
  if (bucket === undefined || fileKey === undefined)
    throw new Failure(`--from must be BUCKET/KEY, not "${from}".`, { exit: 'usage' });
  const { customPluginArn } = await api.send('POST', ['v1', 'custom-plugins'], {
    name,
    contentType: fileKey.endsWith('.jar') ? 'JAR' : 'ZIP',
    location: { s3Location: { bucketArn: `arn:aws:s3:::${bucket}`, fileKey } },
  });
  const describe = () => api.send('GET', ['v1', 'custom-plugins', String(customPluginArn)]);
  let plugin = await describe();
  while (plugin.customPluginState === 'CREATING') {
    const note = noteOf(plugin);
    if (note !== null) output.progress?.(note);
    await new Promise((done) => setTimeout(done, POLL_MS));
    plugin = await describe();
  }
  if (plugin.customPluginState === 'CREATE_FAILED')
    throw new Failure(`The plugin ${name} is CREATE_FAILED: ${noteOf(plugin) ?? 'it says no reason'}`);
}

/** What stands beside its state: the stack trace of what cannot be loaded, for one. */
function noteOf({ stateDescription }: { readonly stateDescription?: unknown }): string | null {
  return typeof stateDescription === 'object' &&
    stateDescription !== null &&
    'message' in stateDescription &&
    typeof stateDescription.message === 'string'
    ? stateDescription.message
    : null;
}

async function show(api: ApiClient, arn: string, json: boolean, output: Output): Promise<number> {
  const raw = await api.send('GET', ['v1', 'custom-plugins', arn]);
  if (json) {
    output.line(JSON.stringify(raw));
    return 0;
  }
  const classes = Array.isArray(raw.classes) ? raw.classes : [];
  for (const line of table([
    ['CLASS', 'TYPE', 'VERSION'],
    ...classes.map((one) => [String(one.class), String(one.type), String(one.version ?? '')]),
  ]))
    output.line(line);
  const note = noteOf(raw);
  if (note !== null) output.line(`\n${String(raw.customPluginState)}: ${note}`);
  return 0;
}
