import { type ApiError, badRequest } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import { operation } from './operation.ts';
import { boolean, optional, structure } from './shape.ts';

/**
 * The CA of brokers is replaced in two phases: clients trust the next one beside it, and then, with `finish`,
 * it signs. With `nodes` it is the CAs by which the nodes of each cluster know each other, which need nobody
 * for the second phase.
 */
export const renewCa = operation({
  name: 'RenewCa',
  input: structure({ finish: optional(boolean), nodes: optional(boolean) }),
  handle: async (control, { finish = false, nodes = false }) => {
    if (nodes) return renewNodeCas(control, finish);
    const {
      certificates: { renewal },
      store,
      engine,
    } = control;
    if (!renewal)
      return badRequest(
        'The certificates of brokers were given to "millrace up": put new ones into their files, which are read again.',
      );
    if (!finish)
      return renewal.prepareNext()
        ? null
        : badRequest(
            'There is a new CA already: when clients trust it, "millrace ca renew --finish" has it sign.',
          );
    if (!renewal.useNext())
      return badRequest('There is no new CA: "millrace ca renew" makes one, for clients to trust first.');
    for (const cluster of store.clusters.all()) await engine.renewCertificates(cluster);
    return null;
  },
});

function renewNodeCas(control: Control, finish: boolean): null | ApiError {
  if (finish)
    return badRequest('The CAs of nodes are replaced to the end without being told: leave out "finish".');
  const { store, engine } = control;
  const begun = store.clusters.all().filter((cluster) => engine.renewNodeCa(cluster));
  if (begun.length === 0)
    return badRequest(
      'There is no CA of nodes to replace: no cluster has encryption between its nodes (inCluster), or it lives as long as its process, or it is being replaced.',
    );
  control.renewCertificates();
  return null;
}
