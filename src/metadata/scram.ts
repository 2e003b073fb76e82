import { ImmutableMap } from '../base/immutable-map.ts';
import { ownCopy } from '../base/own-copy.ts';
import type { MetadataRecord, RecordOf } from './records.ts';

export type ScramCredentialImage = Omit<RecordOf<'UserScramCredentialRecord'>, 'type'>;

/** SCRAM credentials, by user and mechanism (1 SCRAM-SHA-256, 2 SCRAM-SHA-512). */
export class ScramImage {
  static readonly empty = new ScramImage(ImmutableMap.empty());
  readonly #byUser: ImmutableMap<string, ScramCredentialImage>;

  constructor(byUser: ImmutableMap<string, ScramCredentialImage>) {
    this.#byUser = byUser;
  }

  get(name: string, mechanism: number): ScramCredentialImage | undefined {
    return this.#byUser.get(`${mechanism}:${name}`);
  }

  all(): IterableIterator<ScramCredentialImage> {
    return this.#byUser.values();
  }

  replay(record: RecordOf<'UserScramCredentialRecord' | 'RemoveUserScramCredentialRecord'>): ScramImage {
    const key = `${record.mechanism}:${record.name}`;
    if (record.type === 'RemoveUserScramCredentialRecord') return new ScramImage(this.#byUser.delete(key));
    const { type: _, ...credential } = record;
    const { salt, storedKey, serverKey } = credential;
    return new ScramImage(
      this.#byUser.set(key, {
        ...credential,
        salt: ownCopy(salt),
        storedKey: ownCopy(storedKey),
        serverKey: ownCopy(serverKey),
      }),
    );
  }

  *records(): IterableIterator<MetadataRecord> {
    for (const credential of this.all()) yield { type: 'UserScramCredentialRecord', ...credential };
  }
}
