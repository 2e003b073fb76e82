import type { AnyApi, DecodedResponse } from '../protocol/api.ts';
import type { apiVersions } from '../protocol/messages/18-api-versions.ts';

/** The versions of every request that the other side serves. */
export class ServedVersions {
  readonly #byKey: ReadonlyMap<number, { readonly min: number; readonly max: number }>;

  constructor(answer: Pick<DecodedResponse<typeof apiVersions>, 'apiKeys'>) {
    this.#byKey = new Map(
      answer.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
        apiKey,
        { min: minVersion, max: maxVersion },
      ]),
    );
  }

  /**
   * The newest version that both sides speak and Kafka calls stable, at most `atMost`; null when there is
   * none.
   */
  newest(api: AnyApi, atMost = Number.POSITIVE_INFINITY): number | null {
    const served = this.#byKey.get(api.key);
    if (!served) return null;
    const [min, max] = api.versions;
    for (let version = Math.min(max, served.max, atMost); version >= Math.max(min, served.min); version--) {
      if (!api.unstable.includes(version)) return version;
    }
    return null;
  }

  serves(api: AnyApi, version: number): boolean {
    const served = this.#byKey.get(api.key);
    return served !== undefined && version >= served.min && version <= served.max;
  }
}
