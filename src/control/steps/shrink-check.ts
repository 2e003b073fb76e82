import { type ApiError, badRequest } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import { AdminError } from '../rebalance/cluster-admin.ts';
import type { Cluster } from '../state/cluster.ts';

const GIBIBYTE = 1024 ** 3;
/** Somebody waits for the answer, and may ask again. */
const ANSWERS_WITHIN_MS = 5000;

/**
 * Why the volumes of a cluster cannot become `gib` GiB: what a broker has stored needs more, or a broker does
 * not say what it has. Null when they can.
 */
export async function shrinkRefusal(
  control: Pick<Control, 'connect'>,
  cluster: Cluster,
  gib: number,
): Promise<ApiError | null> {
  const access = control.connect(cluster);
  try {
    const ids = cluster.brokers.map(({ id }) => id);
    const { sizes, unreachable } = await access.logSizes(ids, null, ANSWERS_WITHIN_MS);
    const [silent] = unreachable;
    if (silent !== undefined)
      return unknown(`broker ${silent} of ${cluster.name} does not answer. Ask again when it does.`);
    const used = ids.map((id) =>
      sizes.filter(({ broker }) => broker === id).reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0),
    );
    const most = Math.max(0, ...used);
    if (most <= gib * GIBIBYTE) return null;
    return badRequest(
      `Broker ${ids[used.indexOf(most)]} has stored ${(most / GIBIBYTE).toFixed(1)} GiB, so the volumes of ${cluster.name} cannot be smaller than ${Math.ceil(most / GIBIBYTE)} GiB.`,
      'volumeSizeGB',
    );
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    return unknown(`the cluster ${cluster.name} cannot be asked: ${error.message}`);
  } finally {
    await access.close();
  }
}

function unknown(why: string): ApiError {
  return {
    error: 'ServiceUnavailableException',
    message: `What the volumes have stored is not known, because ${why}`,
  };
}
