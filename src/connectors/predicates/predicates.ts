import { stringProperty } from '../kernel/config-property.ts';
import { compiledRegex, regexProblem } from '../kernel/java-regex.ts';
import { type PredicateSpec, partSpec } from '../kernel/transform.ts';

const notEmpty = (text: string) => (text === '' ? 'String must be non-empty' : null);

/** Every predicate that is built in. */
export const PREDICATES: readonly PredicateSpec[] = [
  partSpec({
    className: 'org.apache.kafka.connect.transforms.predicates.TopicNameMatches',
    doc: 'True of records of topics with certain names.',
    properties: {
      pattern: stringProperty({
        importance: 'MEDIUM',
        doc: 'A regular expression of Java that the whole name of the topic matches.',
        check: (text) => notEmpty(text) ?? regexProblem(text),
      }),
    },
    make: ({ pattern: text }) => {
      const pattern = compiledRegex(text);
      return { test: ({ topic }) => pattern.matches(topic) };
    },
  }),
  partSpec({
    className: 'org.apache.kafka.connect.transforms.predicates.HasHeaderKey',
    doc: 'True of records that have a header of a certain name.',
    properties: {
      name: stringProperty({ importance: 'MEDIUM', doc: 'The name of the header.', check: notEmpty }),
    },
    make: ({ name }) => ({ test: ({ headers }) => headers.some(({ key }) => key === name) }),
  }),
  partSpec({
    className: 'org.apache.kafka.connect.transforms.predicates.RecordIsTombstone',
    doc: 'True of records without a value.',
    properties: {},
    make: () => ({ test: ({ value }) => value === null }),
  }),
];
