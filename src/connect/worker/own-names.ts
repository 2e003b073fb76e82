import type { Connector } from '../state/connector.ts';

/** The prefix of names that AWS gives to what belongs to a connector in the user's cluster. */
const OWN = '__amazon_msk_connect';

/** What a connector's workers have for themselves in the cluster. */
export interface OwnNames {
  /** The group of the workers, and the beginning of the transactional ids of source tasks. */
  readonly group: string;
  readonly configs: string;
  readonly offsets: string;
  readonly status: string;
}

/**
 * `own`: properties of the worker configuration, which may name the topic of offsets: one that another
 * connector left.
 */
export function ownNames(
  { name, uuid }: Pick<Connector, 'name' | 'uuid'>,
  own: Readonly<Record<string, string>>,
): OwnNames {
  const id = `${name}_${uuid}-1`;
  return {
    group: `${OWN}_${id}`,
    configs: `${OWN}_configs_${id}`,
    offsets: own['offset.storage.topic'] ?? `${OWN}_offsets_${id}`,
    status: `${OWN}_status_${id}`,
  };
}
