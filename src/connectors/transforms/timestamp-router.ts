import { stringProperty } from '../kernel/config-property.ts';
import { simpleDateFormat, simpleDateProblem } from '../kernel/simple-date-format.ts';
import { DataError } from '../kernel/task-errors.ts';
import { partSpec, type TransformSpec } from '../kernel/transform.ts';

export const timestampRouter: TransformSpec = partSpec({
  className: 'org.apache.kafka.connect.transforms.TimestampRouter',
  doc: 'Makes the time of a record part of the name of its topic.',
  properties: {
    'topic.format': stringProperty({
      importance: 'HIGH',
      doc: 'The new name, in which ${topic} and ${timestamp} are the old one and the time.',
      default: '${topic}-${timestamp}',
    }),
    'timestamp.format': stringProperty({
      importance: 'HIGH',
      doc: 'How the time is written, in UTC: a pattern of java.text.SimpleDateFormat.',
      default: 'yyyyMMdd',
      check: simpleDateProblem,
    }),
  },
  make: (config, clock) => {
    const format = simpleDateFormat(config['timestamp.format'], clock);
    return {
      apply: (record) => {
        if (record.timestamp === null) throw new DataError(`Timestamp missing on record of ${record.topic}`);
        const time = format.format(record.timestamp);
        const topic = config['topic.format']
          .replaceAll('${topic}', () => record.topic)
          .replaceAll('${timestamp}', () => time);
        return { ...record, topic };
      },
    };
  },
});
