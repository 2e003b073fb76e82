import { randomUUID } from 'node:crypto';
import { inTime } from '../../base/clock.ts';
import { ARN, PAGE } from '../../control/api/operation.ts';
import { oneOf, optional, string, structure } from '../../control/api/shape.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { connectArn } from '../../control/aws/arn.ts';
import { page } from '../../control/aws/paging.ts';
import type { StateInfo } from '../../control/aws/state-info.ts';
import { builtInPlugin } from '../plugins/built-in-plugin.ts';
import type { Plugin } from '../state/plugin.ts';
import { DESCRIPTION, NAME, TAGS } from './common-shapes.ts';
import { type ConnectControl, connectOperation, INSTALLING, timestamp } from './connect-operation.ts';

/**
 * An answer with the outcome of the load saves clients a question. The time runs from the request on, since
 * clients wait half a minute for an answer, and a large archive takes some of that to be copied and unpacked.
 */
const PATIENCE_MS = 20_000;

/** What is known of a plugin while its file is on its way. */
const UNKNOWN: Pick<Plugin, 'state' | 'fileMd5' | 'fileSize' | 'classes' | 'hasManifests'> = {
  ...{ state: 'CREATING', fileMd5: null, fileSize: null, classes: [], hasManifests: false },
};

export const createCustomPlugin = connectOperation({
  name: 'CreateCustomPlugin',
  input: structure({
    name: NAME,
    description: DESCRIPTION,
    contentType: oneOf('JAR', 'ZIP'),
    location: structure({
      s3Location: structure({
        bucketArn: string({ min: 1, max: 2048 }),
        fileKey: string({ min: 1, max: 1024 }),
        objectVersion: optional(string({ min: 1, max: 1024 })),
      }),
    }),
    tags: optional(TAGS),
  }),
  async handle(control, { name, description, contentType, location, tags }) {
    const { bucketArn, fileKey, objectVersion = null } = location.s3Location;
    const until = control.clock.monotonic() + PATIENCE_MS;
    // Whoever asks again meanwhile need not wait for the file to be told so.
    const taken = control.store.state.pluginRefusal(name);
    if (taken) return taken;
    const uuid = randomUUID();
    const arn = connectArn(control.options, 'custom-plugin', name, uuid);
    const coming = control.pluginArrivals.bring({ uuid, bucketArn, fileKey, objectVersion, contentType });
    const arrived = await inTime(control.clock, until, coming);
    if (arrived !== null && isApiError(arrived)) return arrived;
    const made = control.store.execute((state) =>
      state.createPlugin({
        ...{ arn, uuid, name, contentType, bucketArn, fileKey, objectVersion },
        description: description ?? null,
        createdAt: control.now(),
        tags: tags ?? {},
        stateInfo: null,
        ...(arrived ?? UNKNOWN),
      }),
    );
    const remove = () => control.plugins.remove(uuid);
    if (isApiError(made)) {
      void coming.then(remove, remove);
      return made;
    }
    if (arrived === null) void control.pluginArrivals.complete(made, coming);
    else if (made.state === 'CREATING') await loaded(control, arn, until);
    const plugin = control.store.state.plugins.get(arn);
    return isApiError(plugin)
      ? plugin
      : { customPluginArn: arn, customPluginState: plugin.state, name, revision: 1 };
  },
});

export const describeCustomPlugin = connectOperation({
  name: 'DescribeCustomPlugin',
  input: structure({ customPluginArn: ARN }),
  async handle(control, { customPluginArn }) {
    const own = builtInPlugin(control.options);
    const plugin = customPluginArn === own.arn ? own : control.store.state.plugins.get(customPluginArn);
    if (isApiError(plugin)) return plugin;
    const waits = plugin.state === 'CREATING' ? await awaited(control, plugin) : null;
    return {
      ...summary(plugin),
      ...(waits === null ? {} : { stateDescription: waits }),
      // What AWS has no word for: what Kafka Connect finds in it.
      classes: plugin.classes,
    };
  },
});

export const listCustomPlugins = connectOperation({
  name: 'ListCustomPlugins',
  input: structure({ namePrefix: optional(string({ max: 128 })), ...PAGE }),
  handle: (control, input) => {
    const prefix = input.namePrefix ?? '';
    const paged = page(
      control.store.state.plugins.all().filter(({ name }) => name.startsWith(prefix)),
      { ...input, key: ({ name }) => name, scope: `custom-plugins/${prefix}` },
    );
    if (isApiError(paged)) return paged;
    return { customPlugins: paged.items.map(summary), nextToken: paged.nextToken };
  },
});

export const deleteCustomPlugin = connectOperation({
  name: 'DeleteCustomPlugin',
  input: structure({ customPluginArn: ARN }),
  async handle(control, { customPluginArn }) {
    const plugin = control.store.execute((state) => state.deletePlugin(customPluginArn));
    if (isApiError(plugin)) return plugin;
    await control.plugins.remove(plugin.uuid);
    return { customPluginArn, customPluginState: 'DELETING' };
  },
});

/**
 * What a plugin waits for: its file, or Kafka Connect, which is being fetched or did not come yet. Null while
 * it is loaded.
 */
async function awaited(control: ConnectControl, plugin: Plugin): Promise<StateInfo | null> {
  if (plugin.fileMd5 === null) {
    const why = control.pluginArrivals.waits(plugin.arn);
    return {
      code: 'FETCHING_FILE',
      message:
        why === null ? 'Its file is being copied, unpacked and inspected.' : `${why} It is asked for again.`,
    };
  }
  const installation = await control.installation();
  if ('libs' in installation) return null;
  const message = 'coming' in installation ? installation.coming : installation.missing;
  return { code: INSTALLING, message };
}

/**
 * Resolves when the plugin is loaded, or at `until` by the monotonic clock; at once where Kafka Connect is
 * being fetched, which takes longer than anybody waits.
 */
async function loaded(control: ConnectControl, arn: string, until: number): Promise<void> {
  const load = control.pluginLoads.load(arn);
  if ('libs' in (await control.installation())) await inTime(control.clock, until, load);
}

function summary(plugin: Plugin): object {
  const { arn, name, description, contentType, bucketArn, fileKey, objectVersion, fileMd5, fileSize } =
    plugin;
  const version = objectVersion === null || objectVersion === undefined ? {} : { objectVersion };
  const told = {
    ...(description === null ? {} : { description }),
    creationTime: timestamp(plugin.createdAt),
  };
  return {
    ...told,
    customPluginArn: arn,
    customPluginState: plugin.state,
    name,
    ...(plugin.stateInfo ? { stateDescription: plugin.stateInfo } : {}),
    latestRevision: {
      ...told,
      contentType,
      ...(fileMd5 === null ? {} : { fileDescription: { fileMd5, fileSize } }),
      location: { s3Location: { bucketArn, fileKey, ...version } },
      revision: 1,
    },
  };
}
