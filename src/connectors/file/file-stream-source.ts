import { intProperty, stringProperty } from '../kernel/config-property.ts';
import { sourceSpec } from '../kernel/connector-spec.ts';

export const fileStreamSource = sourceSpec({
  className: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  aliases: ['FileStreamSourceConnector', 'FileStreamSource'],
  doc: 'Sends each line of a file as a record, and goes on with lines that are appended.',
  properties: {
    file: stringProperty({
      importance: 'HIGH',
      doc: 'The file to read, with its whole path; it is waited for when it is not there.',
      check: (file) => (file === '' ? 'must name a file' : null),
    }),
    topic: stringProperty({
      importance: 'HIGH',
      doc: 'The topic that the lines go to.',
      check: (topic) => (topic === '' ? 'must name a topic' : null),
    }),
    'batch.size': intProperty({
      importance: 'LOW',
      doc: 'The most lines that are read at a time.',
      default: 2000,
      min: 1,
    }),
  },
  offsetProblem({ file }, { partition, offset }) {
    const { filename, ...more } = partition;
    if (filename !== file || Object.keys(more).length > 0)
      return `The connector reads one file: its partition is ${JSON.stringify({ filename: file })}.`;
    const { position, ...others } = offset;
    return Number.isSafeInteger(position) && Number(position) >= 0 && Object.keys(others).length === 0
      ? null
      : 'Its offset has position, a whole number of bytes that is not negative, and nothing else.';
  },
  task: async (config) => {
    const { FileStreamSourceTask } = await import('./file-stream-source-task.ts');
    return new FileStreamSourceTask({
      file: config.file,
      topic: config.topic,
      batchSize: config['batch.size'],
    });
  },
});
