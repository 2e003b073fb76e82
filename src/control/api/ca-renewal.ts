import { badRequest } from '../aws/api-error.ts';
import { operation } from './operation.ts';
import { boolean, optional, structure } from './shape.ts';

/** The CA of brokers is replaced in two phases: clients trust the next one beside it, and then, with `finish`, it signs. */
export const renewCa = operation({
  name: 'RenewCa',
  input: structure({ finish: optional(boolean) }),
  handle: async (control, { finish = false }) => {
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
