import { type Decision, refuse } from '../../base/decision.ts';
import type { ApiError } from '../aws/api-error.ts';
import type { ClientCa } from './client-ca.ts';
import type { SealedRecord } from './sealed-records.ts';

/** Each is a file's worth of certificates in what is written at every change of a secret. */
const MOST_CAS = 100;

/** The CAs of clients that this installation knows: commands decide, records change. */
export class ClientCas {
  readonly #byArn = new Map<string, ClientCa>();

  /** By name. */
  all(): ClientCa[] {
    return [...this.#byArn.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(arn: string): ClientCa | null {
    return this.#byArn.get(arn) ?? null;
  }

  add(ca: ClientCa): Decision<SealedRecord, ClientCa | ApiError> {
    if (this.#byArn.has(ca.arn))
      return refuse({ error: 'ConflictException', message: `There is a client CA ${ca.name} already.` });
    if (this.#byArn.size >= MOST_CAS)
      return refuse({ error: 'ConflictException', message: `There are already ${MOST_CAS} client CAs.` });
    return { records: [{ type: 'ClientCaRecord', ca }], answer: ca };
  }

  remove(arn: string): Decision<SealedRecord, null> {
    return { records: this.#byArn.has(arn) ? [{ type: 'RemoveClientCaRecord', arn }] : [], answer: null };
  }

  replay(record: Extract<SealedRecord, { type: 'ClientCaRecord' | 'RemoveClientCaRecord' }>): void {
    if (record.type === 'ClientCaRecord') this.#byArn.set(record.ca.arn, record.ca);
    else this.#byArn.delete(record.arn);
  }
}
