import type { ApiClient } from '../api-client.ts';
import type { Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { configurationInfo, configurationNamed, serverProperties } from './configurations.ts';

/**
 * What --configuration NAME[:REVISION] or --config FILE say of a cluster; null when neither is there. A file
 * becomes a revision of the configuration that is named after the cluster. Throws Failure.
 */
export async function configurationOf(
  api: ApiClient,
  given: Given,
  clusterName: string,
): Promise<{ readonly arn: string; readonly revision: number } | null> {
  if (given.has('configuration') && given.has('config'))
    throw new Failure('Say one of --configuration and --config.', { exit: 'usage' });
  if (given.has('configuration')) return configurationInfo(api, given.text('configuration'));
  if (!given.has('config')) return null;
  const properties = { serverProperties: serverProperties(given.text('config')) };
  const there = await configurationNamed(api, clusterName);
  if (there) {
    await api.send('PUT', ['v1', 'configurations', there.arn], properties);
    return { arn: there.arn, revision: there.latestRevision + 1 };
  }
  const made = await api.send('POST', ['v1', 'configurations'], { name: clusterName, ...properties });
  return { arn: String(made.arn), revision: 1 };
}
