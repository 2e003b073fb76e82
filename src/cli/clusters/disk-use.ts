import type { ApiClient } from '../api-client.ts';
import { Failure } from '../failure.ts';

/** Of the file system that all clusters share. */
export interface DiskUse {
  readonly usedPercent: number;
  readonly freeBytes: number;
  /** 75 or 90 when so many percent or more are used. */
  readonly level: number | null;
}

/** Null when the file system does not tell. */
export async function diskUse(api: ApiClient): Promise<DiskUse | null> {
  try {
    const { usedPercent, freeBytes, level } = await api.send('GET', ['millrace', 'v1', 'disk']);
    return {
      usedPercent: Number(usedPercent),
      freeBytes: Number(freeBytes),
      level: typeof level === 'number' ? level : null,
    };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'ServiceUnavailableException') throw error;
    return null;
  }
}

export function diskText(use: DiskUse | null): string {
  if (!use) return 'its use is not known';
  const text = `${use.usedPercent} % used, ${(use.freeBytes / 1024 ** 3).toFixed(1)} GB left`;
  return use.level === null ? text : `${text}: nearly full, brokers stop when nothing is left`;
}
