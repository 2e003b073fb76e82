import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { ARN, PAGE } from '../../control/api/operation.ts';
import { oneOf, optional, string, structure } from '../../control/api/shape.ts';
import { type ApiError, badRequest, isApiError } from '../../control/aws/api-error.ts';
import { connectArn } from '../../control/aws/arn.ts';
import { page } from '../../control/aws/paging.ts';
import { ArchiveError } from '../plugins/archive.ts';
import { builtInPlugin } from '../plugins/built-in-plugin.ts';
import type { StoredPlugin } from '../plugins/plugin-folder.ts';
import type { Plugin } from '../state/plugin.ts';
import { DESCRIPTION, NAME, TAGS } from './common-shapes.ts';
import { type ConnectControl, connectOperation, INSTALLING, timestamp } from './connect-operation.ts';

/**
 * An answer with the outcome of the load saves clients a question. The time runs from the request on, since
 * clients wait half a minute for an answer, and a large archive takes some of that to be copied and unpacked.
 */
const PATIENCE_MS = 20_000;

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
    const object = location.s3Location;
    const until = control.clock.monotonic() + PATIENCE_MS;
    const uuid = randomUUID();
    const arn = connectArn(control.options, 'custom-plugin', name, uuid);
    const download = control.plugins.download(uuid);
    const file = await control.pluginSource.file(object, download);
    if (typeof file !== 'string') {
      control.plugins.remove(uuid);
      return file;
    }
    const installation = await control.installation();
    // Where Kafka Connect is not installed, workers will say what they cannot load.
    const java = 'missing' in installation ? installation.comesFor : installation;
    const stored = await store(control, uuid, {
      ...{ file, key: object.fileKey, contentType },
      javaRelease: java?.javaRelease ?? null,
    });
    rmSync(download, { force: true });
    if (isApiError(stored)) return stored;
    const made = control.store.execute((state) =>
      state.createPlugin({
        ...{ arn, uuid, name, contentType, ...stored },
        description: description ?? null,
        bucketArn: object.bucketArn,
        fileKey: object.fileKey,
        createdAt: control.now(),
        tags: tags ?? {},
        state: java ? 'CREATING' : 'ACTIVE',
        stateInfo: null,
      }),
    );
    if (isApiError(made)) {
      control.plugins.remove(uuid);
      return made;
    }
    if ('libs' in installation) await loaded(control, arn, until);
    // Fetching Kafka Connect takes longer than anybody waits.
    else if (java) void control.pluginLoads.load(arn);
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
    const waits = plugin.state === 'CREATING' ? await whatComes(control) : null;
    return {
      ...summary(plugin),
      ...(waits === null ? {} : { stateDescription: { code: INSTALLING, message: waits } }),
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
  handle: (control, { customPluginArn }) => {
    const plugin = control.store.execute((state) => state.deletePlugin(customPluginArn));
    if (isApiError(plugin)) return plugin;
    control.plugins.remove(plugin.uuid);
    return { customPluginArn, customPluginState: 'DELETING' };
  },
});

/** How far Kafka Connect is that is being fetched, or why it did not come yet; null where it is there. */
async function whatComes(control: ConnectControl): Promise<string | null> {
  const installation = await control.installation();
  if ('libs' in installation) return null;
  return 'coming' in installation ? installation.coming : installation.missing;
}

/** Resolves when the plugin is loaded, or at `until` by the monotonic clock. */
async function loaded(control: ConnectControl, arn: string, until: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const patience = control.clock.after(Math.max(0, until - control.clock.monotonic()), resolve);
    void control.pluginLoads.load(arn).then(() => {
      patience.cancel();
      resolve();
    });
  });
}

async function store(
  control: ConnectControl,
  uuid: string,
  source: {
    readonly file: string;
    readonly key: string;
    readonly contentType: 'JAR' | 'ZIP';
    readonly javaRelease: number | null;
  },
): Promise<StoredPlugin | ApiError> {
  try {
    return await control.plugins.store(uuid, source, source.javaRelease);
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    return badRequest(error.message, 'location.s3Location.fileKey');
  }
}

function summary(plugin: Plugin): object {
  const { arn, name, description, contentType, bucketArn, fileKey, fileMd5, fileSize } = plugin;
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
      fileDescription: { fileMd5, fileSize },
      location: { s3Location: { bucketArn, fileKey } },
      revision: 1,
    },
  };
}
