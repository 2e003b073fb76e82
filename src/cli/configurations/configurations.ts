import { readFileSync } from 'node:fs';
import type { ApiClient } from '../api-client.ts';
import { didYouMean } from '../did-you-mean.ts';
import { Failure } from '../failure.ts';
import { unreadable } from '../unreadable.ts';

/** What the commands read of a configuration's description. */
export interface ConfigurationView {
  readonly arn: string;
  readonly name: string;
  readonly latestRevision: number;
  readonly kafkaVersions: readonly string[];
  /** As it came, for --json. */
  readonly raw: object;
}

export async function listConfigurations(api: ApiClient): Promise<ConfigurationView[]> {
  const { configurations } = await api.send('GET', ['v1', 'configurations']);
  return Array.isArray(configurations) ? configurations.map(view) : [];
}

/** By ARN or by name; null when there is none of this name. */
export async function configurationNamed(
  api: ApiClient,
  nameOrArn: string,
): Promise<ConfigurationView | null> {
  const all = await listConfigurations(api);
  return all.find(({ arn, name }) => name === nameOrArn || arn === nameOrArn) ?? null;
}

/** By ARN or by name. Throws Failure. */
export async function findConfiguration(api: ApiClient, nameOrArn: string): Promise<ConfigurationView> {
  const found = await configurationNamed(api, nameOrArn);
  if (found) return found;
  const names = (await listConfigurations(api)).map(({ name }) => name);
  throw new Failure(
    `There is no configuration ${nameOrArn}: see "millrace configurations list".${didYouMean(nameOrArn, names)}`,
    { exit: 'notFound' },
  );
}

/** A properties file as the API takes it. Throws Failure. */
export function serverProperties(file: string): string {
  try {
    return readFileSync(file).toString('base64');
  } catch (error) {
    throw unreadable(`The file ${file}`, error);
  }
}

/**
 * What NAME or NAME:REVISION stands for in a request about a cluster; without a revision the latest one.
 * Throws Failure.
 */
export async function configurationInfo(
  api: ApiClient,
  text: string,
): Promise<{ readonly arn: string; readonly revision: number }> {
  const [, name = '', revision] = /^(.*?)(?::(\d{1,9}))?$/.exec(text) ?? [];
  const { arn, latestRevision } = await findConfiguration(api, name);
  return { arn, revision: revision === undefined ? latestRevision : Number(revision) };
}

function view(given: unknown): ConfigurationView {
  const raw = fields(given);
  return {
    arn: String(raw.arn),
    name: String(raw.name),
    latestRevision: Number(fields(raw.latestRevision).revision),
    kafkaVersions: Array.isArray(raw.kafkaVersions) ? raw.kafkaVersions.map(String) : [],
    raw,
  };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
