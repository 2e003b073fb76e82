import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { BrokerOptions } from '../../broker/broker.ts';
import type { ControllerOptions } from '../../controller/controller.ts';

/**
 * What one process of a cluster is started with; a file in its folder, so that it can be started again by
 * anyone.
 */
export type NodeConfig =
  | { readonly kind: 'controller'; readonly cluster: string; readonly options: ControllerOptions }
  | {
      readonly kind: 'broker';
      readonly cluster: string;
      readonly options: BrokerOptions;
      /** Of the process; a change of it is a change of the configuration. */
      readonly heapMegabytes: number;
      /** The address that its connections to others come from; by default the system chooses. */
      readonly localHost?: string;
    };

export function nodeName(config: NodeConfig): string {
  return config.kind === 'controller' ? 'The controller' : `Broker ${config.options.brokerId}`;
}

/** Tells a running process that was started with the same configuration from one that was not. */
export function configDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** A file is not what a process of a cluster is started with. */
export class NodeConfigError extends Error {}

/**
 * The file is written by the engine alone, from the type above; what is checked is that it is such a file.
 */
export function readNodeConfig(file: string): { config: NodeConfig; digest: string } {
  const text = readFileSync(file, 'utf8');
  const config: unknown = JSON.parse(text);
  if (!isNodeConfig(config))
    throw new NodeConfigError(`${file} is not the configuration of a controller or broker`);
  return { config, digest: configDigest(text) };
}

function isNodeConfig(value: unknown): value is NodeConfig {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (value.kind === 'controller' || value.kind === 'broker') &&
    'options' in value &&
    typeof value.options === 'object'
  );
}
