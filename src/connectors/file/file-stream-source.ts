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
  task: async (config) => {
    const { FileStreamSourceTask } = await import('./file-stream-source-task.ts');
    return new FileStreamSourceTask({
      file: config.file,
      topic: config.topic,
      batchSize: config['batch.size'],
    });
  },
});
