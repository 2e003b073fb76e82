import { type ApiError, isApiError } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import type { Cluster } from '../state/cluster.ts';
import { addTags, removeTags } from '../state/tags.ts';
import { ARN, operation } from './operation.ts';
import { listText, structure } from './shape.ts';
import { tagKey, tags as tagMap } from './tag-shapes.ts';

export const tagResource = operation({
  name: 'TagResource',
  input: structure({ ResourceArn: ARN, tags: tagMap }),
  handle: (control, { ResourceArn, tags }) => {
    const cluster = tagged(control, ResourceArn);
    if (isApiError(cluster)) return cluster;
    return control.store.execute((clusters) => addTags(clusters, cluster.arn, tags));
  },
});

export const untagResource = operation({
  name: 'UntagResource',
  input: structure({ ResourceArn: ARN, tagKeys: listText(tagKey, { min: 1, max: 50 }) }),
  handle: (control, { ResourceArn, tagKeys }) => {
    const cluster = tagged(control, ResourceArn);
    if (isApiError(cluster)) return cluster;
    return control.store.execute((clusters) => removeTags(clusters, cluster.arn, tagKeys));
  },
});

export const listTagsForResource = operation({
  name: 'ListTagsForResource',
  input: structure({ ResourceArn: ARN }),
  handle: (control, { ResourceArn }) => {
    const cluster = tagged(control, ResourceArn);
    return isApiError(cluster) ? cluster : { tags: cluster.tags };
  },
});

/** Clusters are the only resources with tags so far; the ARN of any other names nothing that exists. */
function tagged(control: Control, arn: string): Cluster | ApiError {
  return control.store.clusters.get(arn);
}
