import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import { isAnyArnHere, isArnHere, isKafkaArn, type Place } from '../aws/arn.ts';
import type { Clusters } from '../state/clusters.ts';

/**
 * Why a signed request is not for this installation; null when it is. Who signs for another region would be
 * shown resources of this one as if they were there. A request without a signature (curl) says no region.
 * `query`: a presigned request has its credential there instead of in the header.
 */
export function foreignRegion(
  { region }: Place,
  authorization: string | undefined,
  query: unknown,
): ApiError | null {
  const [, inHeader] = /Credential=([^,\s]*)/.exec(authorization ?? '') ?? [];
  const credential = inHeader ?? presigned(query);
  const [, signed] = /^[^/]*\/\d{8}\/([A-Za-z0-9-]{1,64})\//.exec(credential) ?? [];
  if (signed === undefined || signed === region) return null;
  return badRequest(
    `The request is signed for the region ${signed}, and this is ${region}: use --region ${region}, or start with "millrace up --region ${signed}".`,
  );
}

function presigned(query: unknown): string {
  const credential =
    typeof query === 'object' && query !== null && 'X-Amz-Credential' in query
      ? query['X-Amz-Credential']
      : undefined;
  return typeof credential === 'string' ? credential : '';
}

/**
 * What is wrong with the ARN in a request's path before it is looked up; null when it can be looked up. Only
 * the ARN of a cluster that could be here is one that "does not exist".
 */
export function wrongArn(place: Place, clusters: Clusters, labels: object): ApiError | null {
  if ('ClusterArn' in labels && typeof labels.ClusterArn === 'string') {
    const arn = labels.ClusterArn;
    if (isArnHere(place, 'cluster', arn) || !isApiError(clusters.get(arn))) return null;
    return invalid(place, 'cluster', 'clusterArn');
  }
  if ('ClusterOperationArn' in labels && typeof labels.ClusterOperationArn === 'string') {
    const arn = labels.ClusterOperationArn;
    if (isArnHere(place, 'cluster-operation', arn) || !isApiError(clusters.operations.get(arn))) return null;
    return invalid(place, 'cluster operation', 'clusterOperationArn');
  }
  if ('ResourceArn' in labels && typeof labels.ResourceArn === 'string') {
    const arn = labels.ResourceArn;
    if (!isKafkaArn(arn)) return badRequest('Invalid input resource arn', 'resourceArn');
    if (isAnyArnHere(place, arn) || !isApiError(clusters.get(arn))) return null;
    return invalid(place, 'resource of MSK', 'resourceArn');
  }
  return null;
}

/** That an ARN names nothing that could be here; `kind` as sentences have it, `custom plugin`. */
export function invalid({ region, account }: Place, kind: string, parameter: string): ApiError {
  return badRequest(
    `Invalid input resource arn: it is not the ARN of a ${kind} in the region ${region} and the account ${account}.`,
    parameter,
  );
}
