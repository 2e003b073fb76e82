import type { ResponseOf } from '../protocol/api.ts';
import { errorCode } from '../protocol/errors.ts';
import { apiVersions } from '../protocol/messages/18-api-versions.ts';
import { type Handler, handle, type ListenerPurpose } from './handler.ts';

/** What the server says of its features: ranges it can run, and the levels that the cluster finalised. */
export interface Features {
  readonly supported: readonly {
    readonly name: string;
    readonly minVersion: number;
    readonly maxVersion: number;
  }[];
  readonly finalized: readonly { readonly name: string; readonly level: number }[];
  /** The metadata offset at which the finalised ones held; -1 when unknown. */
  readonly finalizedEpoch: number;
}

export const NO_FEATURES: Features = { supported: [], finalized: [], finalizedEpoch: -1 };

/** The versions of ApiVersions that are served. */
const API_VERSIONS_RANGE = [0, 4] as const;

export interface ApiRange {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/**
 * ApiVersions v0-4: what this listener serves, derived from the handler table. Since v3 the client names its
 * software; a name outside the KIP-511 alphabet is INVALID_REQUEST. Answers of v3 leave out features whose
 * lowest version is 0, because its readers refuse them (KAFKA-17011).
 */
export function apiVersionsHandler<Context>(
  ranges: (listener: ListenerPurpose) => readonly ApiRange[],
  features: () => Features,
): Handler<Context> {
  return handle<Context, typeof apiVersions>(
    apiVersions,
    { versions: API_VERSIONS_RANGE, operations: [], listeners: ['client', 'replication', 'controller'] },
    (_context, request, info) => {
      if (
        info.apiVersion >= 3 &&
        !(isSoftware(request.clientSoftwareName) && isSoftware(request.clientSoftwareVersion))
      )
        return { errorCode: errorCode('INVALID_REQUEST'), apiKeys: [] };
      const { supported, finalized, finalizedEpoch } = features();
      return {
        errorCode: 0,
        apiKeys: ranges(info.listener),
        supportedFeatures: supported
          .filter((feature) => info.apiVersion >= 4 || feature.minVersion > 0)
          .map(({ name, minVersion, maxVersion }) => ({ name, minVersion, maxVersion })),
        finalizedFeaturesEpoch: finalizedEpoch,
        finalizedFeatures: finalized.map(({ name, level }) => ({
          name,
          minVersionLevel: level,
          maxVersionLevel: level,
        })),
      };
    },
  );
}

function isSoftware(text: string): boolean {
  return /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/.test(text);
}

/**
 * What a client that asked in a version from the future gets: the v0 layout, error 35, and the range to ask
 * in.
 */
export function unsupportedApiVersions([minVersion, maxVersion]: readonly [number, number]): ResponseOf<
  typeof apiVersions
> {
  return {
    errorCode: errorCode('UNSUPPORTED_VERSION'),
    apiKeys: [{ apiKey: apiVersions.key, minVersion, maxVersion }],
  };
}
