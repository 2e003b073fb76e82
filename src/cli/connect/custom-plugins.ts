import type { ApiClient } from '../api-client.ts';
import { Failure } from '../failure.ts';

/** What the commands read of a custom plugin's description. */
export interface PluginView {
  readonly arn: string;
  readonly name: string;
  readonly state: string;
  readonly createdAt: string;
  /** As it came, for --json. */
  readonly raw: object;
}

export async function listPlugins(api: ApiClient): Promise<PluginView[]> {
  const { customPlugins } = await api.send('GET', ['v1', 'custom-plugins']);
  return Array.isArray(customPlugins) ? customPlugins.map(view) : [];
}

/** By ARN or by name. */
export async function findPlugin(api: ApiClient, nameOrArn: string): Promise<PluginView> {
  const found = (await listPlugins(api)).find(({ arn, name }) => arn === nameOrArn || name === nameOrArn);
  if (found) return found;
  throw new Failure(`There is no custom plugin ${nameOrArn}: see "millrace connect plugins".`, {
    exit: 'notFound',
  });
}

function view(description: unknown): PluginView {
  const raw: Record<string, unknown> =
    typeof description === 'object' && description !== null ? { ...description } : {};
  return {
    arn: String(raw.customPluginArn),
    name: String(raw.name),
    state: String(raw.customPluginState),
    createdAt: String(raw.creationTime),
    raw,
  };
}
