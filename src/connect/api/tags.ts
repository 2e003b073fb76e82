import { refuse } from '../../base/decision.ts';
import { ARN } from '../../control/api/operation.ts';
import { listText, structure } from '../../control/api/shape.ts';
import { tagKey } from '../../control/api/tag-shapes.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { TAGS } from './common-shapes.ts';
import { connectOperation } from './connect-operation.ts';

export const tagResource = connectOperation({
  name: 'TagResource',
  input: structure({ resourceArn: ARN, tags: TAGS }),
  handle: ({ store }, { resourceArn, tags }) =>
    store.execute((state) => {
      const before = state.tags(resourceArn);
      return isApiError(before)
        ? { records: [], answer: before }
        : state.setTags(resourceArn, { ...before, ...tags });
    }),
});

export const untagResource = connectOperation({
  name: 'UntagResource',
  input: structure({ resourceArn: ARN, tagKeys: listText(tagKey, { min: 1, max: 50 }) }),
  handle: ({ store }, { resourceArn, tagKeys }) =>
    store.execute((state) => {
      const before = state.tags(resourceArn);
      if (isApiError(before)) return refuse(before);
      const kept = Object.entries(before).filter(([key]) => !tagKeys.includes(key));
      return state.setTags(resourceArn, Object.fromEntries(kept));
    }),
});

export const listTagsForResource = connectOperation({
  name: 'ListTagsForResource',
  input: structure({ resourceArn: ARN }),
  handle: ({ store }, { resourceArn }) => {
    const tags = store.state.tags(resourceArn);
    return isApiError(tags) ? tags : { tags };
  },
});
