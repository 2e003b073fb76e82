import { stringProperty } from '../kernel/config-property.ts';
import { replaceFirst } from '../kernel/java-pattern.ts';
import { compiledRegex, regexProblem } from '../kernel/java-regex.ts';
import { partSpec, type TransformSpec } from '../kernel/transform.ts';

export const regexRouter: TransformSpec = partSpec({
  className: 'org.apache.kafka.connect.transforms.RegexRouter',
  doc: 'Gives records of topics with certain names another topic.',
  properties: {
    regex: stringProperty({
      importance: 'HIGH',
      doc: 'A regular expression of Java that the whole name of the topic matches.',
      check: regexProblem,
    }),
    replacement: stringProperty({
      importance: 'HIGH',
      doc: 'What becomes of it: $1 and ${name} are what groups matched.',
    }),
  },
  make: ({ regex, replacement }) => {
    const pattern = compiledRegex(regex);
    return {
      apply: (record) =>
        pattern.matches(record.topic)
          ? { ...record, topic: replaceFirst(pattern, record.topic, replacement) }
          : record,
    };
  },
});
