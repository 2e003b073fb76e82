import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import type { ClientCa } from '../state/client-ca.ts';
import type { Cluster } from '../state/cluster.ts';
import { operation } from './operation.ts';
import { optional, string, structure } from './shape.ts';

/**
 * Client CAs by the names that people give them. AWS has a service for private CAs; here its ARNs name what
 * was imported or made, in the
 * `certificateAuthorityArnList` of a cluster.
 */

/** It becomes part of an ARN. */
const NAME = string({
  min: 1,
  max: 64,
  pattern: /^[A-Za-z0-9][A-Za-z0-9-]*$/,
  says: 'may have letters, digits and hyphens, and begins with a letter or digit',
});
/** What the name of an X.509 certificate can have (RFC 5280, appendix A: ub-common-name). */
const COMMON_NAME = string({ min: 1, max: 64, pattern: /^[^\p{Cc}]+$/u, says: 'has no control characters' });
const MOST_PEM = 256 * 1024;

export const listClientCas = operation({
  name: 'ListClientCas',
  input: structure({}),
  handle: (control) => ({ clientCas: control.clientAuthorities.all().map(shown) }),
});

/** With certificates it is imported; without, it is made here, and signs for clients. */
export const addClientCa = operation({
  name: 'AddClientCa',
  input: structure({ name: NAME, certificates: optional(string({ min: 1, max: MOST_PEM })) }),
  handle: ({ clientAuthorities, engine, store }, { name, certificates }) => {
    const nodeCas = () => store.clusters.all().flatMap((cluster) => engine.nodeCa(cluster) ?? []);
    const added =
      certificates === undefined
        ? clientAuthorities.create(name)
        : clientAuthorities.import(name, certificates, nodeCas());
    return isApiError(added) ? added : shown(added);
  },
});

export const removeClientCa = operation({
  name: 'RemoveClientCa',
  input: structure({ name: NAME }),
  handle: (control, { name }) => {
    const ca = known(control, name);
    if (isApiError(ca)) return ca;
    const user = control.store.clusters.all().find((cluster) => believes(control, cluster, ca));
    if (user)
      return badRequest(`The cluster ${user.name} believes the client CA ${name}: change that first.`);
    control.clientAuthorities.remove(ca);
    return null;
  },
});

/** The answer has a private key: whoever asks keeps it. */
export const issueClientCertificate = operation({
  name: 'IssueClientCertificate',
  input: structure({ name: NAME, commonName: COMMON_NAME }),
  handle: (control, { name, commonName }) => {
    const ca = known(control, name);
    if (isApiError(ca)) return ca;
    const issued = control.clientAuthorities.issue(ca, commonName);
    return isApiError(issued)
      ? issued
      : { certificate: issued.certificate, privateKey: issued.key, caCertificates: ca.certificates };
  },
});

function known({ clientAuthorities }: Control, name: string): ClientCa | ApiError {
  return (
    clientAuthorities.byName(name) ?? {
      error: 'NotFoundException',
      message: `There is no client CA ${name}: see "millrace ca list".`,
      invalidParameter: 'name',
    }
  );
}

/** Now, in one of its brokers, or when a change that is under way is done. */
function believes({ store }: Control, { spec, brokers, operationArn }: Cluster, { arn }: ClientCa): boolean {
  const operation = operationArn === null ? null : store.clusters.operations.get(operationArn);
  const target = operation && 'target' in operation ? operation.target.clientAuthentication : undefined;
  return [
    ...(spec.clientAuthentication?.tls?.certificateAuthorityArnList ?? []),
    ...(target?.tls?.certificateAuthorityArnList ?? []),
    ...brokers.flatMap(({ clientCas }) => clientCas),
  ].includes(arn);
}

function shown({ arn, name, certificates, key, addedAt }: ClientCa): object {
  return {
    name,
    arn,
    certificates,
    signsHere: key !== null,
    creationTime: new Date(addedAt).toISOString(),
  };
}
